using System.Numerics.Tensors;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Numerics.Search.Directions;

/// <summary>
/// Along which directions the first pass shall look, and whether a second pass shall follow. Fewer directions make the
/// first cheaper, but leave more items to be scored: both are reckoned for a sample of users or, while none are known,
/// for made-up ones who like a handful of related items, an item and its nearest. Results do not depend on the choice.
/// </summary>
/// <remarks>
/// Rounding aside, a bound lies above the score by 2·‖u_r‖·‖v_r‖ at most, the lengths of what lies along none of the
/// directions. Encoders give users that lie much closer to a few directions than items do, so where users are known
/// theirs are taken.
/// </remarks>
internal sealed class DirectionChoice
{
    // A scan of fewer takes no longer than what comes after it.
    private const int LeastItems = 1024;
    private const int LeastDimension = 32,
        MostDimension = 256,
        Step = 4;
    private const int MostSampled = 8192,
        Judges = 24,
        Liked = 10;

    // Steps: made-up users lie closer to the leading directions than real ones.
    private const int LeastOfMadeUp = 2;

    // The weight of items beside users in the directions: enough to order those along which no user lies.
    private const double ItemsBesideUsers = 0.01;

    // A list, and its part of the sample: more than the items that a made-up user was made of, which score high of
    // themselves.
    private const int Wanted = 100,
        LeastWanted = 3 * Liked,
        LeastWantedOfUsers = 8;

    // What all coordinates would cost must fall to this share: a sample does not tell costs more closely.
    private const double WorthIt = 0.95;

    private const double MostRestScale = 16;

    // What coding adds to a bound, in lengths of user and item.
    private const double CodingError = 0.02;

    // More are left than the list's last score would leave, for the search knows that score only at its end.
    private const double Looseness = 1.5;

    // Costs of an item in products of a pair of coordinates, as the first pass makes them, a fixed part and one for
    // each of D: to score it, and to have it in a second pass; and what it costs to code a user for that, for each of
    // D².
    private const int Scored = 512,
        ScoredPerDimension = 8,
        Narrowed = 50,
        NarrowedPerDimension = 4,
        CodedPerSquare = 24;

    private readonly int _dimension;
    private readonly double[] _items;
    private readonly double[] _users;
    private readonly double[] _directions;
    private readonly double[] _along;
    private readonly double[][] _judges = new double[Judges][];
    private readonly int _all;
    private readonly int _wanted;

    private DirectionChoice(int dimension, double[] items, double[] users, int all)
    {
        (_dimension, _items, _users, _all) = (dimension, items, users, all);
        _directions = PrincipalDirections.Of(
            users.Length == 0 ? items : [.. users, .. Beside(users, items)],
            dimension
        );
        _along = Along(items);
        for (var judge = 0; judge < Judges; judge++)
        {
            _judges[judge] = Along(Judge(judge));
        }
        _wanted = Math.Max(users.Length == 0 ? LeastWanted : LeastWantedOfUsers, (int)((long)Wanted * Count / all));
    }

    // Items of the sample.
    private int Count => _items.Length / _dimension;

    private int Lengthed => _dimension / Step + 1;

    /// <param name="All">D directions, the leading ones first.</param>
    /// <param name="Best">Those to take in the first pass, mixed.</param>
    /// <param name="SecondPass">Whether a second pass pays.</param>
    /// <param name="RestScale">ρ of <see cref="CodedSpace"/>.</param>
    public sealed record Choice(double[] All, double[] Best, bool SecondPass, double RestScale = 1);

    /// <summary>Whether directions may pay at all.</summary>
    public static bool Serves(int items, int dimension) =>
        items >= LeastItems && dimension is >= LeastDimension and <= MostDimension;

