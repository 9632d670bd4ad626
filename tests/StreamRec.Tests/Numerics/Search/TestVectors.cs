using System.Numerics.Tensors;
using StreamRec.Numerics.Search.Directions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Tests.Numerics.Search;

internal static class TestVectors
{
    /// <summary>[N+1,D], row 0 zero: each row a sum of a few fixed directions, with a little of its own.</summary>
    public static float[] NearDirections(Random random, int items, int dimension, int directions, float own)
    {
        var fixedOnes = Enumerable.Range(0, directions * dimension).Select(_ => Gaussian(random)).ToArray();
        var vectors = new float[(items + 1) * dimension];
        for (var item = 1; item <= items; item++)
        {
            var row = vectors.AsSpan(item * dimension, dimension);
            for (var i = 0; i < directions; i++)
            {
                var weight = Gaussian(random);
                for (var k = 0; k < dimension; k++)
                {
                    row[k] += weight * fixedOnes[i * dimension + k];
                }
            }
            foreach (ref var value in row)
            {
                value += own * Gaussian(random);
            }
        }
        return vectors;
    }

    /// <summary>An index with a first pass along so many directions, whether or not they are the best.</summary>
    public static ItemIndex IndexAlong(
        float[] vectors,
        int dimension,
        float[]? biases,
        int directions,
        bool secondPass,
        double restScale = 1
    )
    {
        var all = PrincipalDirections.Of(Array.ConvertAll(vectors, value => (double)value), dimension);
        var mixed = PrincipalDirections.Mixed(all, dimension, directions);
        Assert.NotNull(mixed);
        return new ItemIndexBuilder(
            vectors,
            dimension,
            biases,
            given: new DirectionChoice.Choice(all, mixed, secondPass, restScale)
        ).Build();
    }

    /// <summary>[U,D]: each a sum of three directions that the seed gives, with a little of its own.</summary>
    public static float[] Users(Random random, int users, int dimension, int seed)
    {
        var fixedOnes = new Random(seed);
        var directions = Enumerable.Range(0, 3 * dimension).Select(_ => Gaussian(fixedOnes)).ToArray();
        var vectors = new float[users * dimension];
        for (var user = 0; user < users; user++)
        {
            var (a, b, c) = (Gaussian(random), Gaussian(random), Gaussian(random));
            for (var k = 0; k < dimension; k++)
            {
                vectors[user * dimension + k] =
                    a * directions[k]
                    + b * directions[dimension + k]
                    + c * directions[2 * dimension + k]
                    + 0.02f * Gaussian(random);
            }
        }
        return vectors;
    }

    public static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    /// <summary>All rows but the first of length 1.</summary>
    public static float[] Normalized(float[] vectors, int dimension)
    {
        for (var i = dimension; i < vectors.Length; i += dimension)
        {
            var row = vectors.AsSpan(i, dimension);
            TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
        }
        return vectors;
    }
}
