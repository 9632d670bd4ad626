using System.Text.Json.Nodes;
using StreamRec.Models;

namespace StreamRec.Tests.Models;

public sealed class BundleTests : IDisposable
{
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    private string Dir => Path.Combine(_root, "model");

    public void Dispose()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    [Fact]
    public void Reads_what_was_written()
    {
        var manifest = BundleWriter.Write(Dir, Contents());
        Bundle bundle = Bundle.Load(Dir);

        Assert.Equal(manifest.ModelId, bundle.Manifest.ModelId);
        Assert.Equal(["", "a", "\"ü\"\n"], bundle.ItemIds);
        Assert.Equal([0f, 0f, 1f, 2f, 3f, 4f], bundle.Vectors);
        Assert.Equal([0f, .5f, -.5f], bundle.Biases!);
        Assert.Equal([0L, 7L, 9L], bundle.Counts);
        Assert.Equal(2, bundle.IndexOf("\"ü\"\n"));
        Assert.Equal(0, bundle.IndexOf("unknown"));
        Assert.Null(bundle.StepPath);
        Assert.Null(bundle.Trained);
        Assert.Equal((null, null), (bundle.Manifest.Types, bundle.Manifest.ExcludeSeen));
        Assert.Equal(0.25, bundle.Manifest.Quality["validation.ndcg@10"]);
        Assert.Equal([Dir], Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void Categories_are_those_that_were_written_and_another_model()
    {
        string without = BundleWriter.Write(Dir + "2", Contents()).ModelId;
        string id = BundleWriter
            .Write(
                Dir,
                Contents() with
                {
                    Categories =
                    [
                        [],
                        ["x", "y"],
                        [],
                    ],
                }
            )
            .ModelId;
        var categories = Bundle.Load(Dir).Categories!;

        Assert.NotEqual(without, id);
        Assert.Null(Bundle.Load(Dir + "2").Categories);
        Assert.Equal(["x", "y"], categories.Names);
        Assert.Equal([0, 1], categories.Of(1).ToArray());
        Assert.Equal((0, 0), (categories.Of(0).Length, categories.Of(2).Length));
    }

    [Theory]
    [InlineData("[]\n", "3 bytes")]
    [InlineData("[]\n[]\n[]\n", "more")]
    [InlineData("[]\n[1]\n", "line 2")]
    [InlineData("[]\n[\"\"]\n", "line 2")]
    [InlineData("[]\n[null]\n", "line 2")]
    [InlineData("[]\nnull\n", "line 2")]
    public void Categories_that_are_none_are_refused_by_their_line(string file, string named)
    {
        BundleWriter.Write(
            Dir,
            Contents() with
            {
                Categories =
                [
                    [],
                    ["x"],
                    [],
                ],
            }
        );
        string path = Path.Combine(Dir, "categories.jsonl");
        File.WriteAllText(path, file);
        string hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        Change(manifest => manifest["files"]!["categories.jsonl"] = hash);

        Assert.Contains(named, Refused("categories.jsonl"));
    }

    [Fact]
    public void Segments_are_those_that_were_written_and_another_model()
    {
        var without = BundleWriter.Write(Dir + "2", Contents()).ModelId;
        var id = BundleWriter.Write(Dir, Contents() with { Segments = [new("age:25-34", 60, 700, .5f, [2], [8.5f])] });
        var read = Assert.Single(Bundle.Load(Dir).Segments);

        Assert.NotEqual(without, id.ModelId);
        Assert.Empty(Bundle.Load(Dir + "2").Segments);
        Assert.Equal(("age:25-34", 60, 700), (read.Segment, read.Users, read.Events));
        // What is not named follows, as all have it.
        Assert.Equal([(2, 8.5f), (1, 3.5f)], read.InOrder([(2, 9f), (1, 7f)]));
    }

    [Fact]
    public void What_orders_the_popular_list_is_what_was_written_and_another_model()
    {
        var without = BundleWriter.Write(Dir + "2", Contents());
        var with = BundleWriter.Write(
            Dir,
            Contents() with
            {
                Popularity = new[] { 0f, 2.5f, 0f },
                PopularHalfLifeMs = 604_800_000,
            }
        );
        var (plain, bundle) = (Bundle.Load(Dir + "2"), Bundle.Load(Dir));

        Assert.NotEqual(without.ModelId, with.ModelId);
        Assert.Equal((null, 7f, 9f), (plain.Manifest.PopularHalfLifeMs, plain.PopularityOf(1), plain.PopularityOf(2)));
        Assert.Equal(
            (604_800_000, 2.5f, 0f),
            (bundle.Manifest.PopularHalfLifeMs, bundle.PopularityOf(1), bundle.PopularityOf(2))
        );
        Assert.Equal([0L, 7L, 9L], bundle.Counts);
    }

    [Theory]
    [InlineData(-1f, "negative")]
    [InlineData(float.NaN, "row 2")]
    public void A_popularity_that_is_none_is_refused(float value, string named)
    {
        BundleWriter.Write(Dir, Contents() with { Popularity = new[] { 0f, 1f, value } });

        Assert.Contains(named, Refused("popular.f32"));
    }

    [Theory]
    [InlineData("null", "line 1")]
    [InlineData("{}", "line 1")]
    [InlineData("""{"segment":"","items":[],"scores":[]}""", "segments")]
    [InlineData("""{"segment":"a","items":[1],"scores":[]}""", "scores")]
    [InlineData("""{"segment":"a","items":[3],"scores":[1]}""", "1..2")]
    [InlineData("""{"segment":"a","items":[1,1],"scores":[1,1]}""", "twice")]
    [InlineData("""{"segment":"a","items":[1],"scores":[-1]}""", "negative")]
    [InlineData("""{"segment":"a","items":[1,2],"scores":[1,2]}""", "best")]
    [InlineData(
        "{\"segment\":\"a\",\"items\":[],\"scores\":[]}\n{\"segment\":\"a\",\"items\":[],\"scores\":[]}",
        "line 2"
    )]
    public void Segments_that_are_none_are_refused_by_their_line(string file, string named)
    {
        BundleWriter.Write(Dir, Contents() with { Segments = [new("a", 60, 700, 0, [2], [1])] });
        var path = Path.Combine(Dir, "segments.jsonl");
        File.WriteAllText(path, file);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)));
        Change(manifest => manifest["files"]!["segments.jsonl"] = hash);

