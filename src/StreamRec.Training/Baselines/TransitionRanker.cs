using StreamRec.Evaluation;

namespace StreamRec.Training.Baselines;

/// <summary>What stood behind the user's last items, those of age a counting decay^a.</summary>
/// <param name="last">Events that are asked.</param>
internal sealed class TransitionRanker(string name, TrainingPart part, TransitionRows rows, double decay, int last)
    : ScoredRanker(name, part)
{
    protected override Scorer Open() =>
        (in RankingCase asked, Span<float> scores) =>
        {
            var history = asked.History.Span;
            for (var age = 0; age < Math.Min(last, history.Length); age++)
            {
                var weight = (float)Math.Pow(decay, age);
                foreach ((var item, var count) in rows.Of(history[^(age + 1)]))
                {
                    scores[item] += weight * count;
                }
            }
        };
}
