using StreamRec.Settings;
using StreamRec.Training.Optimizing;

namespace StreamRec.Training.Options;

/// <summary>
/// What is asked of training. Zero or null means: derived from the data, by <see cref="TrainingPlan.Of"/>.
/// </summary>
public sealed record ModelOptions
{
    public const string LstmAttention = "lstm-attention";
    public const string LstmDense = "lstm-dense";
    public const string ConvolutionAttention = "conv1d-attention";

    public const string Linear = "linear",
        Additive = "additive",
        Dot = "dot";
    public const string Softmax = "softmax",
        SampledSoftmax = "sampled-softmax",
        Bpr = "bpr",
        Bce = "bce";
    public const string AdamW = "adamw",
        Adagrad = "adagrad",
        Sgd = "sgd";
    public const string Cosine = "cosine",
        LinearFall = "linear",
        Constant = "constant";

    /// <summary>Steps below which a model has learnt little, however few the data are.</summary>
    public const int FewSteps = 150;

    [Setting("Encoder; lstm-dense has no attention", LstmAttention, LstmDense, ConvolutionAttention)]
    public string Architecture { get; init; } = LstmAttention;

    [Setting(
        "linear: a score of each state alone, served by one step an event; additive, dot: the "
            + "last state asks, served by a rerun",
        Linear,
        Additive,
        Dot
    )]
    public string Attention { get; init; } = Linear;

    [Setting(
        "Over all items, or over a sample of them",
        Softmax,
        SampledSoftmax,
        Bpr,
        Bce,
        Default = "softmax up to 100000 items, else sampled-softmax"
    )]
    public string? Loss { get; init; }

    [Setting(
        "Items drawn for a sampled loss, shared by up to 256 positions",
        Least = 1,
        Most = 100_000,
        Default = "512"
    )]
    public int Negatives { get; init; }

    [Setting("sgd has a momentum of 0.9", AdamW, Adagrad, Sgd)]
    public string Optimizer { get; init; } = AdamW;

    [Setting(
        "How the learning rate falls after the first 100 steps; cosine and linear to zero",
        Cosine,
        LinearFall,
        Constant
    )]
    public string Schedule { get; init; } = Cosine;

    [Setting("The item's vector goes round the context layer, and layer normalisation follows", Default = "true")]
    public bool? Residual { get; init; }

    [Setting("The output layer reads the last item's own vector too", Default = "true")]
    public bool? LastItem { get; init; }

    [Setting(
        "Cosine softmax: item vectors of length 1, user vectors of this length, 1 or more; 0: "
            + "plain inner products",
        Least = 0,
        Most = 100,
        Default = "0"
    )]
    public float? CosineScale { get; init; }

    [Setting(
        "D, the width of item and user vectors, a multiple of 16",
        Least = 16,
        Most = 1024,
        Default = "from the data"
    )]
    public int Dimension { get; init; }

    [Setting("W, in events", Least = 2, Most = 2000, Default = "from the data")]
    public int Window { get; init; }

    [Setting(
        "Most inputs of a training piece, in events",
        Least = 2,
        Most = 10_000,
        Default = "2W−1, the most that serving ever encodes"
    )]
    public int PieceLength { get; init; }

    [Setting(
        "Positions (events with a successor) that a step is made of, about",
        Least = 64,
        Most = 1_000_000,
        Default = "from the data"
    )]
    public int BatchPositions { get; init; }

    [Setting("Share of input events that are left out of training by chance", Least = 0, Most = 0.9, Default = "0")]
    public float? ItemDropout { get; init; }

    [Setting("Dropout of the item vectors that enter the encoder", Least = 0, Most = 0.9, Default = "0.3")]
    public float? InputDropout { get; init; }

    [Setting("Dropout of what the last linear layer reads", Least = 0, Most = 0.9, Default = "0.2")]
    public float? OutputDropout { get; init; }

    [Setting("ε of label smoothing", Least = 0, Most = 0.5, Default = "0.1")]
    public float? LabelSmoothing { get; init; }

    [Setting("The highest learning rate", Least = 0, Most = 1, Default = "0.008 with softmax, else 0.004")]
    public float LearningRate { get; init; }

    [Setting("AdamW's decay of matrices, times the learning rate", Least = 0, Most = 10, Default = "from the data")]
    public float? WeightDecay { get; init; }

    [Setting("Items with fewer events are left out of the data", Least = 0, Most = 1_000_000)]
    public int MinItemEvents { get; init; }

    [Setting("Users with fewer events are left out of the data", Least = 0, Most = 1_000_000)]
    public int MinUserEvents { get; init; }

    [Setting(
        "Decay, a step, of the running average of the weights that is judged and kept; 0: the " + "weights themselves",
        Least = 0,
        Most = 0.99999,
        Default = "0.999 with softmax, else 0"
    )]
    public float Averaging { get; init; } = 0.999f;

    [Setting("The gradient's greatest norm; beyond it, it is scaled down", Least = 0.001, Most = 1e9)]
    public float ClipNorm { get; init; } = 5f;

    [Setting("Standard deviation of the first item vectors", Least = 0.000001, Most = 1_000)]
    public float InitialScale { get; init; } = 0.05f;

    [Setting(
        "Passes over the data, where minutes is not given",
        Least = 1,
        Most = 10_000,
        Default = "8, or as many as least_steps takes"
    )]
    public int Epochs { get; init; }

    [Setting(
        "Steps at least: more epochs if need be, and no patience before",
        Least = 1,
        Most = 1_000_000_000,
        Default = "150, or 1 where epochs, minutes or steps are given"
    )]
    public int LeastSteps { get; init; }

    [Setting(
        "Training time instead of epochs, in minutes: a few steps are measured, and the number "
            + "of steps is fixed from there",
        Least = 0.001,
        Most = 100_000
    )]
    public double? Minutes { get; init; }

    [Setting(
        "The exact number of steps, before minutes and epochs: repeats a run that was bound by time",
        Least = 1,
        Most = 1_000_000_000
    )]
    public int? Steps { get; init; }

    [Setting(
        "Epochs without a better validation NDCG@10 after which training stops; 0: never",
        Least = 0,
        Most = 10_000
    )]
    public int Patience { get; init; } = 4;

    [Setting(
        "Users held out for validation at most, each with the last event; 0: no validation",
        Least = 0,
        Most = 10_000_000
    )]
    public int ValidationUsers { get; init; } = 2000;

    [Setting(
        "Lists leave out the items of a user's last 2W−1 events: so the model is validated, and served and "
            + "evaluated unless told otherwise",
        Default = "true if less than 2 % of the next events repeat such an item"
    )]
    public bool? FilterSeen { get; init; }

    [Setting("Of all that is drawn")]
    public int Seed { get; init; } = 1;

    [Setting(
        "Parts of a batch that are computed side by side, so processors of use; the result depends on it, and "
            + "not on how many processors there are",
        Least = 1,
        Most = 256,
        Default = "8"
    )]
    public int Shards { get; init; }

    /// <summary>Checks what is given, before there are data.</summary>
    /// <exception cref="StreamRecException">An option is out of range.</exception>
    public void Check() => TrainingPlan.Of(this, Data.SequenceData.From([]));
}
