using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>CSV and TSV by named columns, quoted as RFC 4180 says. Streams.</summary>
internal static class Table
{
    /// <summary>A quote that is never closed must not swallow the file.</summary>
    private const int MaxFieldChars = 1 << 20;

    public static IEnumerable<ImportRow> Read(string path, TableOptions options)
    {
        using var text = TextLines.Open(path);
        var badQuotes = false;
        using var parser = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = options.Delimiter.ToString(),
            Mode = CsvMode.RFC4180,
            BadDataFound = _ => badQuotes = true,
            MaxFieldSize = MaxFieldChars,
        });
        Columns? columns = null;
        var width = 0;
        long count = 0;
        for (long line = 1; Next(parser, path, line); line = parser.RawRow + 1)
        {
            var fields = parser.Record!;
            if (columns is null)
            {
                columns = Columns.Find(path, fields, options);
                width = fields.Length;
                if (options.Header)
                {
                    continue;
                }
            }
            if (badQuotes)
            {
                badQuotes = false;
                yield return ImportRow.Bad(line, "a quote stands inside a field that is not quoted");
                continue;
            }
            if (fields.Length != width)
            {
                yield return ImportRow.Bad(line, $"{fields.Length} fields, not {width}");
                continue;
            }
            var row = Row(line, fields, columns, options, count);
            count += row.Problem is null ? 1 : 0;
            yield return row;
        }
    }

    private static ImportRow Row(long line, string[] fields, Columns columns, TableOptions options, long count)
    {
        var ms = MadeUp.Time(count);
        if (columns.Time is { } time && !TimeText.TryParse(fields[time], options.Unit, out ms))
        {
            return ImportRow.Bad(line, $"'{fields[time]}' is no time");
        }
        if (columns.Event is { } id && fields[id].Length == 0)
        {
            return ImportRow.Bad(line, "the event's id is empty");
        }
        return new ImportRow(line, new ClickEvent(
            columns.Event is { } ids ? fields[ids] : "", fields[columns.User], fields[columns.Item],
            columns.Type is { } type ? fields[type] : EventTypes.Click, ms,
            columns.Session is { } session && fields[session].Length > 0 ? fields[session] : null));
    }

    private static bool Next(CsvParser parser, string path, long line)
    {
        try
        {
            return parser.Read();
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw TextLines.NotUtf8(path, line);
        }
        catch (MaxFieldSizeException)
        {
            throw new StreamRecException(
                $"'{path}': a field that begins at line {line} is longer than {MaxFieldChars} characters. Is a quote not closed?", ExitCode.BadInput);
        }
    }

    private sealed record Columns(int User, int Item, int? Time, int? Type, int? Event, int? Session)
    {
        public static Columns Find(string path, string[] first, TableOptions options)
        {
            int Required(string option, string name) => Index(option, name) is { } found ? found : throw new StreamRecException(
                $"{option} is '{name}', which '{path}' does not have. Its first line has: {string.Join(", ", first.Select((field, i) => options.Header ? field : $"{i + 1} ({field})"))}.",
                ExitCode.Usage);
            int? Index(string option, string name) =>
                options.Header ? Array.IndexOf(first, name) is var at and >= 0 ? at : null
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= first.Length ? number - 1
                : null;
            int? Optional(string option, string? name) => name is null ? null : Required(option, name);
            return new(
                Required("--user", options.User), Required("--item", options.Item), Optional("--time", options.Time),
                Optional("--type", options.Type), Optional("--event", options.Event), Optional("--session", options.Session));
        }
    }
}
