using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>
/// Items that were added are searched as if they had stood in the index from the start: the list is that of a plain
/// scan of all of them, in every bit, however they are parted.
/// </summary>
public class AddedItemsTests
{
    public static TheoryData<InstructionSet> Paths => ExactTopNTests.Paths;

    [Theory]
    [MemberData(nameof(Paths))]
    public void Equals_the_plain_scan_of_all_items_however_the_added_ones_are_parted(InstructionSet path)
    {
        var random = new Random(31);
        for (var round = 0; round < 120; round++)
        {
            var scene = new Scene(random, round);
            Check(random, scene, path);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_score_that_is_no_number_lists_no_added_item_and_stops_no_search(InstructionSet path)
    {
        var known = new float[34];
        known[17] = 1;
        var both = new float[34];
        (both[17], both[25]) = (3e38f, 3e38f);
        var user = new float[17];
        (user[0], user[8]) = (2, -2);
        var index = ItemIndex.Build(known, 17);
        var added = new AddedItems(1, [7], [new(ItemIndex.BuildWhole(both, 17, []), [7])]);
        var (items, scores) = (new int[3], new float[3]);

        Assert.Equal(
            1,
            new TopN(index, path).Search(
                user,
                [],
                items,
                scores,
                null,
                added.With([
                    [],
                ])
            )
        );
        Assert.Equal((1, 2f), (items[0], scores[0]));
    }

    [Fact]
    public void Items_that_are_added_to_others_are_refused()
    {
        var index = ItemIndex.Build([0, 1, 2], 1);
        var added = new AddedItems(3, [], []);

        Assert.Throws<ArgumentException>(() => new TopN(index).Begin(1, null, added.With([])));
    }

    private static void Check(Random random, Scene scene, InstructionSet path)
    {
        var index = ItemIndex.Build(
            scene.Vectors.AsSpan(0, (scene.Known + 1) * scene.Dimension),
            scene.Dimension,
            scene.Biases is null ? default : scene.Biases.AsSpan(0, scene.Known + 1)
        );
        var search = new TopN(index, path);
        foreach (var n in (int[])[1, 40, 300])
        {
            var (added, withheld) = scene.Part(random);
            var gone = Enumerable.Range(1, scene.Known).Where(_ => random.Next(scene.Sparse ? 8 : 2) > 0).ToArray();
            var (users, seen) = (new float[7][], new int[7][]);
            var batch = search.Begin(7, new EligiblePositions(index, gone), added);
            for (var u = 0; u < users.Length; u++)
            {
                users[u] = scene.User(random);
                seen[u] = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(scene.All + 1))];
                batch.Add(users[u], [.. seen[u].Select(scene.NumberOf)]);
            }
            batch.Search(n);
            var (found, scores) = (new int[n], new float[n]);
            for (var u = 0; u < users.Length; u++)
            {
                var count = batch.Write(u, found, scores);
                var expected = PlainScan
                    .Search(
                        scene.Vectors,
                        scene.Dimension,
                        scene.Biases,
                        users[u],
                        [.. gone, .. withheld, .. seen[u]],
                        n
                    )
                    .Select(one => (scene.NumberOf(one.Item), one.Score));
                Assert.Equal(expected, found.Zip(scores).Take(count));
            }
        }
    }

    /// <summary>Known items 1..N, and added ones, which a plain scan takes as N+1, … in the order of ties.</summary>
    private sealed class Scene
    {
        private readonly int[] _numbers;
        private readonly Func<float> _value;

        public Scene(Random random, int round)
        {
            (Known, Dimension) = (random.Next(4) == 0 ? 2_000 : random.Next(1, 400), random.Next(1, 70));
            var added = random.Next(8) switch
            {
                0 => 0,
                1 => 3_300,
                _ => random.Next(1, 600),
            };
            All = Known + added;
            Sparse = round % 5 == 0;
            var size = MathF.Pow(10, random.Next(-2, 3));
            // Few values: many ties.
            _value = round % 3 == 0 ? () => random.Next(-1, 2) : () => size * TestVectors.Gaussian(random);
            // Of another length than the known ones, as a rule.
            var scale = round % 3 == 0 ? 1 : MathF.Pow(2, random.Next(-2, 3));
            Vectors = new float[(All + 1) * Dimension];
            for (var at = Dimension; at < Vectors.Length; at++)
            {
                Vectors[at] = _value() * (at / Dimension > Known ? scale : 1);
            }
            Biases = round % 2 == 0 ? null : [0, .. Enumerable.Range(0, All).Select(_ => _value())];
            // With gaps, in any order.
            _numbers = [.. Enumerable.Range(Known + 1, 2 * added).OrderBy(_ => random.Next()).Take(added)];
        }

        public int Known { get; }

        public int All { get; }

        public int Dimension { get; }

        public bool Sparse { get; }

        public float[] Vectors { get; }

        public float[]? Biases { get; }

        public int NumberOf(int item) => item > Known ? _numbers[item - Known - 1] : item;

        public float[] User(Random random)
        {
            var scale = random.Next(5) == 0 ? 0 : MathF.Pow(10, random.Next(-3, 4));
            return [.. Enumerable.Range(0, Dimension).Select(_ => scale * _value())];
        }

        /// <summary>Parts at random: each item in one, and some in an older one as well, as they were.</summary>
        public (AddedItems.Listed Added, int[] Withheld) Part(Random random)
        {
            var parts = random.Next(1, 4);
            var rows = Enumerable.Range(0, parts).Select(_ => new List<(int Item, bool Is)>()).ToArray();
            for (var item = Known + 1; item <= All; item++)
            {
                var own = random.Next(parts);
                rows[own].Add((item, true));
                if (own > 0 && random.Next(5) == 0)
                {
                    rows[own - 1].Add((item, false));
                }
            }
            // One that is no more.
            rows[0].Add((0, false));
            var share = random.Next(10);
            var withheld = Enumerable.Range(Known + 1, All - Known).Where(_ => random.Next(10) < share).ToHashSet();
            var added = new AddedItems(Known, _numbers, [.. rows.Where(part => part.Count > 0).Select(Lay)]);
            return (
                added.With([
                    .. rows.Where(part => part.Count > 0)
                        .Select(part =>
                            Enumerable
                                .Range(1, part.Count)
                                .Where(row => !part[row - 1].Is || withheld.Contains(part[row - 1].Item))
                                .ToArray()
                        ),
                ]),
                [.. withheld]
            );
        }

        private AddedItems.Layout Lay(List<(int Item, bool Is)> part)
        {
            var (vectors, biases) = (new float[(part.Count + 1) * Dimension], new float[part.Count + 1]);
            for (var row = 0; row < part.Count; row++)
            {
                var (item, there) = part[row];
                var vector = vectors.AsSpan((row + 1) * Dimension, Dimension);
                if (there)
                {
                    Vectors.AsSpan(item * Dimension, Dimension).CopyTo(vector);
                    biases[row + 1] = Biases?[item] ?? 0;
                }
                else
                {
                    // What it was before scores above all.
                    vector.Fill(1e4f);
                }
            }
            return new(
                ItemIndex.BuildWhole(vectors, Dimension, biases),
                [.. part.Select(row => row.Item == 0 ? 3 * All : NumberOf(row.Item))]
            );
        }
    }
}
