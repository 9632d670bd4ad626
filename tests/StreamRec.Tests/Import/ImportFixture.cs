using StreamRec.Events;
using StreamRec.Import;
using StreamRec.Import.Formats;
using StreamRec.Import.Rows;

namespace StreamRec.Tests.Import;

/// <summary>Imports of small files into memory, and what was told of them.</summary>
public sealed class ImportFixture : IDisposable
{
    /// <summary>2025-11-01T12:00:00Z.</summary>
    public const long NowMs = 1_761_998_400_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-import-");

    public List<string> Told { get; } = [];

    internal ImportResult Result { get; private set; } = null!;

    public void Dispose() => _directory.Delete(recursive: true);

    public string Path(string name) => System.IO.Path.Combine(_directory.FullName, name);

    public string Write(string text, string name = "some.data") =>
        Write(System.Text.Encoding.UTF8.GetBytes(text), name);

    public string Write(byte[] bytes, string name = "some.data")
    {
        File.WriteAllBytes(Path(name), bytes);
        return Path(name);
    }

    public List<ClickEvent> Format(string format, string text, long? startMs = null) =>
        Read(Write(text), (source, _) => ImportFormat.All.Single(known => known.Name == format).Read(source, startMs));

    internal List<ClickEvent> Csv(string text, TableOptions options, string? separator = null) =>
        Csv(Write(text), separator, options);

    internal List<ClickEvent> Csv(string path, string? separator, TableOptions options) =>
        Read(path, (source, tell) => TableFile.Read(source, TableFile.Csv, separator, options, tell));

    internal List<ClickEvent> Tsv(string text, TableOptions options) =>
        Read(Write(text), (source, tell) => TableFile.Read(source, TableFile.Tsv, null, options, tell));

    internal List<ClickEvent> Read(string path, Func<ImportSource, Action<string>, ImportRows> read)
    {
        using var output = new MemoryStream();
        using var order = new TimeOrder();
        using var source = new ImportSource(path, default);
        Result = new ImportRun("FILE", Told.Add, (_, _) => { }, default).Run(
            read(source, Told.Add),
            output,
            "out",
            order,
            NowMs
        );
        var lines = EventLines.Read(new MemoryStream(output.ToArray())).ToList();
        Assert.All(lines, line => Assert.True(line.Event is not null, line.Error.ToString()));
        Assert.Equal(Result.Events, lines.Count);
        return [.. lines.Select(line => line.Event!.Value)];
    }

    /// <summary>Events without their ids, which tests of ids look at.</summary>
    public static IEnumerable<string> Texts(IEnumerable<ClickEvent> events) =>
        events.Select(e =>
            $"{e.UserId} {e.ItemId} {e.Type} "
            + $"{e.TimeMs}{(e.SessionId == null || e.SessionId == e.UserId ? "" : " " + e.SessionId)}"
        );
}