    /// <summary>The directions to take; null: none, but all coordinates.</summary>
    /// <param name="vectors">[N+1,D]; row 0 is padding.</param>
    /// <param name="largest">The largest norm.</param>
    /// <param name="users">Row-major [U,D]; empty: none are known. Those that are zero or not finite do not
    /// count.</param>
    public static Choice? Of(ReadOnlySpan<float> vectors, int dimension, double largest, ReadOnlySpan<float> users)
    {
        var count = vectors.Length / dimension - 1;
        if (!Serves(count, dimension) || !double.IsNormal(1 / largest))
        {
            return null;
        }
        var choice = new DirectionChoice(
            dimension,
            Sample(vectors, dimension, 1 / largest),
            OfLengthOne(users, dimension),
            count
        );
        var (best, second) = choice.Best();
        return best < dimension && PrincipalDirections.Mixed(choice._directions, dimension, best) is { } mixed
            ? new Choice(choice._directions, mixed, second, choice.RestScale(best))
            : null;
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

    // Those that have a length.
    private static double[] OfLengthOne(ReadOnlySpan<float> users, int dimension)
    {
        var all = new List<double>(users.Length);
        for (; !users.IsEmpty; users = users[dimension..])
        {
            var user = new double[dimension];
            TensorPrimitives.ConvertTruncating(users[..dimension], user);
            var scale = 1 / TensorPrimitives.Norm<double>(user);
            if (double.IsNormal(scale))
            {
                TensorPrimitives.Multiply(user, scale, user);
                all.AddRange(user);
            }
        }
        return [.. all];
    }

    private static double[] Beside(double[] users, double[] items)
    {
        var scaled = new double[items.Length];
        TensorPrimitives.Multiply(
            items,
            Math.Sqrt(ItemsBesideUsers) * TensorPrimitives.Norm<double>(users) / TensorPrimitives.Norm<double>(items),
            scaled
        );
        return scaled;
    }

    // The number of directions that costs least, or D.
    private (int Directions, bool SecondPass) Best()
    {
        var lengths = Lengths(_along);
        var left = new long[Lengthed];
        foreach (var judge in _judges)
        {
            CountLeft(judge, _along, lengths, left);
        }
        var scored = Scored + ScoredPerDimension * _dimension;
        var narrowed = Narrowed + NarrowedPerDimension * _dimension;
        var (best, second, least) = (
            _dimension,
            false,
            WorthIt * (_all * (_dimension / 2 + 1.0) + Left(left.Length - 1) * scored)
        );
        for (var steps = _users.Length == 0 ? LeastOfMadeUp : 1; steps * Step < _dimension; steps++)
        {
            var firstPass = _all * (steps * Step / 2 + 1.0);
            var once = firstPass + Left(steps) * scored;
            var twice =
                firstPass
                + Left(steps) * narrowed
                + Left(left.Length - 1) * scored
                + CodedPerSquare * _dimension * _dimension;
            if (Math.Min(once, twice) < least)
            {
                (best, second, least) = (steps * Step, twice < once, Math.Min(once, twice));
            }
        }
        return (best, second);

        double Left(int steps) => left[steps] * Looseness / Judges * _all / Count;
    }

    // Where the rest is as large beside the other coordinates for users as for items.
    private double RestScale(int directions)
    {
        var scale = Math.Sqrt(_judges.Average(judge => RestBeside(judge, directions)) / RestBeside(_along, directions));
        return double.IsNaN(scale) ? 1 : Math.Clamp(scale, 1 / MostRestScale, MostRestScale);
    }

    // The length of the rest in that of what lies along the directions.
    private double RestBeside(double[] along, int directions)
    {
        double kept = 0;
        for (var at = 0; at < along.Length; at += _dimension)
        {
            kept += TensorPrimitives.SumOfSquares<double>(along.AsSpan(at, directions));
        }
        return Math.Sqrt(Math.Max(0, TensorPrimitives.SumOfSquares<double>(along) - kept) / kept);
    }

    private double[] Judge(int judge)
    {
        var known = _users.Length / _dimension;
        return known == 0
            ? MadeUp((int)((long)judge * Count / Judges))
            : [.. Item(_users, (int)((long)judge * known / Judges))];
    }

    // The mean of an item and those whose inner products with it are largest.
    private double[] MadeUp(int item)
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
                bound += TensorPrimitives.Dot<double>(
                    user.AsSpan(from, Step),
                    items.AsSpan(i * _dimension + from, Step)
                );
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

    // For each vector, the lengths of what is left of it after 0, 4, 8, … directions.
    private double[] Lengths(double[] along)
    {
        var lengths = new double[along.Length / _dimension * Lengthed];
        for (var v = 0; v < along.Length / _dimension; v++)
        {
            for (var s = 0; s < Lengthed; s++)
            {
                lengths[v * Lengthed + s] = TensorPrimitives.Norm<double>(
                    Item(along, v)[Math.Min(s * Step, _dimension)..]
                );
            }
        }
        return lengths;
    }

    private Span<double> Item(double[] vectors, int item) => vectors.AsSpan(item * _dimension, _dimension);
}
