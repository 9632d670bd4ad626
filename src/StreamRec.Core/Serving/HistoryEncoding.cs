using StreamRec.Events;
using StreamRec.Sequences;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>
/// Encodes users as a worker has them after histories that are given: what a model is judged by is what serves. A
/// history that goes on where the one before it ended costs its further events alone.
/// </summary>
/// <param name="model">Remains the caller's, who uses it for as long.</param>
public sealed class HistoryEncoding(ServingModel model)
{
    /// <summary>Users that are encoded together.</summary>
    private const int Batch = 128;

    private readonly SequenceOptions _options = new() { Kept = Recommender.LeastKept(model.Bundle) };
    private readonly int _dimension = model.Bundle.Manifest.Dimension;

    /// <param name="histories">B histories of item indices, oldest first; 0 is an item that the model lacks.</param>
    /// <param name="vectors">Receives user vectors [B,D], row-major.</param>
    /// <returns>Of each history whether there is a vector of it that a list can be made of.</returns>
    /// <exception cref="StreamRecException">The encoder failed.</exception>
    public bool[] Encode(
        IReadOnlyList<ReadOnlyMemory<int>> histories,
        Memory<float> vectors,
        CancellationToken cancel = default
    )
    {
        var usable = new bool[histories.Count];
        // Those of as many histories together, so that few users wait for others.
        var batches = Chains(histories).OrderByDescending(chain => chain.End.Value - chain.Start.Value).Chunk(Batch);
        try
        {
            Parallel.ForEach(
                batches,
                new ParallelOptions { CancellationToken = cancel },
                chains => Follow(chains, histories, vectors.Span, usable)
            );
        }
        catch (AggregateException fault) when (fault.InnerException is Encoders.EncoderFailedException inner)
        {
            throw new StreamRecException(inner.Message, FaultKind.Input, inner);
        }
        return usable;
    }

    /// <summary>Runs of histories each of which begins with the one before it: those of a user.</summary>
    private static IEnumerable<Range> Chains(IReadOnlyList<ReadOnlyMemory<int>> histories)
    {
        for (int from = 0, to = 1; from < histories.Count; from = to, to = from + 1)
        {
            while (to < histories.Count && histories[to].Span.StartsWith(histories[to - 1].Span))
            {
                to++;
            }
            yield return from..to;
        }
    }

    // The first history of each chain, then the second of those that have one, and so on.
    private void Follow(
        Range[] chains,
        IReadOnlyList<ReadOnlyMemory<int>> histories,
        Span<float> vectors,
        bool[] usable
    )
    {
        var users = Array.ConvertAll(chains, _ => new ServedUser("", null));
        for (var round = 0; chains.Length > 0; round++)
        {
            // The longest chains stand first.
            var active = Array.FindLastIndex(chains, chain => chain.Start.Value + round < chain.End.Value) + 1;
            (chains, users) = (chains[..active], users[..active]);
            for (var i = 0; i < active; i++)
            {
                Follow(users[i], histories[chains[i].Start.Value + round].Span);
            }
            using var lent = model.Encode(users);
            for (var place = 0; place < lent.Encoding.Encoded.Count; place++)
            {
                var at = chains[lent.Encoding.Encoded[place]].Start.Value + round;
                lent.Encoding.Vector(place).CopyTo(vectors[(at * _dimension)..]);
                usable[at] = true;
            }
        }
    }

    // Events as a log would have them, one after the other.
    private void Follow(ServedUser user, ReadOnlySpan<int> history)
    {
        user.Open(model.Items);
        for (var at = user.Sequence.Accepted; at < history.Length; at++)
        {
            var item = history[(int)at];
            var click = EventText.Of(new ClickEvent($"{at}", "", model.Bundle.ItemIds[item], "", at));
            user.Apply(click, item, new Delivery.Ports.LogRecord(at, 0, at, default, default), _options, model.Items);
        }
    }
}
