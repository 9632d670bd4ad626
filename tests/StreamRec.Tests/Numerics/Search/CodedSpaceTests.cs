using System.Numerics.Tensors;
using StreamRec.Numerics.Search.Directions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>What the first pass sees of vectors bounds what they score, along however many directions.</summary>
public class CodedSpaceTests
{
    [Fact]
    public void Large_catalogues_near_a_few_directions_are_searched_along_them()
    {
        var random = new Random(1);
        using var index = ItemIndex.Build(TestVectors.NearDirections(random, 10_000, 64, 6, 0.05f), 64);

        Assert.InRange(index.Space.Kept, 1, 16);
        Assert.Equal(index.Space.Kept + 1, index.Space.Width);
    }

    [Fact]
    public void A_second_pass_follows_where_the_first_leaves_many()
    {
        var random = new Random(5);
        // Each coordinate smaller than the one before: some directions matter more, and none is without effect.
        var vectors = Enumerable
            .Range(0, 40_001 * 64)
            .Select(i => TestVectors.Gaussian(random) / MathF.Pow(1 + i % 64, 0.5f))
            .ToArray();
        using var index = ItemIndex.Build(vectors, 64);

        Assert.InRange(index.Space.Kept, 8, 48);
        Assert.NotNull(index.RowCodes);
    }

    [Fact]
    public void Where_users_are_known_items_are_searched_along_theirs()
    {
        var random = new Random(6);
        // No direction is better than another for the items.
        var vectors = Enumerable.Range(0, 3_001 * 64).Select(_ => TestVectors.Gaussian(random)).ToArray();
        using var index = ItemIndex.Build(vectors, 64, default, TestVectors.Users(random, 300, 64, seed: 1));

        Assert.InRange(index.Space.Kept, 3, 8);
        var (coordinates, copy) = (new double[index.Space.Width], new double[64]);
        foreach (var user in TestVectors.Users(random, 20, 64, seed: 1).Chunk(64))
        {
            index.Space.PlaceUser(user, coordinates, copy);
            var along = TensorPrimitives.Norm<double>(coordinates.AsSpan(0, index.Space.Kept));
            Assert.InRange(along / TensorPrimitives.Norm<float>(user), 0.9, 1.001);
        }
    }

    [Theory]
    [InlineData(10_000, 64, 64)] // no direction is better than another
    [InlineData(1_000, 64, 6)] // so few items are soon searched
    public void Others_are_searched_by_all_coordinates(int items, int dimension, int directions)
    {
        var random = new Random(2);
        var vectors =
            directions == dimension
                ? Enumerable.Range(0, (items + 1) * dimension).Select(_ => TestVectors.Gaussian(random)).ToArray()
                : TestVectors.NearDirections(random, items, dimension, directions, 0.05f);
        using var index = ItemIndex.Build(vectors, dimension);

        Assert.Equal(dimension, index.Space.Kept);
        Assert.Equal(dimension, index.Space.Width);
    }

    [Fact]
    public void Coordinates_bound_the_inner_product_from_both_sides()
    {
        var random = new Random(3);
        var checkedRounds = 0;
        for (var round = 0; round < 60; round++)
        {
            var dimension = random.Next(4, 70);
            var vectors = TestVectors.NearDirections(
                random,
                200,
                dimension,
                random.Next(1, dimension),
                MathF.Pow(10, random.Next(-4, 1))
            );
            var sample = Array.ConvertAll(vectors, value => (double)value);
            var kept = random.Next(1, dimension);
            // A sample without rank has no such directions.
            if (
                PrincipalDirections.Mixed(PrincipalDirections.Of(sample, dimension), dimension, kept)
                is not { } directions
            )
            {
                continue;
            }
            checkedRounds++;
            var space = new CodedSpace(dimension, directions, 2f, MathF.Exp(2 * TestVectors.Gaussian(random)));
            // An item and its opposite, for which the bounds are tight, among others.
            var users = Enumerable
                .Range(0, 5)
                .Select(u =>
                    u < 2
                        ? Array.ConvertAll(
                            vectors.AsSpan(dimension, dimension).ToArray(),
                            value => u == 0 ? value : -value
                        )
                        : [.. Enumerable.Range(0, dimension).Select(_ => TestVectors.Gaussian(random))]
                );
            foreach (var user in users)
            {
                for (var item = 1; item <= 200; item++)
                {
                    CheckBound(space, user, vectors.AsSpan(item * dimension, dimension));
                }
            }
        }
        Assert.InRange(checkedRounds, 30, 60);
    }

    /// <summary>
    /// PrincipalDirections that are as far from orthonormal as is let through, 1e-6, and vectors for which all of that
    /// counts: 2e-6 is what they need beside the length of the rest, and with less the first one's score would stand
    /// above its bound.
    /// </summary>
    [Theory]
    [InlineData(1e-6)]
    [InlineData(-1e-6)]
    [InlineData(0)]
    public void Directions_may_be_inexact(double fault)
    {
        var space = new CodedSpace(2, [Math.Sqrt(1 + fault), 0], 2f);
        foreach (var length in (float[])[1e-3f, 0, 1e-4f, 1e-2f, 1])
        {
            foreach (var (first, second) in ((float, float)[])[(-1, 1), (1, -1), (1, 1), (-1, -1)])
            {
                CheckBound(space, [1, length], [first, second * length]);
            }
        }
    }

    [Fact]
    public void The_leading_directions_come_first()
    {
        var random = new Random(4);
        var sample = Array.ConvertAll(TestVectors.NearDirections(random, 500, 40, 3, 0.01f), value => (double)value);
        var all = PrincipalDirections.Of(sample, 40);
        double before = double.PositiveInfinity,
            within = 0;
        for (var k = 0; k < 40; k++)
        {
            double along = 0;
            for (var at = 0; at < sample.Length; at += 40)
            {
                along += Math.Pow(TensorPrimitives.Dot<double>(all.AsSpan(k * 40, 40), sample.AsSpan(at, 40)), 2);
            }
            Assert.True(along <= before * (1 + 1e-9));
            (before, within) = (along, k < 3 ? within + along : within);
        }
        Assert.InRange(within / TensorPrimitives.SumOfSquares<double>(sample), 0.999, 1);
    }

    private static void CheckBound(CodedSpace space, float[] user, ReadOnlySpan<float> item)
    {
        const float bias = -0.75f;
        var (u, v, copy) = (new double[space.Width], new double[space.Width], new double[user.Length]);
        space.PlaceUser(user, u, copy);
        space.PlaceItem(item, bias, v, copy);
        double score = bias,
            lengths = 0,
            own = 0;
        for (var k = 0; k < user.Length; k++)
        {
            (score, lengths, own) = (
                score + (double)user[k] * item[k],
                lengths + (double)user[k] * user[k],
                own + (double)item[k] * item[k]
            );
        }
        var rounding = 1e-14 * Math.Sqrt(lengths * own);
        var bound = TensorPrimitives.Dot<double>(u, v);
        Assert.True(score <= bound + rounding, $"{score} is above {bound}.");
        Assert.True(
            score >= bound - 2 * u[space.RestAt] * v[space.RestAt] - rounding,
            $"{score} is far below {bound}."
        );
    }
}
