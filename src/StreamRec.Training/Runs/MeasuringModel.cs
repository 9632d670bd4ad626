using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Training.Data;
using StreamRec.Training.Export;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>
/// Models of any number of items for measuring speed: lists are meaningless, shapes and spectra are real. The same seed
/// gives the same model on the same machine, and no data set is needed.
/// </summary>
public sealed class MeasuringModel
{
    private const int BaseItems = 3400;
    private const int Steps = 250;

    private readonly EncoderWeights _weights;
    private readonly TrainingPlan _plan;

    private MeasuringModel(EncoderWeights weights, TrainingPlan plan, float[] users) =>
        (_weights, _plan, Users) = (weights, plan, users);

    /// <summary>User vectors [U,D] of the model's own kind, row-major.</summary>
    public float[] Users { get; }

    /// <summary>Item vectors [N+1,D], row-major.</summary>
    public float[] Vectors => _weights.Embedding.Value.Span[..((_weights.Items + 1) * _plan.Dimension)].ToArray();

    /// <summary>N+1 biases.</summary>
    public float[] Biases => _weights.ItemBias.Value.Span[..(_weights.Items + 1)].ToArray();

    /// <summary>Nothing is trained: gaussian item and user vectors, which no bound prunes well.</summary>
    public static MeasuringModel Random(int items, int dimension, int window, int users, int seed)
    {
        var random = new Random(seed);
        TrainingPlan plan = TrainingPlan.Of(Options(dimension, window, seed), SequenceData.From([]));
        var weights = new EncoderWeights(plan, items);
        weights.Initialize(random, 1f);
        return new MeasuringModel(
            weights,
            plan,
            [.. Enumerable.Range(0, users * dimension).Select(_ => Gaussian(random))]
        );
    }

    /// <summary>
    /// Trained for a fixed number of steps on generated clicks on 3,400 items, and resampled: each further item is a
    /// trained one with a tenth of noise, its norm times e^(0.3·g).
    /// </summary>
    public static MeasuringModel Trained(int items, int dimension, int window, int users, int seed)
    {
        var random = new Random(seed);
        SequenceData data = SequenceData.From(Clicks(random));
        var trained = Trainer.Train(data, Options(dimension, window, seed));
        var vectors = trained.Encode([
            .. Enumerable
                .Range(0, users)
                .Select(u => data.Sequences[u % data.Sequences.Count])
                .Select(s => s[..Math.Min(s.Length, window)]),
        ]);
        var weights = new EncoderWeights(trained.Plan, items);
        foreach (var parameter in weights.All)
        {
            if (parameter != weights.Embedding && parameter != weights.ItemBias)
            {
                parameter.Value.CopyFrom(trained.Weights.All[parameter.Index].Value);
            }
        }
        for (var item = 1; item <= items; item++)
        {
            var original = item <= data.Items;
            var like = original ? item : random.Next(1, data.Items + 1);
            var from = trained.Weights.Embedding.Value.RowSpan(like);
            var size = original ? 1f : MathF.Exp(0.3f * Gaussian(random));
            var noise = original
                ? 0f
                : 0.1f * System.Numerics.Tensors.TensorPrimitives.Norm<float>(from) / MathF.Sqrt(dimension);
            var to = weights.Embedding.Value.RowSpan(item);
            for (var k = 0; k < dimension; k++)
            {
                to[k] = size * (from[k] + (noise * Gaussian(random)));
            }
            weights.ItemBias.Value.Span[item] = trained.Weights.ItemBias.Value.Span[like];
        }
        return new MeasuringModel(weights, trained.Plan, vectors);
    }

    /// <summary>Everything a bundle needs; item ids are <c>item-0000001</c> and so on.</summary>
    public BundleContents ToContents() =>
        new()
        {
            Dimension = _plan.Dimension,
            Window = _plan.Window,
            Architecture = _plan.Architecture,
            ItemIds = ["", .. Enumerable.Range(1, _weights.Items).Select(ItemId)],
            Vectors = Vectors,
            Biases = Biases,
            Counts = new long[_weights.Items + 1],
            Inputs = BundleManifest.VectorInputs,
            Encoder = EncoderExport.Write(_weights),
            Step = StepExport.Write(_weights),
        };

    public static string ItemId(int item) => $"item-{item:D7}";

    private static ModelOptions Options(int dimension, int window, int seed) =>
        new()
        {
            Dimension = dimension,
            Window = window,
            Seed = seed,
            Steps = Steps,
            BatchPositions = 1024,
            LearningRate = 4e-3f,
            InputDropout = 0.2f,
            OutputDropout = 0.2f,
            WeightDecay = 0f,
            LabelSmoothing = 0.1f,
            Residual = false,
            LastItem = false,
            Epochs = 1,
            ValidationUsers = 0,
            FilterSeen = false,
            Shards = 2,
        };

    // Sixty shelves; a user has two, and goes on beside the last item or jumps to what is popular on one of them.
    private static IEnumerable<ClickEvent> Clicks(Random random)
    {
        const int shelves = 60,
            perShelf = BaseItems / shelves + 1;
        for (var user = 0; user < 4000; user++)
        {
            int[] own = [random.Next(shelves), random.Next(shelves)];
            int place = 0,
                shelf = own[0];
            for (var at = 0; at < 60; at++)
            {
                if (random.Next(10) < 4)
                {
                    shelf = own[random.Next(2)];
                    place = (int)(perShelf * Math.Pow(random.NextDouble(), 3));
                }
                else
                {
                    place = (place + 1) % perShelf;
                }
                var item = Math.Min((shelf * perShelf) + place, BaseItems - 1);
                yield return new ClickEvent(
                    $"e{at:000}",
                    $"u{user:0000}",
                    $"i{item:0000}",
                    EventTypes.Click,
                    1_000_000_000_000 + at
                );
            }
        }
    }

    private static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
}
