namespace StreamRec.Numerics.Search.Index;

/// <summary>
/// Items that came after an index was laid out, as a search takes them beside it: in parts, each an index of its own.
/// Immutable, safe for any number of threads; which of them may be listed is told of each search.
/// </summary>
/// <remarks>
/// They have numbers above the index' items, in any order. Among equal scores they stand behind the items of the index,
/// in the order that they are given in: no result depends on when one came, or on which part it lies in.
/// </remarks>
public sealed class AddedItems
{
    private readonly int[] _numbers;
    private readonly int[] _ranks;

    /// <param name="known">N: the items of the index are 1..N.</param>
    /// <param name="numbers">The added ones' numbers, above N, none twice, in the order in which equal ones
    /// stand.</param>
    /// <param name="parts">What holds them. An item may lie in several: then all but one withhold it.</param>
    /// <exception cref="ArgumentException">A part has an item that is none of these.</exception>
    public AddedItems(int known, int[] numbers, IReadOnlyList<Layout> parts)
    {
        (Known, _numbers) = (known, numbers);
        Last = numbers.DefaultIfEmpty(known).Max();
        _ranks = new int[Last - known];
        for (var rank = 0; rank < numbers.Length; rank++)
        {
            _ranks[numbers[rank] - known - 1] = rank + 1;
        }
        Parts =
        [
            .. parts.Select(part => part.Index.Called(Array.ConvertAll(part.Numbers, number => KeyOf(number, part)))),
        ];
    }

    /// <summary>N.</summary>
    public int Known { get; }

    /// <summary>How many there are.</summary>
    public int Count => _numbers.Length;

    /// <summary>The largest number.</summary>
    internal int Last { get; }

    /// <summary>Items of a part are called by their keys.</summary>
    internal ItemIndex[] Parts { get; }

    /// <summary>Tells which items may be listed now.</summary>
    /// <param name="withheld">By part, the places of those that may not, from 1.</param>
    public Listed With(IReadOnlyList<int[]> withheld) =>
        new(this, [.. Parts.Select((part, at) => new EligiblePositions(part, withheld[at]))]);

    /// <summary>What a key calls an item: its rank above N; 0 for none of these.</summary>
    internal int KeyOf(int number) =>
        number - Known - 1 < _ranks.Length
            ? _ranks[number - Known - 1] switch
            {
                0 => 0,
                var rank => Known + rank,
            }
            : 0;

    /// <summary>Calls the items of a list by their numbers.</summary>
    internal void Name(Span<int> items)
    {
        foreach (ref var item in items)
        {
            item = item > Known ? _numbers[item - Known - 1] : item;
        }
    }

    private int KeyOf(int number, Layout part) =>
        // An item that is no more is withheld.
        number > Known
        && KeyOf(number) is > 0 and var key
            ? key
            : int.MaxValue;

    /// <summary>Items that are laid out.</summary>
    /// <param name="Index">Its items are 1, 2, … of <paramref name="Numbers"/>; see <see
    /// cref="ItemIndex.BuildWhole"/>.</param>
    /// <param name="Numbers">What they are called. Some of them may be no more: those are always withheld.</param>
    public readonly record struct Layout(ItemIndex Index, int[] Numbers);

    /// <summary>Added items, and which of them may be listed.</summary>
    public sealed class Listed
    {
        internal Listed(AddedItems items, EligiblePositions[] eligible) => (Items, Eligible) = (items, eligible);

        public AddedItems Items { get; }

        /// <summary>By part.</summary>
        internal EligiblePositions[] Eligible { get; }
    }
}
