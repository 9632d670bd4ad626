using System.Numerics.Tensors;

namespace StreamRec.Ranking;

/// <summary>
/// How many directions the first pass shall look along, and whether a second pass shall follow. Fewer directions make the first cheaper,
/// but leave more items to be scored: both are reckoned for users who like a handful of related items, an item and its nearest.
/// Results do not depend on the choice.
/// </summary>
internal sealed class DirectionChoice
{
    private const int LeastItems = 6 * ItemIndex.BlockItems;
    private const int LeastDimension = 32, MostDimension = 256, Step = 8;
    private const int MostSampled = 16_384, MadeUpUsers = 24, Liked = 10;

    // A list, and its part of the sample: more than the items that a user was made of, which score high of themselves.
    private const int Wanted = 100, LeastWanted = 3 * Liked;

    // What all coordinates would cost must fall to this share: a sample does not tell costs more closely.
    private const double WorthIt = 0.95;

    // What coding adds to a bound, in lengths of user and item.
    private const double CodingError = 0.02;

    // More are left than the list's last score would leave, for the search knows that score only at its end.
    private const double Looseness = 1.5;

    // Costs of an item in products of a pair of coordinates, as the first pass makes them, a fixed part and one for each of D: to score it, and to
    // have it in a second pass; and what it costs to code a user for that, for each of D².
    private const int Scored = 512, ScoredPerDimension = 8, Narrowed = 150, NarrowedPerDimension = 2, CodedPerSquare = 8;

    private readonly int _dimension;
    private readonly double[] _items;
    private readonly double[] _directions;
    private readonly int _all;
    private readonly int _wanted;

    private DirectionChoice(int dimension, double[] items, double[] directions, int all)
    {
        (_dimension, _items, _directions, _all) = (dimension, items, directions, all);
        _wanted = Math.Max(LeastWanted, (int)((long)Wanted * Count / all));
    }

    // Items of the sample.
    private int Count => _items.Length / _dimension;

    private int Lengthed => _dimension / Step + 1;

    /// <param name="All">D directions, the leading ones first.</param>
    /// <param name="Best">Those to take in the first pass, mixed.</param>
    /// <param name="SecondPass">Whether a second pass pays.</param>
    public sealed record Choice(double[] All, double[] Best, bool SecondPass);

    /// <summary>The directions to take; null: none, but all coordinates.</summary>
    /// <param name="vectors">[N+1,D]; row 0 is padding.</param>
    /// <param name="largest">The largest norm.</param>
    public static Choice? Of(ReadOnlySpan<float> vectors, int dimension, double largest)
    {
        var count = vectors.Length / dimension - 1;
        if (count < LeastItems || dimension is < LeastDimension or > MostDimension || !double.IsNormal(1 / largest))
        {
            return null;
        }
        var sample = Sample(vectors, dimension, 1 / largest);
        var directions = Directions.Of(sample, dimension);
        var choice = new DirectionChoice(dimension, sample, directions, count);
        var (best, second) = choice.Best();
        return best < dimension && Directions.Mixed(directions, dimension, best) is { } mixed
            ? new Choice(directions, mixed, second) : null;
    }

    private static double[] Sample(ReadOnlySpan<float> vectors, int dimension, double scale)
    {
        var count = vectors.Length / dimension - 1;
        var sampled = Math.Min(count, MostSampled);
        var sample = new double[sampled * dimension];
        for (var i = 0; i < sampled; i++)
        {
            var item = 1 + (int)((long)i * count / sampled);
            var row = sample.AsSpan(i * dimension, dimension);
            TensorPrimitives.ConvertTruncating(vectors.Slice(item * dimension, dimension), row);
            TensorPrimitives.Multiply(row, scale, row);
        }
        return sample;
    }

    // The number of directions that costs least, or D.
    private (int Directions, bool SecondPass) Best()
    {
        var coordinates = Along(_items);
        var lengths = Lengths(coordinates);
        var left = new long[Lengthed];
        for (var u = 0; u < MadeUpUsers; u++)
        {
            CountLeft(Along(User((int)((long)u * Count / MadeUpUsers))), coordinates, lengths, left);
        }
        var scored = Scored + ScoredPerDimension * _dimension;
        var narrowed = Narrowed + NarrowedPerDimension * _dimension;
        var (best, second, least) = (_dimension, false, WorthIt * (_all * (_dimension / 2 + 1.0) + Left(left.Length - 1) * scored));
        for (var steps = 1; steps * Step < _dimension; steps++)
        {
            var firstPass = _all * (steps * Step / 2 + 1.0);
            var once = firstPass + Left(steps) * scored;
            var twice = firstPass + Left(steps) * narrowed + Left(left.Length - 1) * scored + CodedPerSquare * _dimension * _dimension;
            if (Math.Min(once, twice) < least)
            {
                (best, second, least) = (steps * Step, twice < once, Math.Min(once, twice));
            }
        }
        return (best, second);

        double Left(int steps) => left[steps] * Looseness / MadeUpUsers * _all / Count;
    }

    // The mean of an item and those whose inner products with it are largest.
    private double[] User(int item)
    {
        var scores = new double[Count];
        var likes = new int[Count];
        for (var i = 0; i < Count; i++)
        {
            scores[i] = -TensorPrimitives.Dot<double>(Item(_items, item), Item(_items, i));
            likes[i] = i;
        }
        Array.Sort(scores, likes);
        var user = new double[_dimension];
        foreach (var liked in likes.AsSpan(0, Liked))
        {
            TensorPrimitives.Add(user, Item(_items, liked), user);
        }
        return user;
    }

    // Adds, for each number of directions, the items whose bound reaches the list's last score.
    private void CountLeft(double[] user, double[] items, double[] lengths, long[] left)
    {
        var userLengths = Lengths(user);
        var scores = new double[Count];
        for (var i = 0; i < Count; i++)
        {
            scores[i] = TensorPrimitives.Dot<double>(user, Item(items, i));
        }
        var sorted = (double[])scores.Clone();
        Array.Sort(sorted);
        var needed = sorted[^_wanted];
        for (var i = 0; i < Count; i++)
        {
            var at = i * Lengthed;
            var bound = CodingError * userLengths[0] * lengths[at];
            for (var steps = 1; steps < left.Length; steps++)
            {
                var from = (steps - 1) * Step;
                bound += TensorPrimitives.Dot<double>(user.AsSpan(from, Step), items.AsSpan(i * _dimension + from, Step));
                left[steps] += bound + userLengths[steps] * lengths[at + steps] >= needed ? 1 : 0;
            }
        }
    }

    private double[] Along(double[] vectors)
    {
        var along = new double[vectors.Length];
        for (var at = 0; at < vectors.Length; at += _dimension)
        {
            var vector = vectors.AsSpan(at, _dimension);
            for (var k = 0; k < _dimension; k++)
            {
                along[at + k] = TensorPrimitives.Dot<double>(vector, _directions.AsSpan(k * _dimension, _dimension));
            }
        }
        return along;
    }

    // For each vector, the lengths of what is left of it after 0, 8, 16, … directions.
    private double[] Lengths(double[] along)
    {
        var lengths = new double[along.Length / _dimension * Lengthed];
        for (var v = 0; v < along.Length / _dimension; v++)
        {
            for (var s = 0; s < Lengthed; s++)
            {
                lengths[v * Lengthed + s] = TensorPrimitives.Norm<double>(Item(along, v)[Math.Min(s * Step, _dimension)..]);
            }
        }
        return lengths;
    }

    private Span<double> Item(double[] vectors, int item) => vectors.AsSpan(item * _dimension, _dimension);
}
