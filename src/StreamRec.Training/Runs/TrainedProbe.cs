using System.Numerics.Tensors;
using StreamRec.Models;

namespace StreamRec.Training.Runs;

/// <summary>
/// The probe of a trained model, by the trainer's own forward pass: whoever loads the bundle sees that its graphs are
/// the same function there.
/// </summary>
public static class TrainedProbe
{
    /// <summary>Null where no vector is finite, so that there is nothing to find again.</summary>
    public static ModelProbe? Of(TrainedModel trained)
    {
        var contents = trained.ToContents();
        var (dimension, items) = (contents.Dimension, contents.ItemIds.Count - 1);
        var sequences = ModelProbe.SequencesFor(items, contents.Window);
        var users = trained.Encode([.. sequences.Select(sequence => (ReadOnlyMemory<int>)sequence)]);
        var made = new List<ProbeCase>();
        for (var one = 0; one < sequences.Length; one++)
        {
            var user = users[(one * dimension)..((one + 1) * dimension)];
            if (Array.TrueForAll(user, float.IsFinite))
            {
                made.Add(Of(sequences[one], user, contents));
            }
        }
        return made.Count == 0 ? null : new() { Format = ModelProbe.CurrentFormat, Sequences = made };
    }

    private static ProbeCase Of(int[] sequence, float[] user, BundleContents contents)
    {
        var vectors = contents.Vectors.Span;
        var biases = contents.Biases.Span;
        var scores = new float[contents.ItemIds.Count];
        for (var item = 1; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(user, vectors.Slice(item * user.Length, user.Length)) + biases[item];
        }
        int[] top =
        [
            .. Enumerable
                .Range(1, scores.Length - 1)
                .OrderByDescending(item => scores[item])
                .ThenBy(item => item)
                .Take(ModelProbe.Places),
        ];
        return new()
        {
            Items = sequence,
            User = user,
            Top = top,
            Scores = Array.ConvertAll(top, item => scores[item]),
        };
    }
}
