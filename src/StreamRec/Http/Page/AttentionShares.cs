using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Sequences;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http.Page;

/// <summary>
/// What attention gives each event of a sequence where the model that serves now encodes it. Safe for any number of
/// threads.
/// </summary>
/// <param name="live">The model that serves now; null while none does.</param>
internal sealed class AttentionShares(Func<ServedModel?> live) : IDisposable
{
    private readonly Lock _lock = new();
    private Bundle? _bundle;
    private OnnxAttention? _graph;

    /// <returns>
    /// Of each kept event, oldest first, its share; NaN for those that are not encoded: items that the model does not
    /// know, events before its window. Null: the model says nothing of it.
    /// </returns>
    /// <exception cref="StreamRecException">The bundle's graph cannot be run, or not of this sequence.</exception>
    public float[]? Of(UserSequence sequence)
    {
        lock (_lock)
        {
            var served = live();
            if (Graph(served?.Bundle) is not { } graph)
            {
                return null;
            }
            int[] kept = [.. sequence.Events.Select(kept => _bundle!.IndexOf(kept.ItemId))];
            if (served!.MakesNewItems && kept.Contains(0))
            {
                throw new StreamRecException(
                    "The sequence has items that the model was not trained on, which may count in it: of such a "
                        + "sequence the shares of attention are not known here.",
                    FaultKind.Input
                );
            }
            var window = _bundle!.Manifest.Window;
            var input = EncodingWindow.Input(kept, sequence.Accepted, window);
            var given = input.Length == 0 ? [] : graph.Shares(input);
            var shares = new float[kept.Length];
            Array.Fill(shares, float.NaN);
            var next = 0;
            for (
                var place = EncodingWindow.Skipped(kept.Length, sequence.Accepted, window);
                place < kept.Length;
                place++
            )
            {
                if (kept[place] != 0)
                {
                    shares[place] = given[next++];
                }
            }
            return shares;
        }
    }

    /// <summary>Lets go of a model that serves no more.</summary>
    public void Look()
    {
        lock (_lock)
        {
            if (_bundle is not null)
            {
                Take(live()?.Bundle);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _graph?.Dispose();
        }
    }

    private OnnxAttention? Graph(Bundle? bundle)
    {
        Take(bundle);
        return _graph ??= bundle?.ExplainPath is null ? null : new OnnxAttention(bundle);
    }

    private void Take(Bundle? bundle)
    {
        if (bundle != _bundle)
        {
            _graph?.Dispose();
            (_graph, _bundle) = (null, bundle);
        }
    }
}
