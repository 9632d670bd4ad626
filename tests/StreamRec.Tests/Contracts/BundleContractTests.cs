using System.Text.Json.Nodes;
using StreamRec.Models;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/bundle.md, its schema, the writer and the reader say the same.</summary>
public sealed class BundleContractTests : IDisposable
{
    private const string Schema = "manifest.schema.json";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-contract-");

    private string Manifest => Path.Combine(_directory.FullName, "manifest.json");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void The_example_is_a_manifest()
    {
        var example = ContractFiles.Example("manifest.example.json", "bundle.md");
        File.WriteAllText(Manifest, example);

        var manifest = Bundle.ReadManifest(Manifest);

        Assert.Equal(
            (1, "9f2c6a1b0d3e4f57", 64, 50, 1682),
            (manifest.Format, manifest.ModelId, manifest.Dimension, manifest.Window, manifest.Items)
        );
        Assert.Equal(0.1127, manifest.Quality["validation.ndcg@10"]);
        Assert.Equal((false, 0.2841), (manifest.ExcludeSeen, manifest.RepeatShare));
        Assert.Equal(["click", "view"], manifest.Types!);
        Assert.Equal(7, manifest.Files.Count);
        Assert.True(ContractFiles.IsValid(Schema, example));
    }

    [Fact]
    public void A_bundle_is_written_as_the_golden_bytes()
    {
        var bundle = Path.Combine(_directory.FullName, "model");
        BundleWriter.Write(
            bundle,
            new BundleContents
            {
                Dimension = 2,
                Window = 4,
                ItemIds = ["", "a", "\"ü\"\n"],
                Vectors = new[] { 0f, 0f, 1f, 2f, 3f, 4f },
                Biases = new[] { 0f, .5f, -.5f },
                Counts = new long[] { 0, 7, 9 },
                Encoder = new byte[] { 1, 2, 3 },
                TrainedFromMs = 1767225600250,
                TrainedToMs = 1767225600262,
                Quality = new Dictionary<string, double> { ["validation.ndcg@10"] = 0.25 },
                Types = ["view", "click"],
                ExcludeSeen = false,
                RepeatShare = 0.125,
                Trained = TrainedEvents.Write([("ü", "a", 1767225600250)]),
            }
        );

        var written = File.ReadAllText(Path.Combine(bundle, "manifest.json"));
        Assert.Equal(ContractFiles.Golden("manifest.json"), written);
        Assert.True(ContractFiles.IsValid(Schema, written));
        Assert.Equal(
            "00000000000000000000803F000000400000404000008040",
            Convert.ToHexString(File.ReadAllBytes(Path.Combine(bundle, "vectors.f32")))
        );
        Assert.Equal(
            "000000000000000007000000000000000900000000000000",
            Convert.ToHexString(File.ReadAllBytes(Path.Combine(bundle, "counts.i64")))
        );
        Assert.Equal(
            "FFFFFFFFFFFFFFFF" + Mark("ü\u00ffa\u00ff1767225600250"),
            Convert.ToHexString(File.ReadAllBytes(Path.Combine(bundle, "trained.u32")))
        );
        Assert.Equal("\"a\"\n\"\\u0022\\u00FC\\u0022\\n\"\n", File.ReadAllText(Path.Combine(bundle, "items.jsonl")));
    }

    [Fact]
    public void What_orders_the_popular_list_is_written_as_the_page_says()
    {
        var bundle = Path.Combine(_directory.FullName, "model");
        BundleWriter.Write(
            bundle,
            new BundleContents
            {
                Dimension = 1,
                Window = 4,
                ItemIds = ["", "a", "b"],
                Vectors = new[] { 0f, 1f, 2f },
                Encoder = new byte[] { 1 },
                Popularity = new[] { 0f, .5f, 2f },
                PopularHalfLifeMs = 604_800_000,
            }
        );

        var written = File.ReadAllText(Path.Combine(bundle, "manifest.json"));
        Assert.True(ContractFiles.IsValid(Schema, written), written);
        Assert.Contains("\"popular_half_life_ms\": 604800000,", written);
        Assert.Equal(
            "000000000000003F00000040",
            Convert.ToHexString(File.ReadAllBytes(Path.Combine(bundle, "popular.f32")))
        );
    }