        Assert.Contains(named, Refused("segments.jsonl"));
    }

    [Fact]
    public void The_same_contents_give_the_same_bytes()
    {
        BundleWriter.Write(Dir, Contents());
        BundleWriter.Write(Dir + "2", Contents());

        foreach (string file in Directory.GetFiles(Dir))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(Dir + "2", Path.GetFileName(file))));
        }
    }

    [Fact]
    public void Is_never_overwritten_by_another_model()
    {
        string id = BundleWriter.Write(Dir, Contents()).ModelId;
        Assert.Equal(id, BundleWriter.Write(Dir, Contents()).ModelId);

        Assert.Throws<StreamRecException>(() =>
            BundleWriter.Write(Dir, Contents() with { Counts = new long[] { 0, 1, 1 } })
        );
        Assert.Equal(id, Bundle.Load(Dir).Manifest.ModelId);
        Assert.Equal([Dir], Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public void A_place_is_checked_before_there_is_a_bundle_and_left_as_it_was()
    {
        BundleWriter.CheckPlace(Dir);
        Assert.Empty(Directory.GetFileSystemEntries(_root));
        Directory.CreateDirectory(Dir);
        BundleWriter.CheckPlace(Dir);
        string file = Path.Combine(Dir, "file");
        File.WriteAllText(file, "");

        foreach (string place in (string[])[Dir, file, Path.Combine(file, "model")])
        {
            var fault = Assert.Throws<StreamRecException>(() => BundleWriter.CheckPlace(place));
            Assert.Equal(FaultKind.Usage, fault.Kind);
            Assert.Contains(place, fault.Message);
        }
    }

    [Theory]
    [InlineData("encoder.onnx")]
    [InlineData("vectors.f32")]
    [InlineData("items.jsonl")]
    [InlineData("counts.i64")]
    public void Refuses_a_flipped_bit_and_a_missing_file_by_name(string file)
    {
        BundleWriter.Write(Dir, Contents());
        string path = Path.Combine(Dir, file);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Refused(file);
        File.Delete(path);
        Refused(file);
    }

    [Theory]
    [InlineData("dimension", 3, "vectors.f32")]
    [InlineData("items", 3, "items.jsonl")]
    [InlineData("items", 1, "biases.f32")]
    [InlineData("format", 2, "manifest.json")]
    [InlineData("window", 0, "manifest.json")]
    [InlineData("popular_half_life_ms", 0, "manifest.json")]
    [InlineData("dimension", -1, "manifest.json")]
    public void Refuses_a_manifest_that_does_not_fit(string field, int value, string named)
    {
        BundleWriter.Write(Dir, Contents());
        Change(manifest => manifest[field] = value);
        Refused(named);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    public void Refuses_a_path_outside_the_directory(string name)
    {
        BundleWriter.Write(Dir, Contents());
        Change(manifest => manifest["files"]![name] = new string('0', 64));
        Refused("manifest.json");
    }

    [Fact]
    public void Refuses_a_link_to_a_place_outside()
    {
        BundleWriter.Write(Dir, Contents());
        string outside = Path.Combine(_root, "outside");
        File.Move(Path.Combine(Dir, "encoder.onnx"), outside);
        File.CreateSymbolicLink(Path.Combine(Dir, "encoder.onnx"), outside);
        Refused("encoder.onnx");
    }

    [Fact]
    public void Refuses_values_that_are_not_finite_and_a_padding_row_that_is_not_zero()
    {
        BundleWriter.Write(Dir, Contents() with { Vectors = new[] { 0f, 0f, 1f, float.NaN, 3f, 4f } });
        Assert.Contains("row 1", Refused("vectors.f32"));
        Directory.Delete(Dir, recursive: true);
        BundleWriter.Write(Dir, Contents() with { Vectors = new[] { 1f, 0f, 1f, 2f, 3f, 4f } });
        Assert.Contains("row 0", Refused("vectors.f32"));
    }

    [Fact]
    public void Refuses_an_item_that_stands_there_twice()
    {
        BundleWriter.Write(Dir, Contents() with { ItemIds = ["", "a", "a"] });
        Refused("items.jsonl");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("not json")]
    public void Refuses_a_manifest_that_is_none(string text)
    {
        BundleWriter.Write(Dir, Contents());
        File.WriteAllText(Path.Combine(Dir, "manifest.json"), text);
        Refused("manifest.json");
    }

    /// <summary>A sample says of every event that it tells of whether it was trained on.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(2 * TrainedEvents.MostEvents)]
    public void A_sample_of_the_trained_events_is_kept(int events)
    {
        static (string, string, long) Event(int at) => ($"u{at % 7}", $"i{at % 11}", at);
        BundleWriter.Write(
            Dir,
            Contents() with
            {
                Trained = TrainedEvents.Write(Enumerable.Range(0, events).Select(Event)),
            }
        );
        var trained = Bundle.Load(Dir).Trained!;
        bool?[] Held(int from) =>
            [.. Enumerable.Range(from, events).Select(Event).Select(e => trained.Holds(e.Item1, e.Item2, e.Item3))];

        bool?[] own = Held(0),
            others = Held(events);

        Assert.DoesNotContain(false, own);
        Assert.Equal(Math.Min(events, TrainedEvents.MostEvents), own.Count(held => held == true));
        Assert.InRange(
            others.Count(held => held is not null),
            Math.Min(events, TrainedEvents.MostEvents) * 9 / 10,
            events
        );
        Assert.InRange(others.Count(held => held == true), 0, 3);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8 + 6)]
    [InlineData(8 + (4 * (TrainedEvents.MostEvents + 1)))]
    public void Refuses_a_sample_of_another_size(int bytes)
    {
        BundleWriter.Write(Dir, Contents() with { Trained = new byte[bytes] });
        Refused("trained.u32");
    }

    private static BundleContents Contents() =>
        new()
        {
            Dimension = 2,
            Window = 4,
            ItemIds = ["", "a", "\"ü\"\n"],
            Vectors = new[] { 0f, 0f, 1f, 2f, 3f, 4f },
            Biases = new[] { 0f, .5f, -.5f },
            Counts = new long[] { 0, 7, 9 },
            Encoder = new byte[] { 1, 2, 3 },
            Quality = new Dictionary<string, double> { ["validation.ndcg@10"] = 0.25 },
        };

    private string Refused(string named)
    {
        var fault = Assert.Throws<StreamRecException>(() => Bundle.Load(Dir));
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains(named, fault.Message);
        return fault.Message;
    }

    private void Change(Action<JsonNode> change)
    {
        string path = Path.Combine(Dir, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!;
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
    }
}
