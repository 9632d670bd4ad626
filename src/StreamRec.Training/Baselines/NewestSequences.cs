namespace StreamRec.Training.Baselines;

/// <summary>Sequences of two events and more, numbered from the newest, and which of them hold an item.</summary>
internal sealed class NewestSequences
{
    private readonly int[][] _sequences;
    private readonly int[][] _holders;
    private readonly float[] _rarity;

    public NewestSequences(TrainingPart part)
    {
        _sequences =
        [
            .. part
                .Sequences.Select(
                    (sequence, at) =>
                        (Items: sequence, Time: sequence.IsEmpty ? 0 : part.Times[at].Span[sequence.Length - 1])
                )
                .Where(sequence => sequence.Items.Length > 1)
                .OrderByDescending(sequence => sequence.Time)
                .Select(sequence => Once(sequence.Items.Span)),
        ];
        var holders = new List<int>[part.Items + 1];
        for (var item = 0; item < holders.Length; item++)
        {
            holders[item] = [];
        }
        for (var at = 0; at < _sequences.Length; at++)
        {
            part.Cancel.ThrowIfCancellationRequested();
            foreach (var item in _sequences[at])
            {
                holders[item].Add(at);
            }
        }
        _holders = [.. holders.Select(list => list.ToArray())];
        _rarity = [.. holders.Select(list => MathF.Log(Math.Max(1, Count) / (float)Math.Max(1, list.Count)))];
    }

    public int Count => _sequences.Length;

    /// <summary>N.</summary>
    public int Items => _holders.Length - 1;

    /// <summary>A sequence's items, each once, in the order in which they stood there last.</summary>
    public ReadOnlySpan<int> Of(int sequence) => _sequences[sequence];

    /// <summary>The sequences that hold an item, the newest first.</summary>
    public ReadOnlySpan<int> Holding(int item) => _holders[item];

    /// <summary>Inverse document frequency: ln(sequences/those with the item).</summary>
    public float Rarity(int item) => _rarity[item];

    private static int[] Once(ReadOnlySpan<int> items)
    {
        var once = new List<int>();
        var seen = new HashSet<int>();
        for (var at = items.Length - 1; at >= 0; at--)
        {
            if (seen.Add(items[at]))
            {
                once.Add(items[at]);
            }
        }
        once.Reverse();
        return [.. once];
    }
}
