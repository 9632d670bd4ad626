using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>
/// Whatever the vectors, the batch, N, the filter and the instructions: the list is the plain scan's, in every bit.
/// </summary>
public class ExactTopNTests
{
    public static TheoryData<InstructionSet> Paths =>
        [.. Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported)];

    public static TheoryData<string, InstructionSet> Shapes
    {
        get
        {
            var data = new TheoryData<string, InstructionSet>();
            foreach (var shape in Vectors.Keys)
            {
                foreach (var path in Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported))
                {
                    data.Add(shape, path);
                }
            }
            return data;
        }
    }

    private static readonly Dictionary<string, Func<Random, int, int, float[]>> Vectors = new()
    {
        ["gaussian"] = (r, n, d) => Fill(n, d, (_, _) => TestVectors.Gaussian(r)),
        ["spread norms"] = (r, n, d) =>
            Rows(n, d, _ => MathF.Exp(TestVectors.Gaussian(r)), () => TestVectors.Gaussian(r)),
        ["equal norms"] = (r, n, d) => TestVectors.Normalized(Fill(n, d, (_, _) => TestVectors.Gaussian(r)), d),
        ["few values, many ties"] = (r, n, d) => Fill(n, d, (_, _) => r.Next(-1, 2)),
        ["all equal"] = (_, n, d) => Fill(n, d, (_, _) => 0.25f),
        ["zeros"] = (_, n, d) => Fill(n, d, (_, _) => 0f),
        ["one giant"] = (r, n, d) => Rows(n, d, i => i == n / 2 ? 1e6f : 1f, () => TestVectors.Gaussian(r)),
        ["one coordinate"] = (r, n, d) => Fill(n, d, (_, k) => k == 0 ? TestVectors.Gaussian(r) : 0f),
        ["tiny"] = (r, n, d) => Fill(n, d, (_, _) => TestVectors.Gaussian(r) * 1e-30f),
        ["denormal"] = (r, n, d) => Fill(n, d, (_, _) => r.Next(-3, 4) * float.Epsilon),
        ["huge"] = (r, n, d) => Fill(n, d, (_, _) => TestVectors.Gaussian(r) * 1e16f),
        ["near a few directions"] = (r, n, d) => TestVectors.NearDirections(r, n, d, 6, 0.05f),
        ["around one vector"] = (r, n, d) => Fill(n, d, (_, k) => MathF.Sin(k + 1) + 1e-4f * TestVectors.Gaussian(r)),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_the_plain_scan(string shape, InstructionSet path)
    {
        var random = new Random(shape.Length);
        foreach (
            var (items, dimension, n, batch) in ((int, int, int, int)[])
                [
                    (1, 1, 1, 1),
                    (31, 3, 5, 2),
                    (33, 16, 40, 3),
                    (700, 20, 10, 5),
                    (1536, 64, 100, 4),
                    (1537, 33, 1, 7),
                    (3400, 64, 100, 6),
                    (5000, 50, 900, 3),
                    (1700, 130, 1000, 2),
                    (7000, 24, 1500, 5),
                    (11_000, 16, 60, 11),
                    (9300, 41, 60, 5),
                ]
        )
        {
            foreach (var withBiases in (bool[])[false, true])
            {
                var vectors = Vectors[shape](random, items, dimension);
                var biases = withBiases ? Biases(random, items, vectors) : null;
                Check(random, vectors, dimension, biases, n, batch, path);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Equals_the_plain_scan_at_every_length(InstructionSet path)
    {
        var random = new Random(11);
        for (var round = 1; round <= 150; round++)
        {
            var vectors = Fill(random.Next(1, 300), round, (_, _) => TestVectors.Gaussian(random));
            Check(
                random,
                vectors,
                round,
                round % 2 == 0 ? null : Biases(random, vectors.Length / round - 1, vectors),
                random.Next(1, 120),
                random.Next(1, 10),
                path
            );
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Equals_the_plain_scan_along_any_directions(InstructionSet path)
    {
        var random = new Random(12);
        for (var round = 0; round < 60; round++)
        {
            var (items, dimension) = (
                random.Next(1, 12) switch
                {
                    1 => 10_000,
                    < 6 => 3000,
                    _ => 500,
                },
                random.Next(2, 100)
            );
            var vectors = TestVectors.NearDirections(
                random,
                items,
                dimension,
                random.Next(1, 9),
                MathF.Pow(10, random.Next(-3, 1))
            );
            var biases = round % 2 == 0 ? null : Biases(random, items, vectors);
            var restScale = random.Next(3) switch
            {
                0 => 1 / 16.0,
                1 => 1,
                _ => 16,
            };
            using var index = TestVectors.IndexAlong(
                vectors,
                dimension,
                biases,
                random.Next(1, dimension + 1),
                round % 3 != 0,
                restScale
            );
            Check(random, index, vectors, dimension, biases, random.Next(1, 120), random.Next(1, 10), path);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Equals_the_plain_scan_laid_out_for_users(InstructionSet path)
    {
        var random = new Random(13);
        foreach (
            var (items, dimension, n) in ((int, int, int)[])
                [(3_400, 64, 100), (4_000, 96, 700), (9_200, 40, 100), (10_000, 64, 100)]
        )
        {
            foreach (var withBiases in (bool[])[false, true])
            {
                var vectors = Fill(items, dimension, (_, _) => TestVectors.Gaussian(random));
                var biases = withBiases ? Biases(random, items, vectors) : null;
                // One that is not finite and one that is zero count for nothing.
                var known = TestVectors.Users(random, 200, dimension, seed: 1);
                known.AsSpan(0, dimension).Fill(float.NaN);
                known.AsSpan(dimension, dimension).Clear();
                using var index = ItemIndex.Build(vectors, dimension, biases, known);
                Assert.InRange(index.Space.Kept, 1, dimension / 2);
                Assert.NotEqual(1, index.Space.BiasScale);

                // Such users, and others.
                var users = TestVectors.Users(random, 9, dimension, seed: 1).Chunk(dimension);
                Check(
                    random,
                    index,
                    vectors,
                    biases,
                    [.. users, .. Fill(2, dimension, (_, _) => TestVectors.Gaussian(random)).Chunk(dimension)],
                    n,
                    path
                );
            }
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Scores_beyond_float32_are_ordered_or_refused(InstructionSet path)
    {
        var search = new TopN(ItemIndex.Build([0, 0, 3e38f, 1, 1, 1, -3e38f, 1], 2), path);
        var (items, scores) = (new int[3], new float[3]);

        Assert.Equal(3, search.Search([2, 1], [], items, scores));
        Assert.Equal([1, 2, 3], items);
        Assert.Equal([float.PositiveInfinity, 3, float.NegativeInfinity], scores);

        var both = new float[34];
        (both[17], both[25]) = (3e38f, 3e38f);
        var broken = new TopN(ItemIndex.Build(both, 17), path);
        Assert.Throws<ArgumentException>(() =>
            broken.Search([2, 0, 0, 0, 0, 0, 0, 0, -2, 0, 0, 0, 0, 0, 0, 0, 0], [], items, scores)
        );
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Zero_is_zero_whatever_its_sign(InstructionSet path)
    {
        // The products of the first item round to −0, those of the second to 0.
        float[] vectors =
        [
            .. Enumerable
                .Range(0, 48)
                .Select(i =>
                    i < 16 ? 0
                    : i < 32 ? -1e-30f
                    : 1e-30f
                ),
        ];
        float[] user = [.. Enumerable.Repeat(1e-30f, 16)];
        foreach (var biases in (float[]?[])[null, [0, 0, 0], [0, -0f, 0], [0, 0, -0f]])
        {
            var (items, scores) = (new int[2], new float[2]);
            Assert.Equal(2, new TopN(ItemIndex.Build(vectors, 16, biases), path).Search(user, [], items, scores));
            Assert.Equal([1, 2], items);
            Assert.All(scores, score => Assert.Equal(0, BitConverter.SingleToInt32Bits(score)));
        }
    }

    [Fact]
    public void Vectors_that_are_not_finite_are_refused_with_the_item()
    {
        Assert.Contains(
            "item 2",
            Assert.Throws<ArgumentException>(() => ItemIndex.Build([0, 1, float.NaN], 1)).Message
        );
        Assert.Contains(
            "item 1",
            Assert.Throws<ArgumentException>(() => ItemIndex.Build([0, 1], 1, [0, float.PositiveInfinity])).Message
        );
    }

    private static void Check(
        Random random,
        float[] vectors,
        int dimension,
        float[]? biases,
        int n,
        int batch,
        InstructionSet path
    )
    {
        using var index = ItemIndex.Build(vectors, dimension, biases);
        Check(random, index, vectors, dimension, biases, n, batch, path);
    }

    private static void Check(
        Random random,
        ItemIndex index,
        float[] vectors,
        int dimension,
        float[]? biases,
        int n,
        int batch,
        InstructionSet path
    )
    {
        // Of the items' own kind: one of them, turned a little, or scaled far off.
        Check(
            random,
            index,
            vectors,
            biases,
            [
                .. Enumerable
                    .Range(0, batch)
                    .Select(_ =>
                    {
                        var like = random.Next(0, index.Count + 1);
                        var scale = random.Next(4) switch
                        {
                            0 => 0f,
                            1 => 1e-20f,
                            2 => 1e3f,
                            _ => 1f,
                        };
                        return vectors
                            .AsSpan(like * dimension, dimension)
                            .ToArray()
                            .Select(x => x * scale + TestVectors.Gaussian(random) * MathF.Abs(scale))
                            .ToArray();
                    }),
            ],
            n,
            path
        );
    }

    private static void Check(
        Random random,
        ItemIndex index,
        float[] vectors,
        float[]? biases,
        float[][] users,
        int n,
        InstructionSet path
    )
    {
        // One search after another, of a batch and of a part of it, each with what is eligible then.
        var search = new TopN(index, path);
        Check(random, search, vectors, biases, users, Withheld(random, index.Count), n);
        Check(random, search, vectors, biases, users[..((users.Length + 1) / 2)], Withheld(random, index.Count), n);
    }

    // Null: all are eligible, and nothing is said. Else none, some, most or all are withheld.
    private static int[]? Withheld(Random random, int items) =>
        random.Next(8) switch
        {
            0 => [],
            1 or 2 => [.. Enumerable.Range(0, items / 4).Select(_ => random.Next(0, items + 1))],
            3 => [.. Enumerable.Range(1, items).Where(_ => random.Next(20) > 0)],
            4 => [.. Enumerable.Range(0, items + 1)],
            _ => null,
        };

    private static void Check(
        Random random,
        TopN search,
        float[] vectors,
        float[]? biases,
        float[][] users,
        int[]? withheld,
        int n
    )
    {
        var (items, dimension) = (search.Index.Count, search.Index.Dimension);
        var seen = new int[users.Length][];
        var batch = search.Begin(users.Length, withheld is null ? null : new EligiblePositions(search.Index, withheld));
        for (var u = 0; u < users.Length; u++)
        {
            seen[u] = [.. Enumerable.Range(0, random.Next(0, 120)).Select(_ => random.Next(0, items + 1))];
            batch.Add(users[u], seen[u]);
        }
        batch.Search(n);

        var (found, scores) = (new int[n], new float[n]);
        for (var u = 0; u < users.Length; u++)
        {
            var count = batch.Write(u, found, scores);
            var expected = PlainScan.Search(vectors, dimension, biases, users[u], seen[u].Concat(withheld ?? []), n);
            Assert.Equal(expected, found.Zip(scores).Take(count));
        }
    }

    private static float[] Biases(Random random, int items, float[] vectors)
    {
        var size = vectors.Length == 0 ? 1 : vectors.Max(MathF.Abs);
        return [0, .. Enumerable.Range(0, items).Select(_ => size * TestVectors.Gaussian(random))];
    }

    private static float[] Fill(int items, int dimension, Func<int, int, float> value)
    {
        var vectors = new float[(items + 1) * dimension];
        for (var i = dimension; i < vectors.Length; i++)
        {
            vectors[i] = value(i / dimension, i % dimension);
        }
        return vectors;
    }

    private static float[] Rows(int items, int dimension, Func<int, float> norm, Func<float> value)
    {
        var norms = Enumerable.Range(0, items + 1).Select(norm).ToArray();
        return Fill(items, dimension, (i, _) => norms[i] * value());
    }
}
