using System.Text.Json;
using StreamRec.Tests.Commands;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Comparisons;

/// <summary>`streamrec compare` as it is typed.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-compare-").FullName;

    public CompareCommandTests()
    {
        // Each user goes round the items a, b and c: the last one says the next.
        var lines =
            from user in Enumerable.Range(0, 30)
            from at in Enumerable.Range(0, 5)
            let item = "abc"[(user + at) % 3]
            let time = 1767225600000 + (at * 1000) + user
            select JsonSerializer.Serialize(
                new
                {
                    event_id = $"{user}-{at}",
                    user_id = $"u{user}",
                    item_id = $"{item}",
                    type = "v",
                    ts = time,
                }
            );
        File.WriteAllLines(Path.Combine(_directory, "events.jsonl"), lines);
        MeanBundle.Write(Path.Combine(_directory, "first"));
        MeanBundle.Write(Path.Combine(_directory, "second"));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("leave-one-out", "markov")]
    [InlineData("time", "markov")]
    [InlineData("session", "markov")]
    public async Task Without_a_model_all_are_compared_with_the_best(string split, string best)
    {
        using var json = await CompareAsync("--filter-seen", "false", "--split", split, "--svg", "figures.svg");
        var root = json.RootElement;
        var rankers = root.GetProperty("rankers").EnumerateArray().ToArray();
        var others = rankers.Where(one => one.TryGetProperty("above_reference_ci95", out _)).ToArray();

        Assert.Equal(
            ["popularity", "popularity-decayed", "markov", "transitions", "item-to-item", "ease", "ease-decayed"],
            rankers.Select(one => one.GetProperty("name").GetString()).Take(7)
        );
        Assert.Equal(best, root.GetProperty("reference").GetString());
        Assert.Equal(1, Named(rankers, best).GetProperty("ndcg@10").GetDouble());
        Assert.Equal(rankers.Length - 1, others.Length);
        Assert.Equal("content", root.GetProperty("left_out")[0].GetProperty("name").GetString());
        var popularity = Named(rankers, "popularity");
        var above = popularity.GetProperty("above_reference_ci95").GetProperty("ndcg@10");
        Assert.Equal(
            popularity.GetProperty("ndcg@10").GetDouble() - 1,
            (above[0].GetDouble() + above[1].GetDouble()) / 2,
            1e-9
        );
        Assert.True(above[1].GetDouble() < 0);
        Assert.Contains(">vsknn</text>", await File.ReadAllTextAsync(Path.Combine(_directory, "figures.svg")));
    }

    [Fact]
    public async Task Models_stand_first_by_their_names_and_are_compared_with()
    {
        using var json = await CompareAsync(
            "--model",
            "first",
            "--model",
            "second",
            "--kinds",
            "markov,transitions",
            "--filter-seen",
            "false"
        );
        var root = json.RootElement;

        Assert.Equal(
            ["first", "second", "markov", "transitions"],
            root.GetProperty("rankers").EnumerateArray().Select(one => one.GetProperty("name").GetString())
        );
        Assert.Equal("first", root.GetProperty("reference").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("models")[0].GetProperty("held_out").ValueKind);
        Assert.Contains(
            root.GetProperty("notes").EnumerateArray(),
            note => note.GetString()!.StartsWith("first: it is not known whether", StringComparison.Ordinal)
        );
        var above = root.GetProperty("rankers")[1].GetProperty("above_reference_ci95").GetProperty("ndcg@10");
        Assert.Equal((0, 0), (above[0].GetDouble(), above[1].GetDouble()));
    }

    [Fact]
    public async Task Questions_may_come_from_a_file()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "questions.txt"), "a b\tc\nb\tc\nb nowhere\tnowhere\n");

        using var json = await CompareAsync(
            "--prefixes",
            "questions.txt",
            "--kinds",
            "markov",
            "--filter-seen",
            "false"
        );

        var ranker = json.RootElement.GetProperty("rankers")[0];
        Assert.Equal(2 / 3.0, ranker.GetProperty("ndcg@10").GetDouble(), 1e-9);
        Assert.Equal(1, json.RootElement.GetProperty("protocol").GetProperty("unknown_targets").GetInt32());
    }

    [Fact]
    public async Task People_get_a_table()
    {
        var (code, output, error) = await StreamRecProcess.RunAsync(
            _directory,
            new Dictionary<string, string>(),
            "compare",
            "--events",
            "events.jsonl",
            "--kinds",
            "popularity,markov"
        );

        Assert.True(code == 0, error);
        Assert.Matches(@"markov +│( \d\.\d{4} +│){6}", output);
    }

    [Theory]
    [InlineData(2, "--kinds markow", "--kinds: 'markow' is none of popularity,")]
    [InlineData(2, "--kinds content", "content: it ranks by categories: give --items FILE")]
    [InlineData(2, "--split time --prefixes questions.txt", "either --split or --prefixes")]
    [InlineData(2, "--kept -1", "--kept is -1")]
    [InlineData(2, "--svg /nowhere/figures.svg", "--svg '/nowhere/figures.svg' cannot be written")]
    [InlineData(3, "--prefixes nowhere.txt", "nowhere.txt")]
    [InlineData(3, "--types cart", "of the types cart; there are v")]
    [InlineData(3, "--model nowhere", "nowhere")]
    public async Task What_is_wrong_is_named(int exitCode, string options, string named)
    {
        var (code, _, error) = await StreamRecProcess.RunAsync(
            _directory,
            new Dictionary<string, string>(),
            ["compare", "--events", "events.jsonl", .. options.Split(' ')]
        );

        Assert.Equal(exitCode, code);
        Assert.Contains(named, error);
    }

    private static JsonElement Named(JsonElement[] rankers, string name) =>
        rankers.Single(one => one.GetProperty("name").GetString() == name);

    private async Task<JsonDocument> CompareAsync(params string[] options)
    {
        var (code, output, error) = await StreamRecProcess.RunAsync(
            _directory,
            new Dictionary<string, string>(),
            ["compare", "--events", "events.jsonl", "--json", .. options]
        );
        Assert.True(code == 0, error);
        Assert.True(ContractFiles.IsValid("cli/compare.schema.json", output), output);
        return JsonDocument.Parse(output);
    }
}
