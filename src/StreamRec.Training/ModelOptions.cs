using StreamRec.Recommendations;

namespace StreamRec.Training;

/// <summary>What is trained and how. Zero or null means: derived from the data, by <see cref="Derive"/>.</summary>
public sealed record ModelOptions
{
    public const string LstmAttention = "lstm-attention";
    public const string LstmDense = "lstm-dense";
    public const string ConvolutionAttention = "conv1d-attention";

    public const string Linear = "linear", Additive = "additive", Dot = "dot";
    public const string Softmax = "softmax", SampledSoftmax = "sampled-softmax", Bpr = "bpr", Bce = "bce";
    public const string AdamW = "adamw", Adagrad = "adagrad", Sgd = "sgd";
    public const string Cosine = "cosine", LinearFall = "linear", Constant = "constant";
    private const int MostItemsOfFullSoftmax = 100_000, DenseItems = 300;
    private const double DecayOfDense = 0.3, MostRepeats = 0.02;

    /// <summary>Steps below which a model has learnt little, however few the data are.</summary>
    public const int FewSteps = 150;
    private const int DefaultShards = 8;

    /// <summary>lstm-attention (default), lstm-dense or conv1d-attention.</summary>
    public string Architecture { get; init; } = LstmAttention;

    /// <summary>linear (default): a score of each state alone, a running sum that serves by one step an event; additive or dot: the last state asks, served by a rerun of the block.</summary>
    public string Attention { get; init; } = Linear;

    /// <summary>softmax over all items, sampled-softmax, bpr or bce. Null: softmax up to 100,000 items, else sampled-softmax.</summary>
    public string? Loss { get; init; }

    /// <summary>Items drawn for a sampled loss, shared by up to 256 positions, 1..100000; 0: 512.</summary>
    public int Negatives { get; init; }

    /// <summary>adamw (default), adagrad or sgd (momentum 0.9).</summary>
    public string Optimizer { get; init; } = AdamW;

    /// <summary>How the learning rate falls after the first 100 steps: cosine (default) or linear, both to zero, or constant.</summary>
    public string Schedule { get; init; } = Cosine;

    /// <summary>The item's vector goes round the context layer, and layer normalisation follows. Null: yes.</summary>
    public bool? Residual { get; init; }

    /// <summary>The output layer reads the last item's own vector too. Null: yes.</summary>
    public bool? LastItem { get; init; }

    /// <summary>Cosine softmax: item vectors of length 1, user vectors of this length, 1..100; 0, and null: plain inner products.</summary>
    public float? CosineScale { get; init; }

    /// <summary>D, the width of item and user vectors: a multiple of 16 in 16..1024.</summary>
    public int Dimension { get; init; }

    /// <summary>W, in events, 2..2000.</summary>
    public int Window { get; init; }

    /// <summary>Most inputs of a training piece; 0: 2W−1, the most events that serving ever encodes.</summary>
    public int PieceLength { get; init; }

    /// <summary>Positions (events with a successor) a step is made of, about; 64..1000000.</summary>
    public int BatchPositions { get; init; }

    /// <summary>Share of input events that are left out of training by chance, 0..0.9. Null: 0.</summary>
    public float? ItemDropout { get; init; }

    /// <summary>Dropout of the item vectors that enter the encoder, 0..0.9.</summary>
    public float? InputDropout { get; init; }

    /// <summary>Dropout of what the last linear layer reads, 0..0.9.</summary>
    public float? OutputDropout { get; init; }

    /// <summary>ε of label smoothing, 0..0.5. Null: 0.1.</summary>
    public float? LabelSmoothing { get; init; }

    /// <summary>The highest learning rate; it rises over the first steps and falls to zero along a cosine. In 0..1.</summary>
    public float LearningRate { get; init; }

    /// <summary>AdamW's decay of matrices, times the learning rate, 0..10. Null: from the data.</summary>
    public float? WeightDecay { get; init; }

    /// <summary>Items with fewer events are left out of the data; 0 and 1: none.</summary>
    public int MinItemEvents { get; init; }

    /// <summary>Users with fewer events are left out of the data; 0 and 1: none.</summary>
    public int MinUserEvents { get; init; }

    /// <summary>Decay, a step, of the running average of the weights that is judged and kept, 0..0.99999; 0: the weights themselves.</summary>
    public float Averaging { get; init; } = 0.999f;

    /// <summary>The gradient's greatest norm; beyond it, it is scaled down.</summary>
    public float ClipNorm { get; init; } = 5f;

    /// <summary>Standard deviation of the first item vectors.</summary>
    public float InitialScale { get; init; } = 0.05f;

