using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Likeness;

namespace StreamRec.Ranking.Variety;

/// <summary>
/// Chooses which of the best candidates stand in a list's first places, so that these differ from each other, have the
/// user's mix of categories, and not only what is common. What was chosen stands in the order of scores, and behind it,
/// in that order too, the rest.
/// </summary>
/// <remarks>
/// <para>
/// One after the other the candidate with the largest r − π·c − λ·max cos(v_i, v_j) + β·g is chosen, over the j chosen
/// before; ties to the better score. r is the score, scaled to 0…1 over the candidates, c how common the item is, g what
/// it adds to <see cref="CategoryBalance"/>; a cosine below 0 counts 0. λ, β and π are those of the dial.
/// </para>
/// <para>
/// A pure function of history, candidates and tables, the same to the bit on every path. One thread at a time; allocates
/// nothing once it has seen as many candidates. A candidate's value only falls as others are chosen, so one that was
/// computed some places ago is a bound: only the candidate with the largest bound is brought up to date, and chosen if it
/// still is the largest (Minoux, 1978). Rounding is monotone, so this chooses what computing all would.
/// </para>
/// </remarks>
internal sealed class VarietyReranker : IReranker
{
    /// <summary>Candidates from which few places are chosen.</summary>
    public const int LeastPool = 200;

    private const float Cosine = 1f / UnitCodes.One;

    private readonly VarietyTables _tables;
    private readonly DialPath _path;
    private readonly int _places;
    private readonly InstructionSet _instructions;
    private readonly CategoryBalance? _balance;
    private readonly BestCandidate _best = new();

    // By candidate: what its value is made of, as of the first _compared chosen ones.
    private float[] _worth = [];
    private int[] _closest = [];
    private int[] _compared = [];
    private bool[] _isChosen = [];

    // By place: the item, and its code.
    private readonly int[] _chosen;
    private readonly short[] _codes;
    private int[] _items = [];
    private float[] _scores = [];

    /// <param name="places">Places that are varied; what stands behind them is the best of the rest.</param>
    public VarietyReranker(
        VarietyTables tables,
        DialPath path,
        int places,
        InstructionSet? instructions = null
    )
    {
        (_tables, _path, _places) = (tables, path, places);
        _instructions = instructions ?? InstructionSets.Best;
        (_chosen, _codes) = (new int[places], new short[places * tables.Width]);
        _balance = tables.Categories is { } categories ? new CategoryBalance(categories, places) : null;
    }

    public int CandidatesFor(int places) => Math.Max(places, Pool(Math.Min(places, _places)));

    public int Choose(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, int places)
    {
        places = Math.Min(places, items.Length);
        var varied = Math.Min(_places, places);
        var pool = Math.Min(items.Length, Pool(varied));
        // All of them are chosen, and stand in the order of scores.
        if (varied == pool)
        {
            return places;
        }
        var balance = _balance is not null && _balance.Begin(history) ? _balance : null;
        Prepare(items[..pool], scores, balance);
        for (var place = 0; place < varied; place++)
        {
            int best;
            while (_compared[best = _best.Best()] < place)
            {
                Compare(best, items[best], place, balance);
            }
            Take(best, items[best], place, balance);
        }
        balance?.End(history, _chosen.AsSpan(0, varied));
        Order(items, scores, pool, places);
        return places;
    }

    private static int Pool(int varied) => Math.Max(LeastPool, 2 * varied);

    private void Prepare(ReadOnlySpan<int> items, ReadOnlySpan<float> scores, CategoryBalance? balance)
    {
        var count = items.Length;
        if (_worth.Length < count)
        {
            (_worth, _closest, _compared) = (new float[count], new int[count], new int[count]);
            (_isChosen, _items, _scores) = (new bool[count], new int[count], new float[count]);
        }
        _closest.AsSpan(0, count).Clear();
        _compared.AsSpan(0, count).Clear();
        _isChosen.AsSpan(0, count).Clear();
        var values = _best.Begin(count);
        var (high, low) = (scores[0], scores[count - 1]);
        var span = high > low ? 1 / (high - low) : 0;
        for (var i = 0; i < count; i++)
        {
            _worth[i] = ((scores[i] - low) * span) - (_path.Popularity * _tables.Popularity(items[i]));
            values[i] = ValueOf(i, items[i], balance);
        }
        _best.Ready();
    }

    private float ValueOf(int candidate, int item, CategoryBalance? balance)
    {
        var value = _worth[candidate] - (_path.Likeness * (_closest[candidate] * Cosine));
        return balance is null ? value : value + (_path.Balance * balance.Gain(item));
    }

    private void Compare(int candidate, int item, int place, CategoryBalance? balance)
    {
        var since = _codes.AsSpan((_compared[candidate] * _tables.Width)..(place * _tables.Width));
        _closest[candidate] = Math.Max(
            _closest[candidate],
            UnitCodes.MaxProduct(_tables.Code(item), since, _instructions)
        );
        _compared[candidate] = place;
        _best.Set(candidate, ValueOf(candidate, item, balance));
    }

    private void Take(int candidate, int item, int place, CategoryBalance? balance)
    {
        (_chosen[place], _isChosen[candidate]) = (item, true);
        _best.Set(candidate, float.NegativeInfinity);
        _tables.Code(item).CopyTo(_codes.AsSpan(place * _tables.Width));
        balance?.Take(item);
    }

    // What was chosen, and then the rest, each as it lay.
    private void Order(Span<int> items, Span<float> scores, int pool, int places)
    {
        var (front, rest) = (0, 0);
        for (var at = 0; at < pool; at++)
        {
            if (_isChosen[at])
            {
                (items[front], scores[front]) = (items[at], scores[at]);
                front++;
            }
            else
            {
                (_items[rest], _scores[rest]) = (items[at], scores[at]);
                rest++;
            }
        }
        rest = Math.Min(rest, places - front);
        _items.AsSpan(0, rest).CopyTo(items[front..]);
        _scores.AsSpan(0, rest).CopyTo(scores[front..]);
    }
}
