using StreamRec.Models;
using StreamRec.Training.Export;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Onnx;

/// <summary>Bundles with a step.onnx; nothing in them is trained, and every weight counts.</summary>
internal static class StepBundles
{
    public const int Items = 40,
        Window = 50;

    public static EncoderWeights Weights(
        string architecture,
        bool residual = false,
        bool lastItem = false,
        float cosineScale = 0,
        int dimension = 16,
        int seed = 1
    )
    {
        var plan = new TrainingPlan
        {
            Architecture = architecture,
            Residual = residual,
            LastItem = lastItem,
            CosineScale = cosineScale,
            Dimension = dimension,
        };
        var random = new Random(seed);
        var weights = new EncoderWeights(plan, Items);
        weights.Initialize(random, 1f);
        foreach (var vector in weights.All.Where(parameter => parameter.Value.Rows == 1))
        {
            foreach (ref float value in vector.Value.Span)
            {
                value += random.NextSingle() - 0.5f;
            }
        }
        weights.Repack();
        return weights;
    }

    public static Bundle Write(
        string directory,
        EncoderWeights weights,
        byte[]? step = null,
        byte[]? encoder = null,
        IReadOnlyList<string>? inputs = null,
        byte[]? explain = null
    )
    {
        BundleWriter.Write(
            directory,
            new BundleContents
            {
                Dimension = weights.Dimension,
                Window = Window,
                ItemIds = [.. Enumerable.Range(0, Items + 1).Select(item => item == 0 ? "" : $"i{item}")],
                Vectors = weights.Embedding.Seen.Span[..((Items + 1) * weights.Dimension)].ToArray(),
                Inputs = inputs ?? BundleManifest.VectorInputs,
                Encoder = encoder ?? EncoderExport.Write(weights),
                Step = step ?? StepExport.Write(weights),
                Explain = explain ?? [],
            }
        );
        return Bundle.Load(directory);
    }
}
