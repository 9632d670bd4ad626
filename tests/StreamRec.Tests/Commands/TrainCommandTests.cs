using System.Text.Json;
using StreamRec.Commands;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Commands;

/// <summary>`train` as a user has it: what it says where data are few, and that the machine does not matter.</summary>
public sealed class TrainCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-train-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_number_of_processors_does_not_change_the_bundle()
    {
        string events = Write(Enumerable.Range(0, 400).Select(at => (User: at % 20, Item: (at * 7) % 31, Time: at)));
        var models = new List<string?>();
        foreach (int processors in (int[])[1, 3])
        {
            var (exitCode, output, error) = await StreamRecProcess.RunAsync(
                null,
                new Dictionary<string, string> { ["DOTNET_PROCESSOR_COUNT"] = $"{processors}" },
                "train",
                "--events",
                events,
                "--bundle",
                Path.Combine(_directory.FullName, $"b{processors}"),
                "--epochs",
                "2",
                "--dimension",
                "16",
                "--json"
            );
            Assert.True(exitCode == 0, error);
            Assert.True(ContractFiles.IsValid("cli/train.schema.json", output), output);
            models.Add(JsonDocument.Parse(output).RootElement.GetProperty("model_id").GetString());
        }
        Assert.Equal(models[0], models[1]);
    }

    /// <summary>Of data in which nothing follows from anything, and in which an item follows from the last.</summary>
    [Theory]
    [InlineData(false, "does not have it")]
    [InlineData(true, "the bundle has it")]
    public async Task A_re_ranker_is_in_the_bundle_where_it_pays(bool follows, string told)
    {
        var random = new Random(3);
        int[] next = [.. Enumerable.Range(0, 60)];
        random.Shuffle(next);
        string events = Write(
            Enumerable
                .Range(0, 300)
                .SelectMany(user =>
                {
                    int item = random.Next(60);
                    return Enumerable
                        .Range(0, 8)
                        .Select(at => (user, item = follows ? next[item] : random.Next(60), at));
                })
        );
        string config = Path.Combine(_directory.FullName, "config.json"),
            bundle = Path.Combine(_directory.FullName, "b");
        File.WriteAllText(config, """{"filter_seen": false}""");

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            bundle,
            "--config",
            config,
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--reranker"
        );

        Assert.True(exitCode == 0, error);
        Assert.Contains(told, output);
        Assert.Equal(follows, File.Exists(Path.Combine(bundle, "reranker.onnx")));
    }

    [Fact]
    public async Task Items_of_a_file_give_the_bundle_categories()
    {
        string events = Write(Enumerable.Range(0, 400).Select(at => (User: at % 20, Item: (at * 7) % 31, Time: at))),
            items = Path.Combine(_directory.FullName, "items.jsonl"),
            bundle = Path.Combine(_directory.FullName, "b");
        using (var first = JsonDocument.Parse(File.ReadLines(events).First()))
        {
            string? id = first.RootElement.GetProperty("item_id").GetString();
            File.WriteAllText(items, JsonSerializer.Serialize(new { item_id = id, categories = (string[])["x"] }));
        }
        var (exitCode, _, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            bundle,
            "--items",
            items,
            "--epochs",
            "1",
            "--dimension",
            "16"
        );

        Assert.True(exitCode == 0, error);
        Assert.Contains("1 of 31 items have categories", error);
        Assert.Equal(["x"], Bundle.Load(bundle).Categories!.Names);
    }

    [Fact]
    public async Task Segments_of_events_give_the_bundle_lists()
    {
        var random = new Random(3);
        var events = Write(
            Enumerable
                .Range(0, 1200)
                .Select(at => (User: at % 100, Item: (at % 2 * 20) + Math.Min(random.Next(20), random.Next(20)), at)),
            user => [$"taste:{user % 2}", $"name:{user}"]
        );
        var bundle = Path.Combine(_directory.FullName, "b");
        var (exitCode, output, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            bundle,
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--json"
        );

        Assert.True(exitCode == 0, error);
        Assert.True(ContractFiles.IsValid("cli/train.schema.json", output), output);
        using var told = JsonDocument.Parse(output);
        string?[] segments = ["taste:0", "taste:1"];
        Assert.Equal(
            segments,
            told.RootElement.GetProperty("segments").EnumerateArray().Select(name => name.GetString()).Order()
        );
        var loaded = Bundle.Load(bundle);
        Assert.Equal(segments, loaded.Segments.Select(list => list.Segment).Order());
        Assert.True(loaded.Manifest.Quality["segments.taste.gain.ndcg@10.least"] > 0);
    }

    [Theory]
    [InlineData("36h", 129_600_000L, "an event counts half after 36h")]
    [InlineData("none", null, "popular list: by whole counts")]
    [InlineData("auto", null, "times are made up")]
    public async Task The_popular_list_forgets_as_it_is_told(string given, long? halfLifeMs, string told)
    {
        string events = Write(Enumerable.Range(0, 400).Select(at => (User: at % 20, Item: (at * 7) % 31, Time: at))),
            bundle = Path.Combine(_directory.FullName, "b");

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            bundle,
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--popular-half-life",
            given
        );

        Assert.True(exitCode == 0, error);
        Assert.Contains(told, output);
        var loaded = Bundle.Load(bundle);
        Assert.Equal(halfLifeMs, loaded.Manifest.PopularHalfLifeMs);
        Assert.Equal(halfLifeMs is not null, loaded.Popularity is not null);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("0")]
    [InlineData("-1d")]
    [InlineData("0.5ms")]
    [InlineData("weekly")]
    public async Task A_half_life_that_is_none_is_refused_before_anything_is_read(string given)
    {
        var (exitCode, _, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            Path.Combine(_directory.FullName, "none.jsonl"),
            "--bundle",
            Path.Combine(_directory.FullName, "b"),
            "--popular-half-life",
            given
        );

        Assert.Equal((int)ExitCode.Usage, exitCode);
        Assert.Contains($"--popular-half-life is '{given}': give auto, none, or a duration such as 14d", error);
    }

    [Fact]
    public async Task Too_few_held_out_events_are_told_as_that()
    {
        string events = Write(Enumerable.Range(0, 400).Select(at => (User: at % 20, Item: (at * 7) % 31, Time: at)));

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            Path.Combine(_directory.FullName, "b"),
            "--epochs",
            "1",
            "--dimension",
            "16",
            "--reranker"
        );

        Assert.True(exitCode == 0, error);
        Assert.Contains("validation held out 20 events, and 100 are needed", output);
    }

    [Fact]
    public async Task Where_there_is_nothing_to_validate_on_it_says_so_and_shows_no_NaN()
    {
        string events = Write(Enumerable.Range(0, 60).Select(at => (User: at / 2, Item: at % 9, Time: at)));

        var (exitCode, output, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            Path.Combine(_directory.FullName, "b"),
            "--epochs",
            "1"
        );

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("NaN", output + error);
        Assert.Contains("Nothing to validate on", error);
        Assert.Contains("1 step", error);
    }

    [Theory]
    [InlineData("time")]
    [InlineData("session")]
    public async Task A_split_that_leaves_nothing_is_told_as_that(string split)
    {
        // All at one time; or one user beside whom nobody has two.
        string events = Write(
            split == "time"
                ? Enumerable.Range(0, 200).Select(at => (User: at % 10, Item: at % 13, Time: 0))
                : Enumerable
                    .Range(0, 30)
                    .Select(at => (User: Math.Max(0, at - 10), Item: at % 13, Time: 100 - Math.Max(0, at - 10)))
        );

        var (exitCode, _, error) = await StreamRecProcess.RunAsync(
            "train",
            "--events",
            events,
            "--bundle",
            Path.Combine(_directory.FullName, "b"),
            "--split",
            split
        );

        Assert.Equal((int)ExitCode.BadInput, exitCode);
        Assert.Contains($"--split {split} leaves", error);
    }

    private string Write(IEnumerable<(int User, int Item, int Time)> clicks, Func<int, string[]>? segmentsOf = null)
    {
        string path = Path.Combine(_directory.FullName, "events.jsonl");
        File.WriteAllLines(
            path,
            clicks.Select(
                (click, at) =>
                    System.Text.Encoding.UTF8.GetString(
                        EventJson.ToUtf8(
                            new ClickEvent(
                                $"{at:0000}",
                                $"u{click.User}",
                                $"i{click.Item}",
                                "click",
                                1_577_934_245_000 + (1000L * click.Time),
                                Segments: segmentsOf?.Invoke(click.User)
                            )
                        )
                    )
            )
        );
        return path;
    }
}
