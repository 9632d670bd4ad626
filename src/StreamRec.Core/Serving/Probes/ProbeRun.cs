using System.Globalization;
using System.Numerics.Tensors;
using StreamRec.Events;
using StreamRec.Models;

namespace StreamRec.Serving.Probes;

/// <summary>Makes a model's probe, and sees whether a model that was loaded reproduces one.</summary>
public static class ProbeRun
{
    // Of a user vector's largest number, and of scores beside 1.
    private const float UserTolerance = 1e-3f,
        ScoreTolerance = 1e-4f;

    /// <summary>What the model makes of sequences.</summary>
    /// <exception cref="StreamRecException">It makes nothing of any.</exception>
    public static ModelProbe Make(ServingModel model)
    {
        var manifest = model.Bundle.Manifest;
        var sequences = ModelProbe.SequencesFor(manifest.Items, manifest.Window);
        var (users, usable) = Encode(model, sequences);
        var made = new List<ProbeCase>(sequences.Length);
        for (var one = 0; one < sequences.Length; one++)
        {
            if (usable[one])
            {
                var user = users.AsSpan(one * manifest.Dimension, manifest.Dimension);
                var (items, scores) = Best(model, user, ModelProbe.Places);
                made.Add(
                    new ProbeCase
                    {
                        Items = sequences[one],
                        User = user.ToArray(),
                        Top = items,
                        Scores = scores,
                    }
                );
            }
        }
        return made.Count > 0
            ? new ModelProbe { Format = ModelProbe.CurrentFormat, Sequences = made }
            : throw new StreamRecException(
                $"Model {Excerpt.Of(manifest.ModelId)} has a finite user vector for none of "
                    + $"{sequences.Length} sequences: "
                    + "no list could be made by it. Train it anew.",
                FaultKind.Input
            );
    }

    /// <summary>Whether the model gives what the probe says: vectors, and items save those of equal scores.</summary>
    /// <exception cref="StreamRecException">It does not; the message says where and by how much.</exception>
    public static void Require(ServingModel model, ModelProbe probe)
    {
        var dimension = model.Bundle.Manifest.Dimension;
        var (users, usable) = Encode(model, [.. probe.Sequences.Select(one => one.Items.ToArray())]);
        for (var one = 0; one < probe.Sequences.Count; one++)
        {
            var user = users.AsSpan(one * dimension, dimension);
            if (FaultOf(model, probe.Sequences[one], user, usable[one]) is { } fault)
            {
                throw new StreamRecException(
                    $"Model {Excerpt.Of(model.Bundle.Manifest.ModelId)} is another one here than where its "
                        + $"{BundleFiles.Probe} was made: of sequence {one + 1} {fault}. The files are right, "
                        + "so this machine runs its graphs otherwise, or the probe is of another bundle: "
                        + "push the bundle again, or train it anew.",
                    FaultKind.Input
                );
            }
        }
    }

    private static string? FaultOf(ServingModel model, ProbeCase known, ReadOnlySpan<float> user, bool usable)
    {
        if (!usable)
        {
            return "the user vector is not finite";
        }
        float[] wanted = [.. known.User];
        var distance = TensorPrimitives.MaxMagnitude<float>(Differences(wanted, user));
        var largest = Math.Abs(TensorPrimitives.MaxMagnitude<float>(wanted));
        if (!(Math.Abs(distance) <= UserTolerance * largest))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"a number of the user vector is off by {Math.Abs(distance):G3}, where the largest is {largest:G3}"
            );
        }
        // The search's own: what is judged is that the index finds what it found there.
        var (items, scores) = Best(model, user, known.Top.Count);
        if (items.Length != known.Top.Count)
        {
            return $"there are {items.Length} items, where there were {known.Top.Count}";
        }
        for (var place = 0; place < items.Length; place++)
        {
            // Vectors that are off by little may be so in the scores.
            var score = known.Scores[place];
            var tolerance = ScoreTolerance * Math.Max(1, Math.Abs(score));
            if (Math.Abs(scores[place] - score) > tolerance + UserTolerance * Math.Abs(score))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"place {place + 1} scores {scores[place]:G6}, where it was {score:G6}"
                );
            }
            if (items[place] != known.Top[place] && !IsTie(known, items[place], scores[place], tolerance))
            {
                return $"place {place + 1} is {Excerpt.Of(model.Bundle.ItemIds[items[place]])}, where it was "
                    + Excerpt.Of(model.Bundle.ItemIds[known.Top[place]]);
            }
        }
        return null;
    }

    // An item that stood elsewhere with about this score, or behind the last place.
    private static bool IsTie(ProbeCase known, int item, float score, float tolerance)
    {
        for (var place = 0; place < known.Top.Count; place++)
        {
            if (known.Top[place] == item)
            {
                return Math.Abs(known.Scores[place] - score) <= 2 * tolerance;
            }
        }
        return Math.Abs(known.Scores[^1] - score) <= 2 * tolerance;
    }

    private static float[] Differences(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        var differences = new float[one.Length];
        TensorPrimitives.Subtract(one, other, differences);
        return differences;
    }

    private static (float[] Users, bool[] Usable) Encode(ServingModel model, int[][] sequences)
    {
        var users = new float[sequences.Length * model.Bundle.Manifest.Dimension];
        var usable = new HistoryEncoding(model).Encode(
            [.. sequences.Select(items => (ReadOnlyMemory<int>)items)],
            users
        );
        return (users, usable);
    }

    private static (int[] Items, float[] Scores) Best(ServingModel model, ReadOnlySpan<float> user, int places)
    {
        var (items, scores) = (new int[places], new float[places]);
        var count = model.Search(user, [], items, scores);
        return (items[..count], scores[..count]);
    }
}
