using StreamRec.Events;
using StreamRec.Import.Rows;
using StreamRec.Import.Times;

namespace StreamRec.Import.Formats;

/// <summary>Rows of fields → events, by columns. Streams.</summary>
internal sealed class Table
{
    private static readonly System.Text.UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly ImportSource _source;
    private readonly TableOptions _options;
    private readonly FieldReader _fields;
    private readonly TableColumns _columns;
    private readonly TimeReader _times;
    private long _count,
        _spaced,
        _enclosed,
        _strays,
        _strayAt,
        _longest,
        _longestAt;

    private Table(ImportSource source, TableOptions options)
    {
        (_source, _options, _times) = (source, options, new TimeReader(options.Times));
        _fields = new FieldReader(source.Lines, System.Text.Encoding.ASCII.GetBytes(options.Separator), options.Quoted);
        _fields.Next();
        if (_fields.IsTooLong)
        {
            throw source.Fault($"has a first line of more than {LineBuffer.MostBytes} bytes: it is no table.");
        }
        string[] first = [.. Enumerable.Range(0, _fields.Count).Select(i => Lenient(_fields[i]))];
        _columns = TableColumns.Find(source, first, options);
        _fields.Width = _fields.Count;
        if (!options.Header && !options.SkipHeader)
        {
            _fields.Again();
        }
        else if (_fields.Lines > 1)
        {
            (_longest, _longestAt) = (_fields.Lines, _fields.Line);
        }
        if (_columns.Time is { } time)
        {
            var judge = new TimeReader(options.Times);
            _fields.Time = (time, text => judge.TryRead(text, out _, out _));
        }
    }

    /// <exception cref="StreamRecException">A column is not there.</exception>
    public static ImportRows Read(ImportSource source, TableOptions options)
    {
        var table = new Table(source, options);
        return new ImportRows(table.Rows(), TimesMadeUp: options.Time is null) { Notes = table.Notes };
    }

    private static string Lenient(ReadOnlySpan<byte> field) =>
        System.Text.Encoding.UTF8.GetString(field).Replace("\"\"", "\"", StringComparison.Ordinal);

    private IEnumerable<ImportRow> Rows()
    {
        while (_fields.Next())
        {
            yield return Row();
        }
    }

    private ImportRow Row()
    {
        if (_fields.IsTooLong)
        {
            return Bad(BadRow.Fields, $"the line has more than {LineBuffer.MostBytes} bytes");
        }
        if (_fields.Count != _fields.Width)
        {
            return Bad(
                BadRow.Fields,
                $"{_fields.Count} fields, not {_fields.Width}"
                    + (_fields.HasStrayQuote ? "; a quote stands where none may, or is not closed" : "")
            );
        }
        if (_fields.HasStrayQuote)
        {
            _strayAt = _strays++ == 0 ? _fields.Line : _strayAt;
        }
        if (_fields.Lines > _longest && _fields.Lines > 1)
        {
            (_longest, _longestAt) = (_fields.Lines, _fields.Line);
        }
        if (Id(_columns.User, out var user) is { } noUser)
        {
            return Bad(BadRow.User, $"the user {noUser}");
        }
        if (Id(_columns.Item, out var item) is { } noItem)
        {
            return Bad(BadRow.Item, $"the item {noItem}");
        }
        var ms = MadeUp.Time(_options.Times.StartMs, _count);
        if (_columns.Time is { } time && !_times.TryRead(_fields[time], out ms, out var problem))
        {
            return Bad(BadRow.Time, problem);
        }
        var id = "";
        if (_columns.Event is { } column && Id(column, out id) is { } noId)
        {
            return Bad(BadRow.Rule, $"the event's id {noId}");
        }
        _count++;
        return new ImportRow(
            _fields.Line,
            new ClickEvent(
                id,
                user,
                item,
                Optional(_columns.Type) ?? _options.DefaultType,
                ms,
                Optional(_columns.Session),
                Segments: Segments()
            )
        );
    }

    /// <summary>What an id lacks, to follow what it is of; null if nothing.</summary>
    private string? Id(int column, out string text)
    {
        text = Text(column);
        if (text.Length == 0)
        {
            return "is empty";
        }
        if (_options.Nulls.Contains(text))
        {
            return $"is '{Excerpt.Of(text)}', which stands for none (see --null)";
        }
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return $"'{Excerpt.Of(text)}' holds a NUL character";
        }
        if (_options.Digits && text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return $"'{Excerpt.Of(text)}' is no number";
        }
        _enclosed += !_options.Quoted && text.Length > 1 && text[0] == '"' && text[^1] == '"' ? 1 : 0;
        _spaced += text[0] == ' ' || text[^1] == ' ' ? 1 : 0;
        return null;
    }

    private List<string>? Segments()
    {
        List<string>? segments = null;
        for (var at = 0; at < _columns.Segments.Count; at++)
        {
            if (Optional(_columns.Segments[at]) is { } value)
            {
                (segments ??= []).Add(_options.Segments[at].Of(value));
            }
        }
        return segments;
    }

    private string? Optional(int? column) =>
        column is { } there && Text(there) is { Length: > 0 } text && !_options.Nulls.Contains(text) ? text : null;

    private string Text(int column)
    {
        var field = _fields[column];
        field = _options.Trim ? field.Trim((byte)' ') : field;
        try
        {
            var text = s_strict.GetString(field);
            return _fields.HasDoubledQuotes(column) ? text.Replace("\"\"", "\"", StringComparison.Ordinal) : text;
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw _source.NotUtf8(_fields.Line);
        }
    }

    private ImportRow Bad(BadRow lacks, string problem) => ImportRow.Bad(_fields.Line, lacks, problem);

    private IEnumerable<string> Notes()
    {
        if (_spaced > 0)
        {
            yield return $"{_spaced} ids of users, items or events have spaces around them, which are part of them; "
                + "--trim cuts them off.";
        }
        if (_enclosed > 0)
        {
            yield return $"{_enclosed} ids of users, items or events stand in quotes, which are part of them here; "
                + "csv with --separator tab takes them off.";
        }
        if (_strays > 0)
        {
            yield return $"{_strays} rows, the first at line {_strayAt}, hold a quote that is not closed, or not "
                + "followed by a separator; "
                + "it was taken as a character like others.";
        }
        if (_longest > 1 && _columns.Time is null)
        {
            yield return $"the row at line {_longestAt} runs over {_longest} lines, as quotes allow. If one of them "
                + "is not meant, rows are lost in it.";
        }
        if (_times.Twice > 0)
        {
            yield return $"{_times.Twice} times are of an hour that clocks of {_options.Times.Zone!.Name} show "
                + "twice; the first was taken.";
        }
        if (_options.Times.Zone is { } zone && !_times.UsedZone)
        {
            yield return $"no time needed --zone {zone.Name}: numbers, and dates with an offset of their own, do not.";
        }
    }
}
