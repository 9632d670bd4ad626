using StreamRec.Ranking;
using StreamRec.Settings;
using StreamRec.Training.Data;

namespace StreamRec.Training.Options;

/// <summary>
/// How a model is trained, every value decided: what <see cref="ModelOptions"/> ask for, and the rest from the data. As
/// it stands: no dropout, smoothing, decay or residual, the full softmax.
/// </summary>
public sealed record TrainingPlan
{
    private const int MostItemsOfFullSoftmax = 100_000,
        DenseItems = 300,
        DefaultShards = 8;
    private const double DecayOfDense = 0.3,
        MostRepeats = 0.02;

    /// <inheritdoc cref="ModelOptions.Architecture"/>
    public string Architecture { get; init; } = ModelOptions.LstmAttention;

    public string Attention { get; init; } = ModelOptions.Linear;

    public string Loss { get; init; } = ModelOptions.Softmax;

    public int Negatives { get; init; }

    public string Optimizer { get; init; } = ModelOptions.AdamW;

    public string Schedule { get; init; } = ModelOptions.Cosine;

    public bool Residual { get; init; }

    public bool LastItem { get; init; }

    /// <summary>Length of user vectors under the cosine softmax; 0: plain inner products.</summary>
    public float CosineScale { get; init; }

    /// <summary>D.</summary>
    public int Dimension { get; init; }

    /// <summary>W, in events.</summary>
    public int Window { get; init; }

    /// <summary>Most inputs of a piece, in events.</summary>
    public int PieceLength { get; init; }

    /// <summary>Positions of a step, about.</summary>
    public int BatchPositions { get; init; }

    public float ItemDropout { get; init; }

    public float InputDropout { get; init; }

    public float OutputDropout { get; init; }

    public float LabelSmoothing { get; init; }

    public float LearningRate { get; init; }

    public float WeightDecay { get; init; }

    /// <summary>Decay, a step, of the running average that is judged; 0: the weights themselves.</summary>
    public float Averaging { get; init; }

    public float ClipNorm { get; init; }

    public float InitialScale { get; init; }

    /// <summary>Passes over the data, unless <see cref="Steps"/> or <see cref="Minutes"/> bound the training.</summary>
    public int Epochs { get; init; }

    public int LeastSteps { get; init; }

    /// <summary>The exact number of steps; null: by <see cref="Minutes"/>, or epochs.</summary>
    public int? Steps { get; init; }

    /// <summary>Training time in minutes; null: by epochs.</summary>
    public double? Minutes { get; init; }

    /// <summary>Epochs without a better validation after which training stops; 0: never.</summary>
    public int Patience { get; init; }

    public int ValidationUsers { get; init; }

