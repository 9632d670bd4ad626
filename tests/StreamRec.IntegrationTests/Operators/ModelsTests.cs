using System.Text.Json.Nodes;
using StreamRec.Commands;
using StreamRec.Models;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Operators;

/// <summary>`streamrec models` beside real workers under traffic, on a real Redis.</summary>
[Collection(nameof(Servers))]
public sealed class ModelsTests(Servers servers) : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-models-");

    public void Dispose() => _directory.Delete(recursive: true);

    [ServerTheory]
    [InlineData("directory")]
    [InlineData("redis:")]
    public async Task Workers_go_over_to_what_is_promoted_and_back_and_mix_nothing(string kind)
    {
        var bundle = await SmallBundle.PathAsync();
        var half = BundleVariants.Half(bundle, _directory.FullName);
        await using var stage = new Stage(servers.Kafka, servers.Redis, bundle, "models");
        await stage.OpenAsync([]);
        stage.Models = new ModelLists(bundle, half);
        stage.Settings = stage.Settings with
        {
            Registry = kind == "directory" ? At("registry") : kind,
            Environment = new Dictionary<string, string>(stage.Settings.Environment)
            {
                ["STREAMREC__REGISTRYCACHE"] = At("cache"),
            },
        };
        Task<JsonNode> Run(params string[] arguments) => RunAsync(stage, arguments);
        var (one, two) = ((string)(await Run("push", bundle))["digest"]!, (string)(await Run("push", half))["digest"]!);
        Assert.False((bool)(await Run("push", half))["new"]!);
        Assert.Equal(0, (int)(await Run("promote", one[..8], "--why", "first"))["workers"]!);
        await stage.StartedAsync();
        await stage.StartedAsync();

        using var over = new CancellationTokenSource();
        var traffic = stage.Traffic.SendAsync(int.MaxValue, 300, over.Token);
        await stage.WorkingAsync(300);
        var refused = await Streamrec.RunAsync(Line(stage, "promote", two), expected: (int)ExitCode.BadInput);
        Assert.Contains("not ready", refused);
        Assert.Equal(
            2,
            (await Run("stage", two))["workers"]!.AsArray().Count(worker => (string?)worker!["state"] == "ready")
        );
        var promoted = await Run("promote", two, "--why", "half of it");
        Assert.Equal((2, Stage.Partitions), ((int)promoted["workers"]!, (int)promoted["sealed"]!));
        await stage.WorkingAsync(stage.Traffic.Sent + 300);
        var lists = await Run("list");
        Assert.Equal(two, (string?)lists["live"]!["digest"]);
        Assert.All(lists["workers"]!.AsArray(), worker => Assert.Equal(two, (string?)worker!["digest"]));
        Assert.Equal(
            "previous",
            (string?)lists["bundles"]!.AsArray().Single(b => (string?)b!["digest"] == one)!["role"]
        );

        // Past `push`, as by another version: whoever loads it says what is wrong with it.
        if (kind == "directory")
        {
            await RefusedAsync(stage, half);
        }
        var back = await Run("rollback");
        Assert.Equal((one, 2), ((string?)back["digest"], (int)back["workers"]!));
        await stage.WorkingAsync(stage.Traffic.Sent + 300);
        await over.CancelAsync();
        await traffic;
        await stage.SettledAsync();
        var gc = await Run("gc", "--keep", "0", "--yes");
        Assert.Empty(gc["deleted"]!.AsArray());
        await stage.StopAllAsync();
        stage.Models.Take(await ListsAsync(stage), 0, new Verdict());
        var verdict = await stage.JudgeAsync();
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
    }

    private async Task RefusedAsync(Stage stage, string bundle)
    {
        var broken = Directory.CreateDirectory(At("broken")).FullName;
        foreach (var file in Directory.EnumerateFiles(bundle))
        {
            File.Copy(file, Path.Combine(broken, Path.GetFileName(file)));
        }
        var manifest = Path.Combine(broken, BundleFiles.Manifest);
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("-half", "-broken", StringComparison.Ordinal));
        File.AppendAllText(Path.Combine(broken, BundleFiles.Items), "\"one more\"\n");
        Assert.Contains(
            "SHA-256",
            await Streamrec.RunAsync(Line(stage, "push", broken), expected: (int)ExitCode.BadInput)
        );
        var digest = Registry.Stores.BundleDigest.Of(File.ReadAllBytes(manifest));
        Directory.Move(broken, Path.Combine(At("registry"), "sha256", digest));
        var said = await Streamrec.RunAsync(Line(stage, "stage", digest), expected: (int)ExitCode.BadInput);
        Assert.Equal(2, said.Split("refused it: ").Length - 1);
        Assert.Contains("items.jsonl", said);
        await Streamrec.RunAsync(Line(stage, "promote", digest), expected: (int)ExitCode.BadInput);
    }

    private static async Task<List<KeyValuePair<string, string>>> ListsAsync(Stage stage)
    {
        var found = new List<KeyValuePair<string, string>>();
        var prefix = $"{stage.Name}:list:";
        var server = stage.Database.Multiplexer.GetServers().Single();
        await foreach (var key in server.KeysAsync(pattern: $"{prefix}*"))
        {
            found.Add(new($"{key}"[prefix.Length..], (string)(await stage.Database.StringGetAsync(key))!));
        }
        return found;
    }

    private static async Task<JsonNode> RunAsync(Stage stage, params string[] arguments)
    {
        var output = await Streamrec.RunAsync([.. Line(stage, arguments), "--json"]);
        return JsonNode.Parse(output.Trim().Split('\n').Last(line => line.StartsWith('{')))!;
    }

    private static IEnumerable<string> Line(Stage stage, params string[] arguments) =>
        [
            "models",
            .. arguments,
            "--registry",
            stage.Settings.Registry!,
            "--redis",
            stage.Settings.Redis,
            "--prefix",
            stage.Settings.Prefix,
            "--topic",
            stage.Settings.Topic,
        ];

    private string At(string name) => Path.Combine(_directory.FullName, name);
}
