namespace StreamRec.Training.Data;

/// <summary>Cuts sequences into training pieces of at most W inputs and deals them into batches of about equally many positions.</summary>
internal sealed class Pieces(IReadOnlyList<ReadOnlyMemory<int>> sequences, int window, int batchPositions)
{
    /// <summary>An epoch's batches: cut at fresh random places, shuffled. Every event with a successor is an input once.</summary>
    public List<List<Piece>> Epoch(Random random)
    {
        var pieces = new List<Piece>();
        foreach (ReadOnlyMemory<int> sequence in sequences)
        {
            int inputs = sequence.Length - 1;
            int end = inputs > window ? random.Next(1, window + 1) : inputs;
            for (int start = 0; start < inputs; start = end, end = Math.Min(inputs, end + window))
            {
                pieces.Add(new Piece(sequence[start..end], sequence[(start + 1)..(end + 1)]));
            }
        }

        Piece[] shuffled = [.. pieces];
        random.Shuffle(shuffled);
        var batches = new List<List<Piece>>();
        int filled = batchPositions;
        foreach (Piece piece in shuffled)
        {
            if (filled >= batchPositions)
            {
                batches.Add([]);
                filled = 0;
            }

            batches[^1].Add(piece);
            filled += piece.Inputs.Length;
        }

        // Longest first, so that shards can be dealt longer and shorter ones alike.
        batches.ForEach(batch => batch.Sort((x, y) => y.Inputs.Length.CompareTo(x.Inputs.Length)));
        return batches;
    }
}

/// <summary>Inputs and, at each, the item that followed.</summary>
internal readonly record struct Piece(ReadOnlyMemory<int> Inputs, ReadOnlyMemory<int> Targets);
