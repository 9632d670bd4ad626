using StreamRec.Files;

namespace StreamRec.Import.Rows;

/// <summary>The file of an import: opened once, its first line looked at before it is read.</summary>
internal sealed class ImportSource : IDisposable
{
    private readonly InputFile _file;

    /// <exception cref="StreamRecException">It cannot be read, is empty, or is no text.</exception>
    public ImportSource(string path, CancellationToken cancel)
    {
        _file = InputFile.Open(path, cancel);
        Lines = new LineBuffer(_file.Stream);
        FirstLine = First();
    }

    public string Name => _file.Name;

    public LineBuffer Lines { get; }

    /// <summary>The first line that is not blank. Bytes that are not UTF-8 stand as U+FFFD.</summary>
    public string FirstLine { get; private set; }

    /// <summary>How much has been read, 0–1; null where nobody knows how much there is.</summary>
    public double? Share => _file.Share;

    /// <summary>The line after the first becomes the first.</summary>
    public void PassFirstLine()
    {
        Lines.Next();
        FirstLine = First();
    }

    /// <summary>A fault of the whole file.</summary>
    public StreamRecException Fault(string what) => new($"'{Name}' {what}", FaultKind.Input);

    public StreamRecException NotUtf8(long line) =>
        Fault($"is not UTF-8 at line {line}. Convert it, for example with `iconv -f latin1 -t utf-8`.");

    public void Dispose() => _file.Dispose();

    private string First()
    {
        do
        {
            if (!Lines.Next())
            {
                Dispose();
                throw new StreamRecException($"'{Name}' is empty.", FaultKind.Input);
            }
        } while (Lines.Record.Trim(" \t"u8).IsEmpty && !Lines.IsTooLong);
        Lines.Again();
        return System.Text.Encoding.UTF8.GetString(Lines.Record);
    }
}
