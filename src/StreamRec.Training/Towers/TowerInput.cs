using StreamRec.Catalogue;
using StreamRec.Evaluation;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Towers;

/// <summary>What a tower is fitted on: a model, what is known of its items, and what users did next.</summary>
public sealed record TowerInput
{
    private const int MostCases = 10_000;

    /// <summary>Item vectors [N+1,D], row-major.</summary>
    public required float[] Vectors { get; init; }

    public required int Dimension { get; init; }

    /// <summary>N+1.</summary>
    public required float[] Biases { get; init; }

    /// <summary>N+1: how often each item was trained on.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>N+1; null: nothing is known of an item.</summary>
    public required IReadOnlyList<ItemFacts?> Facts { get; init; }

    /// <summary>W.</summary>
    public required int Window { get; init; }

    public required bool ExcludeSeen { get; init; }

    public required int Seed { get; init; }

    /// <summary>What all choices are made by: users' last events, trained on or not.</summary>
    public required IReadOnlyList<RankingCase> Cases { get; init; }

    /// <summary>Of the same users, those whose last event was not trained on; all where these are too few.</summary>
    public required IReadOnlySet<int> HeldOut { get; init; }

    /// <summary>Whether all of <see cref="HeldOut"/> are such: else what is judged was trained on.</summary>
    public required bool IsHeldOut { get; init; }

    /// <summary>User vectors [B,D] of B blocks of histories.</summary>
    public required Func<IReadOnlyList<ReadOnlyMemory<int>>, float[]> Encode { get; init; }

    /// <summary>N.</summary>
    public int Items => Counts.Count - 1;

    /// <summary>Of a model that was just trained.</summary>
    /// <param name="data">What it was trained on.</param>
    /// <param name="facts">N+1, by index.</param>
    public static TowerInput Of(TrainedModel trained, SequenceData data, IReadOnlyList<ItemFacts?> facts)
    {
        var contents = trained.ToContents();
        var split = Trainer.HoldOut(data.Sequences, trained.Plan.ValidationUsers);
        HashSet<int> held = [.. split.Cases.Select(asked => asked.User)];
        var others = Trainer.HoldOut(data.Sequences, MostCases).Cases.Where(asked => !held.Contains(asked.User));
        var enough = held.Count >= TowerFit.LeastHeldOut;
        return new TowerInput
        {
            Vectors = contents.Vectors.ToArray(),
            Dimension = contents.Dimension,
            Biases = contents.Biases.ToArray(),
            Counts = data.Counts(),
            Facts = facts,
            Window = contents.Window,
            ExcludeSeen = contents.ExcludeSeen == true,
            Seed = trained.Plan.Seed,
            Cases = [.. split.Cases, .. others],
            IsHeldOut = enough,
            HeldOut = enough ? held : [.. Enumerable.Range(0, data.Sequences.Count)],
            Encode = trained.Encode,
        };
    }
}