    [Theory]
    [InlineData("format", "2")]
    [InlineData("format", null)]
    [InlineData("model_id", "\"\"")]
    [InlineData("dimension", "0")]
    [InlineData("window", "\"50\"")]
    [InlineData("items", null)]
    [InlineData("files", "null")]
    [InlineData("inputs", "null")]
    [InlineData("types", "\"click\"")]
    [InlineData("exclude_seen", "\"no\"")]
    [InlineData("repeat_share", "true")]
    [InlineData("popular_half_life_ms", "\"7d\"")]
    [InlineData("popular_half_life_ms", "0")]
    [InlineData("popular_half_life_ms", "8640000000001")]
    [InlineData("reranker", "{\"features\":[\"score\"]}")]
    [InlineData("reranker", "{\"candidates\":1,\"features\":[\"score\"]}")]
    [InlineData("reranker", "{\"candidates\":100,\"features\":[]}")]
    public void Schema_and_reader_refuse(string field, string? value)
    {
        var text = Changed(field, value);
        File.WriteAllText(Manifest, text);

        Assert.False(ContractFiles.IsValid(Schema, text));
        Assert.Contains(
            "manifest.json",
            Assert.Throws<StreamRecException>(() => Bundle.ReadManifest(Manifest)).Message
        );
    }

    [Theory]
    [InlineData("[\"items\",\"lengths\"]", false)]
    [InlineData("[\"vectors\",\"lengths\"]", true)]
    public void Schema_and_reader_take_either_kind_of_inputs(string inputs, bool vectors)
    {
        var text = Changed("inputs", inputs);
        File.WriteAllText(Manifest, text);

        Assert.True(ContractFiles.IsValid(Schema, text));
        Assert.Equal(vectors, Bundle.ReadManifest(Manifest).TakesVectors);
    }

    [Fact]
    public void Items_and_vectors_together_are_refused()
    {
        var text = Changed("inputs", "[\"items\",\"vectors\",\"lengths\"]");
        File.WriteAllText(Manifest, text);

        Assert.False(ContractFiles.IsValid(Schema, text));
        Assert.Contains(
            "both vectors and items",
            Assert.Throws<StreamRecException>(() => Bundle.ReadManifest(Manifest)).Message
        );
    }

    [Fact]
    public void Further_inputs_are_refused_by_name()
    {
        File.WriteAllText(Manifest, Changed("inputs", "[\"items\",\"lengths\",\"gaps\"]"));

        Assert.Contains("'gaps'", Assert.Throws<StreamRecException>(() => Bundle.ReadManifest(Manifest)).Message);
    }

    [Fact]
    public void Each_feature_that_the_page_names_is_computed_and_no_other()
    {
        var page = ContractFiles.Schema("bundle.md");
        var rows = page.Split("| feature | |")[1].Split("\n\n")[0].Split('\n');
        var named = rows.SelectMany(row => FeaturesOf(row.Split('|').ElementAtOrDefault(1) ?? ""));

        Assert.Equal(StreamRec.Reranking.RerankingFeatures.All, named);
    }

    [Fact]
    public void Unknown_fields_are_ignored_and_inputs_may_be_left_out()
    {
        File.WriteAllText(
            Manifest,
            Changed("inputs", null).Replace("\"window\"", "\"later\":{},\"window\"", StringComparison.Ordinal)
        );

        Assert.Equal(BundleManifest.ItemInputs, Bundle.ReadManifest(Manifest).Inputs);
    }

    // `transition.1`, `.2`: the second one has the first one's name before the point.
    private static IEnumerable<string> FeaturesOf(string cell)
    {
        var first = "";
        foreach (var name in cell.Split('`').Where((_, at) => at % 2 == 1))
        {
            first = name[0] == '.' ? first : name;
            yield return name[0] == '.' ? first.Split('.')[0] + name : name;
        }
    }

    // Bytes 8 to 11 of the hash; 255 stands alone in the text, and is one byte there.
    private static string Mark(string text) =>
        Convert.ToHexString(
            System
                .Security.Cryptography.SHA256.HashData([
                    .. text.SelectMany(letter =>
                        letter == '\u00ff' ? [(byte)255] : System.Text.Encoding.UTF8.GetBytes([letter])
                    ),
                ])
                .AsSpan(8, 4)
        );

    private static string Changed(string field, string? value)
    {
        var manifest = JsonNode.Parse(ContractFiles.Schema("manifest.example.json"))!.AsObject();
        manifest.Remove(field);
        if (value is not null)
        {
            manifest[field] = JsonNode.Parse(value);
        }
        return manifest.ToJsonString();
    }
}
