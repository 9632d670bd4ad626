using System.Text;
using StreamRec.Catalogue;
using StreamRec.Catalogue.ByModel;
using StreamRec.Delivery.Ports;
using StreamRec.Models;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;
using StreamRec.Tests.Numerics.Search;
using StreamRec.Tests.Serving;

namespace StreamRec.Tests.Catalogue;

/// <summary>
/// Items that come, change and go, over many merges: each search gives what a plain scan of the same state of the
/// catalogue gives, in every bit, ties by the bytes of ids.
/// </summary>
public sealed class NewItemTableTests : IDisposable
{
    private const int Known = 40,
        Dimension = 16,
        Listed = 60;

    private static readonly (float Gamma, float Beta) s_weights = (1.5f, 0.0625f);

    private readonly RandomBundle _random = new(4, Known, Dimension);
    private readonly CatalogueFold _fold = new("items", keepFacts: true);
    private readonly Dictionary<string, string> _said = [];
    private long _offset;

    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    public void Dispose() => _random.Dispose();

    [Theory]
    [MemberData(nameof(Paths))]
    public void Equals_a_plain_scan_of_each_state_over_merges(InstructionSet path)
    {
        var (random, bundle) = (new Random(5), _random.Bundle);
        var vectors = new SeededVectors(bundle, s_weights.Gamma, s_weights.Beta);
        var search = new TopN(ItemIndex.Build(bundle.Vectors, Dimension, bundle.Biases), path);
        NewItemTable? table = null;
        NewItems? state = null;
        for (var round = 0; round < 14; round++)
        {
            for (var changes = random.Next(4) == 0 ? 1_200 : random.Next(300); changes >= 0; changes--)
            {
                Change(random, bundle);
            }
            var eligible = _fold.View()!.Eligible;
            table ??= new NewItemTable(bundle, vectors, eligible.Items!);
            var before = state;
            state = table.Follow(eligible.Items!);

            Check(random, search, vectors, state, eligible);
            // Who began with the state before still has that one.
            Assert.True(before is null || before.Sorted.All(item => before.Find(item.Number) == item));
        }
        Assert.True(table!.Merges > 1);
        Assert.True(state!.Sorted.Length > NewItemTable.MostInTail);
    }

    [Fact]
    public void A_record_that_says_the_same_of_an_item_changes_nothing()
    {
        var vectors = new SeededVectors(_random.Bundle);
        Say("a", """{"title":"x"}""");
        Say("b", """{"title":"y"}""");
        var first = _fold.View()!.Eligible.Items!;
        var table = new NewItemTable(_random.Bundle, vectors, first);
        var state = table.Follow(first);
        Say("a", """{"title":"x","available":false}""");

        Assert.Same(state, table.Follow(_fold.View()!.Eligible.Items!));
        Assert.Equal(3, vectors.Made);
    }

    private void Check(Random random, TopN search, SeededVectors vectors, NewItems state, EligibleItems eligible)
    {
        var bundle = _random.Bundle;
        // By the UTF-8 bytes, which for these ids is ordinal order.
        var ids = _said.Keys.Order(StringComparer.Ordinal).ToArray();
        float[] all = [.. bundle.Vectors, .. new float[ids.Length * Dimension]];
        float[] biases = [.. bundle.Biases ?? new float[Known + 1], .. new float[ids.Length]];
        var withheld = new List<int>();
        for (var at = 0; at < ids.Length; at++)
        {
            var item = Known + 1 + at;
            Assert.True(
                ItemJson.TryParse(
                    Encoding.UTF8.GetBytes(ids[at]),
                    Encoding.UTF8.GetBytes(_said[ids[at]]),
                    out var facts,
                    out _
                )
            );
            var vector = all.AsSpan(item * Dimension, Dimension);
            biases[item] = vectors.Embed(facts, vector) + s_weights.Beta;
            foreach (ref var value in vector)
            {
                value *= s_weights.Gamma;
            }
            if (!facts.Availability.Holds(0))
            {
                withheld.Add(item);
            }
        }
        string Id(int item) => item <= Known ? bundle.ItemIds[item] : Encoding.UTF8.GetString(state.Find(item)!.Id);
        var listed = state.At(eligible.Items!, 0);
        for (var user = 0; user < 4; user++)
        {
            float[] vector = [.. Enumerable.Range(0, Dimension).Select(_ => random.Next(-3, 4) / 2f)];
            var seen = ids.Where(_ => random.Next(50) == 0).ToArray();
            var (items, scores) = (new int[Listed], new float[Listed]);
            var count = search.Search(
                vector,
                [.. seen.Select(id => state.IndexOf(Encoding.UTF8.GetBytes(id)))],
                items,
                scores,
                null,
                listed
            );
            var expected = PlainScan.Search(
                all,
                Dimension,
                biases,
                vector,
                [.. withheld, .. seen.Select(id => Known + 1 + Array.IndexOf(ids, id))],
                Listed
            );
            Assert.Equal(
                expected.Select(one => (one.Item > Known ? ids[one.Item - Known - 1] : Id(one.Item), one.Score)),
                items.Zip(scores).Take(count).Select(one => (Id(one.First), one.Second))
            );
        }
    }

    // Few titles, so that many are equal; some of the bundle's own, of which nothing comes.
    private void Change(Random random, Bundle bundle)
    {
        var title = $$"""{"title":"{{(char)('a' + random.Next(6))}}" """;
        if (random.Next(20) == 0)
        {
            Say(bundle.ItemIds[random.Next(1, Known + 1)], $"{title}}}", isNew: false);
            return;
        }
        var id = $"new-{random.Next(6_000)}";
        switch (random.Next(8))
        {
            case 0:
                Say(id, "");
                break;
            case 1:
                Say(id, $"{title},\"available\":false}}");
                break;
            case 2:
                Say(id, $"{title},\"since\":1767225600000}}");
                break;
            default:
                Say(id, $"{title}}}");
                break;
        }
    }

    private void Say(string id, string json, bool isNew = true)
    {
        if (isNew && json.Length > 0)
        {
            _said[id] = json;
        }
        else if (isNew)
        {
            _said.Remove(id);
        }
        var (key, value) = (Encoding.UTF8.GetBytes(id), Encoding.UTF8.GetBytes(json));
        Assert.Null(_fold.Apply(new LogRecord(_offset++, 0, 0, key, value)));
    }
}
