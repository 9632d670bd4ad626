using System.Globalization;
using StreamRec.Import.Rows;
using StreamRec.Terminal;

namespace StreamRec.Import;

/// <summary>Shows how far an import is. What is told goes past it.</summary>
internal sealed class ImportProgress(ImportSource source, TimeProvider clock)
{
    private readonly ProgressLine _line = new(clock);

    /// <param name="rows">Read so far.</param>
    /// <param name="written">Events written so far.</param>
    public void Report(long rows, long written) =>
        _line.Report(elapsed =>
        {
            var share = source.Share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:P0}, ") : "";
            return written > 0
                ? string.Create(CultureInfo.InvariantCulture, $"writing: {written:N0} events of {rows:N0} rows")
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"reading: {share}{rows:N0} rows, {rows / elapsed.TotalSeconds:N0}/s"
                );
        });

    public void Tell(string message) => _line.Tell(message);

    public void Erase() => _line.Erase();
}
