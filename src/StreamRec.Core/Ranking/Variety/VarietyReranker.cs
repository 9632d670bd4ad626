using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
/// before; ties to the better score. r is the score, scaled to 0…1 over the candidates, c how common the item is, g
/// what it adds to <see cref="CategoryBalance"/>; a cosine below 0 counts 0. λ, β and π are those of the dial.
/// </para>
/// <para>
/// A pure function of history, candidates and tables, the same to the bit on every path. One thread at a time;
/// allocates nothing once it has seen as many candidates. A candidate's value only falls as others are chosen, so one
/// that was computed some places ago is a bound: only the candidate with the largest bound is brought up to date, and
/// chosen if it still is the largest (Minoux, 1978). Rounding is monotone, so this chooses what computing all would.
/// </para>
/// </remarks>
public sealed class VarietyReranker : IReranker
{
    /// <summary>Candidates from which few places are chosen.</summary>
    public const int LeastPool = 200;

    // Of the list that a path's balance is meant for.
    private const int BalancedPlaces = 10;

    private readonly VarietyTables _tables;
    private readonly DialPath _path;

    // Of whole numbers: of a product of codes, and of what balance counts in.
    private readonly float _likenessWeight;
    private readonly float _balanceWeight;
    private readonly int _places;
    private readonly InstructionSet _instructions;
    private readonly CategoryBalance? _balance;
    private readonly BestCandidate _best = new();

    // By candidate: what its value is made of, as of the first _compared chosen ones.
    private float[] _worth = [];
    private int[] _closest = [];
    private int[] _compared = [];
    private int[] _gains = [];
    private bool[] _isChosen = [];

    // By place, the code of what was chosen.
    private readonly short[] _codes;
    private int[] _items = [];
    private float[] _scores = [];

    /// <param name="places">Places that are varied; what stands behind them is the best of the rest.</param>
    public VarietyReranker(VarietyTables tables, DialPath path, int places, InstructionSet? instructions = null)
    {
        (_tables, _path, _places) = (tables, path, places);
        _likenessWeight = path.Likeness / UnitCodes.One;
        _balanceWeight = path.Balance * places / BalancedPlaces * CategoryBalance.Unit;
        _instructions = instructions ?? InstructionSets.Best;
        _codes = new short[places * tables.Width];
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
        var balanced = _balance is not null && _balance.Begin(history, items[..pool]);
        Prepare(items[..pool], scores);
        for (var place = 0; place < varied; place++)
        {
            if (place == 0 || balanced)
            {
                Value(pool, balanced);
            }
            int best;
            while (_compared[best = _best.Best()] < place)
            {
                Compare(best, items[best], place, balanced);
            }
            Take(best, items[best], place, balanced);
        }
        _balance?.End();
        Order(items, scores, pool, places);
        return places;
    }

    private static int Pool(int varied) => Math.Max(LeastPool, 2 * varied);

    private void Prepare(ReadOnlySpan<int> items, ReadOnlySpan<float> scores)
    {
        var count = items.Length;
        var whole = BestCandidate.Whole(count);
        if (_worth.Length < whole)
        {
            (_worth, _closest, _compared, _gains) = (new float[whole], new int[whole], new int[whole], new int[whole]);
            (_isChosen, _items, _scores) = (new bool[whole], new int[whole], new float[whole]);
        }
        _closest.AsSpan(0, whole).Clear();
        _compared.AsSpan(0, whole).Clear();
        _isChosen.AsSpan(0, whole).Clear();
        var (high, low) = (scores[0], scores[count - 1]);
        var scale = 1 / (high - low);
        // Scores that do not differ, or by more or less than can be told, say nothing: never what is not a number.
        var differ = float.IsNormal(scale);
        for (var i = 0; i < count; i++)
        {
            var relevance = differ ? (scores[i] - low) * scale : 0;
            _worth[i] = relevance - (_path.Popularity * _tables.Popularity(items[i]));
        }
        _worth.AsSpan(count, whole - count).Fill(float.NegativeInfinity);
    }

    // Of all candidates, as far as they were compared.
    private void Value(int count, bool balanced)
    {
        var values = MemoryMarshal.Cast<float, Vector256<float>>(_best.Begin(count));
        var worth = MemoryMarshal.Cast<float, Vector256<float>>(_worth.AsSpan());
        var closest = MemoryMarshal.Cast<int, Vector256<int>>(_closest.AsSpan());
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = worth[at] - (Vector256.ConvertToSingle(closest[at]) * _likenessWeight);
        }
        if (balanced)
        {
            _balance!.Gains[..count].CopyTo(_gains);
            var gains = MemoryMarshal.Cast<int, Vector256<int>>(_gains.AsSpan());
            for (var at = 0; at < values.Length; at++)
            {
                values[at] += Vector256.ConvertToSingle(gains[at]) * _balanceWeight;
            }
        }
        _best.Ready();
    }

    private void Compare(int candidate, int item, int place, bool balanced)
    {
        var since = _codes.AsSpan((_compared[candidate] * _tables.Width)..(place * _tables.Width));
        var closest = Math.Max(_closest[candidate], UnitCodes.MaxProduct(_tables.Code(item), since, _instructions));
        (_closest[candidate], _compared[candidate]) = (closest, place);
        var value = _worth[candidate] - (closest * _likenessWeight);
        _best.Set(candidate, balanced ? value + (_balance!.Gains[candidate] * _balanceWeight) : value);
    }

    private void Take(int candidate, int item, int place, bool balanced)
    {
        _isChosen[candidate] = true;
        _worth[candidate] = float.NegativeInfinity;
        _best.Set(candidate, float.NegativeInfinity);
        _tables.Code(item).CopyTo(_codes.AsSpan(place * _tables.Width));
        if (balanced)
        {
            _balance!.Take(candidate);
        }
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
