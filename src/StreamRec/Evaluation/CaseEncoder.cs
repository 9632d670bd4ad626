using System.Collections.Concurrent;
using StreamRec.Encoders;

namespace StreamRec.Evaluation;

/// <summary>
/// Encodes the blocks of many cases as the worker does: event by event where the bundle has a step.onnx, by
/// encoder.onnx where it has none. An input that goes on where the one before it ended costs its further events alone.
/// </summary>
/// <param name="whole">encoder.onnx.</param>
/// <param name="openStep">Opens a step encoder for a thread; null: the bundle has none.</param>
internal sealed class CaseEncoder(IUserEncoder whole, Func<IStepEncoder>? openStep)
{
    /// <summary>Inputs that are encoded in one call.</summary>
    private const int Batch = 128;

    private readonly ConcurrentBag<IStepEncoder> _idle = [];
    private readonly int _dimension = whole.Dimension;

    /// <param name="inputs">Item indices in 1..N, oldest first; none is empty.</param>
    /// <param name="users">Receives user vectors [B,D], row-major.</param>
    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> inputs, Memory<float> users, CancellationToken cancel)
    {
        try
        {
            if (openStep is null)
            {
                Rerun(inputs, users, cancel);
            }
            else
            {
                Advance(openStep, inputs, users, cancel);
            }
        }
        catch (AggregateException fault) when (fault.InnerException is EncoderFailedException inner)
        {
            throw new StreamRecException(inner.Message, FaultKind.Input, inner);
        }
    }

    private void Advance(
        Func<IStepEncoder> open,
        IReadOnlyList<ReadOnlyMemory<int>> inputs,
        Memory<float> users,
        CancellationToken cancel
    )
    {
        Range[] chains = [.. Chains(inputs).OrderByDescending(chain => inputs[chain.End.Value - 1].Length)];
        Parallel.ForEach(
            chains.Chunk(Batch),
            new ParallelOptions { CancellationToken = cancel },
            batch =>
            {
                IStepEncoder step = _idle.TryTake(out IStepEncoder? idle) ? idle : open();
                Advance(step, inputs, batch, users.Span);
                _idle.Add(step);
            }
        );
    }

    private void Rerun(IReadOnlyList<ReadOnlyMemory<int>> inputs, Memory<float> users, CancellationToken cancel)
    {
        int[][] batches = [.. Enumerable.Range(0, inputs.Count).OrderBy(at => inputs[at].Length).Chunk(Batch)];
        Parallel.ForEach(
            batches,
            new ParallelOptions { CancellationToken = cancel },
            batch =>
            {
                var vectors = new float[batch.Length * _dimension];
                whole.Encode([.. batch.Select(at => inputs[at])], vectors);
                for (int row = 0; row < batch.Length; row++)
                {
                    vectors.AsSpan(row * _dimension, _dimension).CopyTo(users.Span[(batch[row] * _dimension)..]);
                }
            }
        );
    }

    /// <summary>Runs of inputs each of which begins with the one before it.</summary>
    private static IEnumerable<Range> Chains(IReadOnlyList<ReadOnlyMemory<int>> inputs)
    {
        for (int from = 0, to = 1; from < inputs.Count; from = to, to = from + 1)
        {
            while (to < inputs.Count && inputs[to].Span.StartsWith(inputs[to - 1].Span))
            {
                to++;
            }

            yield return from..to;
        }
    }

    // In rounds, as the worker: the next event of each chain that has one.
    private void Advance(
        IStepEncoder step,
        IReadOnlyList<ReadOnlyMemory<int>> inputs,
        Range[] chains,
        Span<float> users
    )
    {
        float[][] states = [.. chains.Select(_ => new float[step.StateWidth])];
        Array.ForEach(states, state => step.Start(state));
        int[] asked = [.. chains.Select(chain => chain.Start.Value)];
        int[] items = new int[chains.Length],
            active = new int[chains.Length];
        var stepping = new float[chains.Length][];
        var vectors = new float[chains.Length * _dimension];
        for (int round = 0, count = chains.Length; count > 0; round++)
        {
            count = 0;
            for (int chain = 0; chain < chains.Length; chain++)
            {
                ReadOnlySpan<int> longest = inputs[chains[chain].End.Value - 1].Span;
                if (round < longest.Length)
                {
                    (items[count], stepping[count], active[count]) = (longest[round], states[chain], chain);
                    count++;
                }
            }

            step.Step(items.AsSpan(0, count), stepping.AsSpan(0, count), vectors.AsSpan(0, count * _dimension));
            for (int row = 0; row < count; row++)
            {
                int chain = active[row];
                while (asked[chain] < chains[chain].End.Value && inputs[asked[chain]].Length == round + 1)
                {
                    vectors.AsSpan(row * _dimension, _dimension).CopyTo(users[(asked[chain]++ * _dimension)..]);
                }
            }
        }
    }
}
