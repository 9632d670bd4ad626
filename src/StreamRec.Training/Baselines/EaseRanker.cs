using System.Numerics.Tensors;
using StreamRec.Evaluation;
using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Baselines;

/// <summary>
/// EASE (Steck, 2019): s = x·B, B_ij = −P_ij/P_jj, P = (XᵀX + λI)⁻¹, λ = 3.5 · events an item, 50 at least. x is 1 for
/// each item of the history, or e^(−age/τ) of its newest event.
/// </summary>
public sealed class EaseRanker(string name, TrainingPart part, double memory = double.PositiveInfinity)
    : ScoredRanker(name, part)
{
    private const double Least = 1e-5;
    private readonly Matrix _weights = part.Ease;

    protected override Scorer Open()
    {
        var once = new HashSet<int>();
        return (in RankingCase asked, Span<float> scores) =>
        {
            once.Clear();
            var history = asked.History.Span;
            for (var age = 0; age < history.Length; age++)
            {
                var weight = Math.Exp(-age / memory);
                if (weight < Least)
                {
                    break;
                }
                if (history[^(age + 1)] is > 0 and var item && once.Add(item))
                {
                    TensorPrimitives.MultiplyAdd(_weights.RowSpan(item - 1), (float)weight, scores[1..], scores[1..]);
                }
            }
        };
    }
}
