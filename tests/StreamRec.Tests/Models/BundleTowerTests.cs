using System.Text.Json.Nodes;
using StreamRec.Models;
using StreamRec.Models.Towers;

namespace StreamRec.Tests.Models;

/// <summary>What a bundle says of items that its model does not know.</summary>
public sealed class BundleTowerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("streamrec-tower-").FullName;

    private string Dir => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_tower_is_what_was_written_and_another_model()
    {
        var without = BundleWriter.Write(Dir + "2", Contents() with { Tower = null });
        var with = BundleWriter.Write(Dir, Contents());
        var read = Bundle.Load(Dir).Tower!;

        Assert.NotEqual(without.ModelId, with.ModelId);
        Assert.Null(Bundle.Load(Dir + "2").Tower);
        Assert.Equal(["c:x", "n:price=0"], read.Manifest.Features);
        Assert.Equal([1, 2.5], read.Manifest.Fields.NumberOf("price")!.Edges);
        Assert.Equal(new TowerShare(0.05, 1.5f, -2), Assert.Single(read.Manifest.Shares));
        Assert.Equal([1f, 2, 3, 4, 5, 6, 7, 8, 9], read.Values);
        Assert.Equal(2, read.Dimension);
    }

    [Theory]
    [InlineData("fields", "null", "fields")]
    [InlineData("fields", """{"numbers":[{"name":"a","edges":[2,1]}]}""", "edges")]
    [InlineData("fields", """{"numbers":[{"name":"a","edges":[]}]}""", "edges")]
    [InlineData("fields", """{"numbers":[{"name":"a"}]}""", "edges")]
    [InlineData("fields", """{"numbers":null}""", "edges")]
    [InlineData("fields", """{"numbers":[{"name":"a","edges":[1]},{"name":"a","edges":[1]}]}""", "one name")]
    [InlineData("features", """["b","a"]""", "order")]
    [InlineData("features", """["a","a"]""", "order")]
    [InlineData("features", """["",null]""", "order")]
    [InlineData("features", "7", "describe")]
    [InlineData("features", """["a","b","c"]""", "48 bytes")]
    [InlineData("shares", "[]", "shares")]
    [InlineData("shares", """[{"share":0,"gamma":1,"beta":0}]""", "0..1")]
    [InlineData("shares", """[{"share":0.2,"gamma":1,"beta":0},{"share":0.1,"gamma":1,"beta":0}]""", "ascending")]
    [InlineData("shares", """[{"share":0.2,"gamma":0,"beta":0}]""", "gamma")]
    public void A_description_that_is_none_is_refused_by_its_file(string field, string value, string named)
    {
        BundleWriter.Write(Dir, Contents());
        var path = Path.Combine(Dir, "tower.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json[field] = JsonNode.Parse(value);
        File.WriteAllText(path, json.ToJsonString());
        Rehash("tower.json");

        var message = Refused();
        Assert.Contains("tower.", message);
        Assert.Contains(named, message);
    }

    [Fact]
    public void Rows_that_are_not_finite_are_refused()
    {
        BundleWriter.Write(Dir, Contents() with { Tower = Tower([1, 2, 3, 4, float.NaN, 6, 7, 8, 9]) });

        Assert.Contains("tower.f32: row 1", Refused());
    }

    [Fact]
    public void A_tower_that_nobody_could_load_is_not_written()
    {
        var tower = Tower([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        var fields = new TowerFields { Numbers = [new NumberField("price", [])] };

        var fault = Assert.Throws<ArgumentException>(() =>
            BundleWriter.Write(
                Dir,
                Contents() with
                {
                    Tower = tower with { Manifest = tower.Manifest with { Fields = fields } },
                }
            )
        );
        Assert.Contains("price", fault.Message);
        Assert.False(Directory.Exists(Dir));
    }

    [Theory]
    [InlineData("tower.json", 256 << 20)]
    [InlineData("tower.f32", 12_000_012)]
    public void A_file_that_is_larger_than_it_can_be_is_refused_unread(string name, int most)
    {
        BundleWriter.Write(Dir, Contents());
        using (var file = File.OpenWrite(Path.Combine(Dir, name)))
        {
            file.SetLength(most + 1L);
        }
        Assert.Contains($"{name}: {most + 1L} bytes are more than the {most}", Refused());
    }

    [Theory]
    [InlineData("tower.json", "tower.f32")]
    [InlineData("tower.f32", "tower.json")]
    public void One_file_without_the_other_is_refused(string left, string missing)
    {
        BundleWriter.Write(Dir, Contents());
        Change(manifest => manifest["files"]!.AsObject().Remove(missing));

        var message = Refused();
        Assert.Contains($"names {left}, and not {missing}", message);
    }

    private static TowerRows Tower(float[] values) =>
        new(
            new TowerManifest
            {
                Fields = new TowerFields { Numbers = [new NumberField("price", [1, 2.5])] },
                Shares = [new TowerShare(0.05, 1.5f, -2)],
                Features = ["c:x", "n:price=0"],
            },
            values
        );

    private static BundleContents Contents() =>
        new()
        {
            Dimension = 2,
            Window = 5,
            ItemIds = ["", "a"],
            Vectors = new float[] { 0, 0, 1, 2 },
            Encoder = new byte[] { 1 },
            Tower = Tower([1, 2, 3, 4, 5, 6, 7, 8, 9]),
        };

    private string Refused()
    {
        var fault = Assert.Throws<StreamRecException>(() => Bundle.Load(Dir));
        Assert.Equal(FaultKind.Input, fault.Kind);
        return fault.Message;
    }

    private void Rehash(string name) =>
        Change(manifest =>
            manifest["files"]![name] = Convert.ToHexStringLower(
                System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(Dir, name)))
            )
        );

    private void Change(Action<JsonObject> change)
    {
        var path = Path.Combine(Dir, "manifest.json");
        var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(manifest);
        File.WriteAllText(path, manifest.ToJsonString());
    }
}