    /// <summary>Whether lists leave out the items of a user's last 2W−1 events.</summary>
    public bool FilterSeen { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Parts of a batch that are computed side by side.</summary>
    public int Shards { get; init; }

    /// <summary>Whether each position is scored against all items.</summary>
    internal bool FullSoftmax => Loss == ModelOptions.Softmax;

    /// <summary>
    /// Fills in what is zero or null from the data's size, its sequences' lengths and repetition, and checks the rest.
    /// </summary>
    /// <exception cref="StreamRecException">An option is out of range.</exception>
    public static TrainingPlan Of(ModelOptions asked, SequenceData data)
    {
        ModelConfig.CheckGiven(asked);
        // A split leaves users with nothing; what is learnt from is sequences of two events and more.
        var lengths = data.Sequences.Select(sequence => sequence.Length).Where(length => length > 1).Order().ToArray();
        var p90 = lengths.Length == 0 ? 2 : lengths[(int)(lengths.Length * 0.9)];
        var window = asked.Window != 0 ? asked.Window : Math.Clamp((p90 + 9) / 10 * 10, 20, 200);
        var loss =
            asked.Loss ?? (data.Items <= MostItemsOfFullSoftmax ? ModelOptions.Softmax : ModelOptions.SampledSoftmax);
        var full = loss == ModelOptions.Softmax;
        var batch = Math.Max(Math.Min(data.Events / 100, 2048), data.Events / 240);

        // The rarer an item's events, the more its vector must be held back; without decay small data are learnt by
        // heart.
        var decay = full
            ? (float)Math.Clamp(DecayOfDense * DenseItems * data.Items / Math.Max(1, data.Events), DecayOfDense, 1)
            : 0f;
        var plan = new TrainingPlan
        {
            Architecture = asked.Architecture,
            Attention = asked.Attention,
            Loss = loss,
            Negatives = asked.Negatives != 0 ? asked.Negatives : 512,
            Optimizer = asked.Optimizer,
            Schedule = asked.Schedule,
            Residual = asked.Residual ?? true,
            LastItem = asked.LastItem ?? true,
            CosineScale = asked.CosineScale ?? 0f,
            Dimension =
                asked.Dimension != 0 ? asked.Dimension
                : data.Events < 20_000 || data.Items > MostItemsOfFullSoftmax ? 64
                : 128,
            Window = window,
            PieceLength = asked.PieceLength != 0 ? asked.PieceLength : (2 * window) - 1,
            BatchPositions =
                asked.BatchPositions != 0 ? asked.BatchPositions : (int)Math.Clamp(batch / 64 * 64, 256, 4096),
            ItemDropout = asked.ItemDropout ?? 0f,
            InputDropout = asked.InputDropout ?? 0.3f,
            OutputDropout = asked.OutputDropout ?? 0.2f,
            LabelSmoothing = asked.LabelSmoothing ?? 0.1f,
            LearningRate =
                asked.LearningRate != 0 ? asked.LearningRate
                : full ? 8e-3f
                : 4e-3f,
            WeightDecay = asked.WeightDecay ?? decay,
            Averaging = full ? asked.Averaging : 0f,
            ClipNorm = asked.ClipNorm,
            InitialScale = asked.InitialScale,
            Epochs = asked.Epochs != 0 ? asked.Epochs : 8,
            LeastSteps =
                asked.LeastSteps != 0 ? asked.LeastSteps
                : asked.Epochs != 0 || asked.Steps is not null || asked.Minutes is not null ? 1
                : ModelOptions.FewSteps,
            Steps = asked.Steps,
            Minutes = asked.Minutes,
            Patience = asked.Patience,
            ValidationUsers = asked.ValidationUsers,
            FilterSeen = asked.FilterSeen ?? data.RepeatShare(Eligibility.LeastKept(window)) < MostRepeats,
            Seed = asked.Seed,
            Shards = asked.Shards != 0 ? asked.Shards : DefaultShards,
        };
        plan.Check(data.Items);
        return plan;
    }

    // Each range stands once, at the option that bears the same name.
    private void Check(int items)
    {
        foreach (var setting in ModelConfig.Settings)
        {
            if (typeof(TrainingPlan).GetProperty(setting.Property.Name) is { } decided)
            {
                setting.CheckValue(decided.GetValue(this));
            }
        }
        Require(CosineScale is 0 || FullSoftmax, nameof(CosineScale), CosineScale, $"0 where loss is {Loss}");
        Require(CosineScale is 0 or >= 1, nameof(CosineScale), CosineScale, "0, or in 1..100");
        Require(Dimension % 16 == 0, nameof(Dimension), Dimension, "a multiple of 16");
        Require(LearningRate > 0, nameof(LearningRate), LearningRate, "above 0");
        RequireRoom(items);
    }

    // A bundle's file of vectors holds 2 GiB at most, and so does the encoder's graph, which has them and the other
    // weights.
    private void RequireRoom(int items)
    {
        const long most = int.MaxValue - (1L << 20);
        const int matrices = 20;
        long row = (long)Dimension * sizeof(float),
            others = matrices * Dimension * row;
        var gibibytes = (((items + 1) * row) + others) / (double)(1L << 30);
        var room = ((most - others) / row) - 1;
        if (items > room)
        {
            throw new StreamRecException(
                $"{items} items of dimension {Dimension} take {gibibytes:F1} GiB, and a file of a bundle holds 2 GiB: "
                    + $"{room} items of this dimension. Lower --dimension, or leave rare items out: "
                    + "min_item_events in --config.",
                FaultKind.Input
            );
        }
    }

    private static void Require(bool holds, string name, object? value, string range)
    {
        if (!holds)
        {
            throw new StreamRecException($"{ModelConfig.Name(name)} is {value}: it must be {range}.", FaultKind.Usage);
        }
    }
}
