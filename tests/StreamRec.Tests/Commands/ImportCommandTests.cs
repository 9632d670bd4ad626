using System.Diagnostics;
using System.Text.Json.Nodes;
using StreamRec.Testing.Servers;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Commands;

/// <summary>`import` as a process: its streams, its JSON, and what it leaves when it is interrupted.</summary>
public sealed class ImportCommandTests : IDisposable
{
    private const int Interrupt = 2;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-import-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_result_is_one_json_object()
    {
        var output = Path.Combine(_directory.FullName, "o.jsonl");
        var table = Path.Combine(_directory.FullName, "a.csv");
        await File.WriteAllTextAsync(table, "u;i;t\n1;a;02.01.2020 04:04:05\nNA;b;02.01.2020 04:04:05\n");

        var (code, json, error) = await StreamRecProcess.RunAsync(
            "import",
            "csv",
            table,
            "--user",
            "u",
            "--item",
            "i",
            "--time",
            "t",
            "--time-pattern",
            "dd.MM.yyyy HH:mm:ss",
            "--zone",
            "Europe/Berlin",
            "--output",
            output,
            "--json"
        );

        Assert.True(code == 0, error);
        Assert.True(ContractFiles.IsValid("cli/import.schema.json", json), json);
        var result = JsonNode.Parse(json)!;
        Assert.Equal(
            (output, 1, 1, 1_577_934_245_000, 1),
            (
                (string?)result["output"],
                (int)result["events"]!,
                (int)result["users"]!,
                (long)result["first_ts"]!,
                (int)result["bad"]!["user"]!
            )
        );
        Assert.Contains("\"ts\":1577934245000", await File.ReadAllTextAsync(output));
    }

    [Fact]
    public async Task An_interrupted_import_leaves_nothing()
    {
        using var import = Start(
            "import",
            "csv",
            "-",
            "--user",
            "u",
            "--item",
            "i",
            "--output",
            Path.Combine(_directory.FullName, "o.jsonl")
        );
        // More than pipe and buffers hold: when it is taken, the output has been begun.
        await import.StandardInput.WriteAsync("u,i\n" + string.Concat(Enumerable.Repeat("1,2\n", 500_000)));
        Assert.NotEmpty(_directory.EnumerateFiles());

        Signals.Send(import.Id, Interrupt);

        await import.WaitForExitAsync();
        Assert.Empty(_directory.EnumerateFiles());
    }

    [Fact]
    public async Task Events_can_be_piped_through()
    {
        using var import = Start("import", "sequences", "-", "--output", "-");
        await import.StandardInput.WriteAsync("a b\n");
        import.StandardInput.Close();

        var lines = (await import.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["a", "b"], lines.Select(line => (string?)JsonNode.Parse(line)!["item_id"]));
        Assert.Contains("2 events", await import.StandardError.ReadToEndAsync());
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "streamrec.dll"), .. arguments]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }
}
