using System.Globalization;
using StreamRec.Evaluation;
using StreamRec.Training.Evaluation;
using StreamRec.Training.Reranking;

namespace StreamRec.Training.Baselines;

/// <summary>Every kind of ranker that needs no network, the simplest first, with settings to choose from.</summary>
public static class RankerKinds
{
    private static readonly int[] s_halfLives = [64, 1, 4, 16, 256, 1024];
    private static readonly double[] s_memories = [3, 1, 10, 30];
    private static readonly (int Steps, double Decay, double Rarity)[] s_tables =
    [
        (5, .7, 0),
        (5, .7, .25),
        (10, .8, 0),
        (10, .8, .25),
    ];

    private static readonly (double Decay, int Last)[] s_asked = [(.7, 20), (.5, 8), (.8, 30), (.9, 60)];
    private static readonly int[] s_contents = [5, 1, 20];

    public static IReadOnlyList<RankerKind> All { get; } =
    [
        new("popularity", part => One("", () => part.Fed("popularity", new PopularityRanker()))) { Learns = true },
        new("popularity-decayed", Decayed) { Learns = true },
        new("markov", part => One("", () => part.Fed("markov", new MarkovRanker()))) { Learns = true },
        new("transitions", Transitions),
        new("item-to-item", part => One("", () => new ItemToItemRanker(part.Sequences, part.Items, part.Cancel))),
        new("ease", part => One("", () => new EaseRanker("ease", part))) { Missing = TooMany },
        new("ease-decayed", EaseDecayed) { Missing = TooMany },
        new("als", Als),
        new("vsknn", part => One("", () => new NeighbourRanker("vsknn", part))),
        new("stan", Stan),
        new("content", Content)
        {
            Missing = part => part.Categories is null ? "it ranks by categories: give --items FILE" : null,
        },
    ];

    private static RankerVariant[] One(string settings, Func<ICaseRanker> fit) => [new(settings, fit)];

    private static RankerVariant[] Decayed(TrainingPart part)
    {
        var events = part.Sequences.Sum(sequence => (long)sequence.Length);
        return
        [
            .. s_halfLives.Select(share => new RankerVariant(
                $"half-life {Math.Max(1, events / share)} events",
                () => new DecayedPopularityRanker("popularity-decayed", part, Math.Max(1.0, events / (double)share))
            )),
        ];
    }

    private static RankerVariant[] Transitions(TrainingPart part) =>
        [
            .. s_tables.SelectMany(table =>
            {
                var rows = new Lazy<TransitionRows>(() =>
                    new TransitionRows(part, table.Steps, table.Decay, table.Rarity)
                );
                return s_asked.Select(asked => new RankerVariant(
                    Told($"{table.Steps} steps, {table.Decay}^k, r = {table.Rarity}; ")
                        + Told($"last {asked.Last}, {asked.Decay}^age"),
                    () => new TransitionRanker("transitions", part, rows.Value, asked.Decay, asked.Last)
                ));
            }),
        ];

    private static string? TooMany(TrainingPart part) =>
        part.Items > WeightTable.MostEase
            ? $"its table of {part.Items} × {part.Items} items would not fit into memory; {WeightTable.MostEase} do"
            : null;

    private static RankerVariant[] EaseDecayed(TrainingPart part) =>
        [
            .. s_memories.Select(memory => new RankerVariant(
                Told($"τ = {memory} events"),
                () => new EaseRanker("ease-decayed", part, memory)
            )),
        ];

    private static RankerVariant[] Als(TrainingPart part)
    {
        var factors = new Lazy<MatrixFactorizationRanker>(() =>
            new MatrixFactorizationRanker(part.Sequences, part.Items, cancel: part.Cancel)
        );
        return
        [
            .. s_memories
                .Append(double.PositiveInfinity)
                .Select(memory => new RankerVariant(
                    double.IsInfinity(memory) ? "whole history" : Told($"τ = {memory} events"),
                    () => factors.Value.Remembering("als", memory)
                )),
        ];
    }

    private static RankerVariant[] Stan(TrainingPart part) =>
        [
            .. from age in (double[])[3, 10]
            from recency in (double[])[double.PositiveInfinity, 0.1]
            from distance in (double[])[5, 1]
            select new RankerVariant(
                Told($"λ1 = {age}, λ2 = {(double.IsInfinity(recency) ? "∞" : Told($"{recency}"))}, λ3 = {distance}"),
                () => new NeighbourRanker("stan", part, new StanScales(age, recency, distance))
            ),
        ];

    private static RankerVariant[] Content(TrainingPart part) =>
        [
            .. s_contents.Select(last => new RankerVariant(
                $"last {last}",
                () => new ContentRanker("content", part, last)
            )),
        ];

    private static string Told(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
