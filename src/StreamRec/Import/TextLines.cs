namespace StreamRec.Import;

/// <summary>The lines of a text file, strictly UTF-8. Streams.</summary>
internal static class TextLines
{
    private static readonly System.Text.UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="StreamRecException">The file is not there, or cannot be opened.</exception>
    public static StreamReader Open(string path)
    {
        try
        {
            return new StreamReader(path, s_strict, detectEncodingFromByteOrderMarks: true, 1 << 16);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"'{path}' cannot be read: {fault.Message}", ExitCode.BadInput);
        }
    }

    /// <summary>Numbers lines from 1, and leaves out blank ones.</summary>
    public static IEnumerable<(long Number, string Text)> Read(string path)
    {
        using var reader = Open(path);
        for (long number = 1; Next(reader, path, number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return (number, line);
            }
        }
    }

    public static StreamRecException NotUtf8(string path, long line) => new(
        $"'{path}' is not UTF-8, at line {line} or soon after it. Convert it, for example with `iconv -f latin1 -t utf-8`.", ExitCode.BadInput);

    private static string? Next(StreamReader reader, string path, long number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (System.Text.DecoderFallbackException)
        {
            throw NotUtf8(path, number);
        }
    }
}
