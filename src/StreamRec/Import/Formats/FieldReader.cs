using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>
/// Rows of fields with a separator between, as bytes; where there are quotes, as RFC 4180 has them. A quote that stands
/// where none may, or is never closed, is a character like others, so that it costs no more than its own row: the lines
/// after it are read as rows of their own.
/// </summary>
/// <param name="separator">One character or several, none of them a quote or a line's end.</param>
/// <param name="quoted">Whether quotes enclose fields; else they are characters like others.</param>
internal sealed class FieldReader(LineBuffer lines, ReadOnlyMemory<byte> separator, bool quoted)
{
    private const byte Quote = (byte)'"';

    private readonly List<Field> _fields = [];

    /// <summary>The line that the row begins on.</summary>
    public long Line => lines.Number;

    public int Count => _fields.Count;

    /// <summary>
    /// Fields that rows should have: tells a field of several lines from a quote that is never closed. 0: not known
    /// yet.
    /// </summary>
    public int Width { get; set; }

    /// <summary>
    /// The column of times and what a time is: a line inside a quoted field that has one there is a row of its own.
    /// </summary>
    public (int Column, Func<ReadOnlySpan<byte>, bool> IsTime)? Time { get; set; }

    /// <summary>How many lines the row runs over.</summary>
    public long Lines => lines.Lines;

    /// <summary>A quote stood where none may: fields were told apart as if it were none.</summary>
    public bool HasStrayQuote { get; private set; }

    /// <summary>The line is longer than rows may be, and nothing of it was read.</summary>
    public bool IsTooLong => lines.IsTooLong;

    /// <summary>A field's bytes; doubled quotes are still doubled.</summary>
    public ReadOnlySpan<byte> this[int field] => lines.Record.Slice(_fields[field].Start, _fields[field].Length);

    /// <summary>Whether quotes in the field stand twice for each.</summary>
    public bool HasDoubledQuotes(int field) => _fields[field].Doubled;

    /// <summary>Goes on to the next row; blank lines are passed over.</summary>
    public bool Next()
    {
        do
        {
            if (!lines.Next())
            {
                return false;
            }
        } while (!lines.IsTooLong && lines.Record.Trim(" \t"u8).IsEmpty);
        HasStrayQuote = false;
        Split();
        return true;
    }

    /// <summary>The row is the next one once more.</summary>
    public void Again() => lines.Again();

    private void Split()
    {
        if (!quoted || !lines.Record.Contains(Quote))
        {
            SplitPlain(lines.Record);
        }
        else if (!SplitQuoted(strict: true) || (lines.Lines > 1 && Width > 0 && (_fields.Count != Width || HidesRow())))
        {
            lines.BackToFirstLine();
            HasStrayQuote = true;
            SplitQuoted(strict: false);
        }
    }

    private void SplitPlain(ReadOnlySpan<byte> record)
    {
        _fields.Clear();
        var between = separator.Span;
        var start = 0;
        for (int length; (length = record[start..].IndexOf(between)) >= 0; start += length + between.Length)
        {
            _fields.Add(new(start, length, false));
        }
        _fields.Add(new(start, record.Length - start, false));
    }

    /// <param name="strict">Quotes may enclose line ends, and must stand where they may; else false is the
    /// answer.</param>
    private bool SplitQuoted(bool strict)
    {
        _fields.Clear();
        var between = separator.Span;
        var start = 0;
        while (true)
        {
            var next = start;
            if (start < lines.Record.Length && lines.Record[start] == Quote && Enclosed(start, strict) is { } field)
            {
                _fields.Add(field);
                next = field.Start + field.Length + 1;
            }
            else if (strict && start < lines.Record.Length && lines.Record[start] == Quote)
            {
                return false;
            }
            else
            {
                var length = lines.Record[start..].IndexOf(between);
                next = length < 0 ? lines.Record.Length : start + length;
                _fields.Add(new(start, next - start, false));
            }
            if (next == lines.Record.Length)
            {
                return true;
            }
            start = next + between.Length;
        }
    }

    /// <summary>
    /// The field between the quote at the start and the one that closes it; null if none does, or other text follows
    /// it.
    /// </summary>
    private Field? Enclosed(int start, bool strict)
    {
        var doubled = false;
        var from = start + 1;
        while (true)
        {
            var length = lines.Record[from..].IndexOf(Quote);
            if (length < 0)
            {
                from = lines.Record.Length;
                if (!strict || !lines.Extend())
                {
                    return null;
                }
                continue;
            }
            var at = from + length;
            var rest = lines.Record[(at + 1)..];
            if (rest.IsEmpty || rest.StartsWith(separator.Span))
            {
                return new(start + 1, at - start - 1, doubled);
            }
            if (rest[0] != Quote)
            {
                return null;
            }
            doubled = true;
            from = at + 2;
        }
    }

    /// <summary>Whether a line that a field runs over is a row by itself: a quote is missing then.</summary>
    private bool HidesRow()
    {
        if (Time is not { } known)
        {
            return false;
        }
        var (time, isTime) = known;
        var record = lines.Record;
        // The last line ends as the whole row does, whatever it begins with: there a time behind the field tells
        // nothing.
        var tells =
            time < _fields.FindIndex(field => lines.Record.Slice(field.Start, field.Length).ContainsAny("\r\n"u8));
        var at = record.IndexOfAny("\r\n"u8) + 1;
        while (true)
        {
            var length = record[at..].IndexOfAny("\r\n"u8);
            var line = length < 0 ? record[at..] : record.Slice(at, length);
            if ((length >= 0 || tells) && PlainField(line, time, out var text) == Width && isTime(text))
            {
                return true;
            }
            if (length < 0)
            {
                return false;
            }
            at += length + 1;
        }
    }

    /// <summary>A field of a line without regard to quotes; how many fields there are is the answer.</summary>
    private int PlainField(ReadOnlySpan<byte> line, int index, out ReadOnlySpan<byte> field)
    {
        field = default;
        for (var count = 0; ; count++)
        {
            var length = line.IndexOf(separator.Span);
            if (count == index)
            {
                field = length < 0 ? line : line[..length];
            }
            if (length < 0)
            {
                return count + 1;
            }
            line = line[(length + separator.Length)..];
        }
    }

    private readonly record struct Field(int Start, int Length, bool Doubled);
}