    /// <summary>
    /// Passes over the data, when <see cref="Minutes"/> is not given; 0: 8, or as many as <see cref="LeastSteps"/>
    /// takes.
    /// </summary>
    public int Epochs { get; init; }

    /// <summary>
    /// Steps at least: more epochs than <see cref="Epochs"/> if need be, and no patience before. 0: 150, or 1 where
    /// epochs, minutes or steps are given.
    /// </summary>
    public int LeastSteps { get; init; }

    /// <summary>Training time in minutes: a few steps are measured, and the number of steps is fixed from there.</summary>
    public double? Minutes { get; init; }

    /// <summary>The exact number of steps, before <see cref="Minutes"/> and <see cref="Epochs"/>: repeats a run that was bound by time.</summary>
    public int? Steps { get; init; }

    /// <summary>Epochs without a better validation NDCG@10 after which training stops; 0: never.</summary>
    public int Patience { get; init; } = 4;

    /// <summary>Users held out for validation at most, each with the last event; 0: no validation.</summary>
    public int ValidationUsers { get; init; } = 2000;

    /// <summary>
    /// Lists leave out the items of a user's last 2W−1 events: by this the model is validated, and so it is served and
    /// evaluated unless told otherwise. Null: yes, if less than 2 % of the next events repeat such an item.
    /// </summary>
    public bool? FilterSeen { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>
    /// Parts of a batch that are computed side by side, so processors of use; the result depends on it, and not on how
    /// many processors there are. 0: 8.
    /// </summary>
    public int Shards { get; init; }

    /// <summary>Fills in what is zero or null from the data's size, its sequences' lengths and repetition, and checks the rest.</summary>
    public ModelOptions Derive(Data.SequenceData data)
    {
        // A split leaves users with nothing; what is learnt from is sequences of two events and more.
        int[] lengths = data.Sequences.Select(sequence => sequence.Length).Where(length => length > 1).Order().ToArray();
        int p90 = lengths.Length == 0 ? 2 : lengths[(int)(lengths.Length * 0.9)];
        int window = Window != 0 ? Window : Math.Clamp((p90 + 9) / 10 * 10, 20, 200);
        string loss = Loss ?? (data.Items <= MostItemsOfFullSoftmax ? Softmax : SampledSoftmax);
        bool full = loss == Softmax;
        long batch = Math.Max(Math.Min(data.Events / 100, 2048), data.Events / 240);

        // The rarer an item's events, the more its vector must be held back; without decay small data are learnt by heart.
        float decay = full ? (float)Math.Clamp(DecayOfDense * DenseItems * data.Items / Math.Max(1, data.Events), DecayOfDense, 1) : 0f;
        return (this with
        {
            Dimension = Dimension != 0 ? Dimension : data.Events < 20_000 || data.Items > MostItemsOfFullSoftmax ? 64 : 128,
            Window = window,
            PieceLength = PieceLength != 0 ? PieceLength : (2 * window) - 1,
            Residual = Residual ?? true,
            LastItem = LastItem ?? true,
            LabelSmoothing = LabelSmoothing ?? 0.1f,
            Loss = loss,
            Negatives = Negatives != 0 ? Negatives : 512,
            Averaging = full ? Averaging : 0f,
            ItemDropout = ItemDropout ?? 0f,
            CosineScale = CosineScale ?? 0f,
            BatchPositions = BatchPositions != 0 ? BatchPositions : (int)Math.Clamp(batch / 64 * 64, 256, 4096),
            LearningRate = LearningRate != 0 ? LearningRate : full ? 8e-3f : 4e-3f,
            WeightDecay = WeightDecay ?? decay,
            InputDropout = InputDropout ?? 0.3f,
            OutputDropout = OutputDropout ?? 0.2f,
            Epochs = Epochs != 0 ? Epochs : 8,
            LeastSteps = LeastSteps != 0 ? LeastSteps
                : Epochs != 0 || Steps is not null || Minutes is not null ? 1 : FewSteps,
            FilterSeen = FilterSeen ?? data.RepeatShare(Eligibility.LeastKept(window)) < MostRepeats,
            Shards = Shards != 0 ? Shards : DefaultShards,
        }).Checked(data.Items);
    }

    /// <summary>Checks what is given, before there are data.</summary>
    /// <exception cref="StreamRecException">An option is out of range.</exception>
    public void Check() => Derive(Data.SequenceData.From([]));

    private ModelOptions Checked(int items)
    {
        Require(Architecture is LstmAttention or LstmDense or ConvolutionAttention, nameof(Architecture), Architecture,
            $"{LstmAttention}, {LstmDense} or {ConvolutionAttention}");
        Require(Attention is Linear or Additive or Dot, nameof(Attention), Attention, $"{Linear}, {Additive} or {Dot}");
        Require(Loss is Softmax or SampledSoftmax or Bpr or Bce, nameof(Loss), Loss, $"{Softmax}, {SampledSoftmax}, {Bpr} or {Bce}");
        Require(Optimizer is AdamW or Adagrad or Sgd, nameof(Optimizer), Optimizer, $"{AdamW}, {Adagrad} or {Sgd}");
        Require(Schedule is Cosine or LinearFall or Constant, nameof(Schedule), Schedule, $"{Cosine}, {LinearFall} or {Constant}");
        Require(CosineScale is 0 || Loss == Softmax, nameof(CosineScale), CosineScale, $"0 where loss is {Loss}");
        Require(Negatives is >= 1 and <= 100_000, nameof(Negatives), Negatives, "in 1..100000");
        Require(ItemDropout is >= 0 and <= 0.9f, nameof(ItemDropout), ItemDropout, "in 0..0.9");
        Require(Dimension is >= 16 and <= 1024 && Dimension % 16 == 0, nameof(Dimension), Dimension, "a multiple of 16 in 16..1024");
        Require(Window is >= 2 and <= 2000, nameof(Window), Window, "in 2..2000");
        Require(PieceLength is >= 2 and <= 10_000, nameof(PieceLength), PieceLength, "in 2..10000");
        Require(CosineScale is 0 or (>= 1 and <= 100), nameof(CosineScale), CosineScale, "0, or in 1..100");
        Require(Averaging is >= 0 and < 1, nameof(Averaging), Averaging, "in 0..0.99999");
        Require(BatchPositions is >= 64 and <= 1_000_000, nameof(BatchPositions), BatchPositions, "in 64..1000000");
        Require(InputDropout is >= 0 and <= 0.9f, nameof(InputDropout), InputDropout, "in 0..0.9");
        Require(OutputDropout is >= 0 and <= 0.9f, nameof(OutputDropout), OutputDropout, "in 0..0.9");
        Require(LabelSmoothing is >= 0 and <= 0.5f, nameof(LabelSmoothing), LabelSmoothing, "in 0..0.5");
        Require(LearningRate is > 0 and <= 1, nameof(LearningRate), LearningRate, "in 0..1");
        Require(WeightDecay is >= 0 and <= 10, nameof(WeightDecay), WeightDecay, "in 0..10");
        Require(Epochs is >= 1 and <= 10_000, nameof(Epochs), Epochs, "in 1..10000");
        Require(Minutes is null or (> 0 and <= 100_000), nameof(Minutes), Minutes, "above 0");
        Require(Steps is null or >= 1, nameof(Steps), Steps, "1 or more");
        Require(LeastSteps >= 1, nameof(LeastSteps), LeastSteps, "1 or more");
        Require(Patience >= 0, nameof(Patience), Patience, "0 or more");
        Require(ValidationUsers >= 0, nameof(ValidationUsers), ValidationUsers, "0 or more");
        Require(MinItemEvents >= 0, nameof(MinItemEvents), MinItemEvents, "0 or more");
        Require(MinUserEvents >= 0, nameof(MinUserEvents), MinUserEvents, "0 or more");
        Require(ClipNorm > 0, nameof(ClipNorm), ClipNorm, "above 0");
        Require(InitialScale is > 0 and <= 1000, nameof(InitialScale), InitialScale, "above 0, and 1000 at most");
        Require(Shards is >= 1 and <= 256, nameof(Shards), Shards, "in 1..256");
        RequireRoom(items);
        return this;
    }

    // A bundle's file of vectors holds 2 GiB at most, and so does the encoder's graph, which has them and the other weights.
    private void RequireRoom(int items)
    {
        const long most = int.MaxValue - (1L << 20);
        const int matrices = 20;
        long row = (long)Dimension * sizeof(float), others = matrices * Dimension * row;
        double gibibytes = (((items + 1) * row) + others) / (double)(1L << 30);
        long room = ((most - others) / row) - 1;
        if (items > room)
        {
            throw new StreamRecException(
                $"{items} items of dimension {Dimension} take {gibibytes:F1} GiB, and a file of a bundle holds 2 GiB: "
                + $"{room} items of this dimension. Lower --dimension, or leave rare items out: min_item_events in --config.",
                ExitCode.BadInput);
        }
    }

    private static void Require(bool holds, string name, object? value, string range)
    {
        if (!holds)
        {
            throw new StreamRecException($"{ModelConfig.NameOf(name)} is {value}; it must be {range}.", ExitCode.Usage);
        }
    }
}
