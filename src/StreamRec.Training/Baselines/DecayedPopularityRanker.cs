using StreamRec.Evaluation;

namespace StreamRec.Training.Baselines;

/// <summary>
/// Popularity that forgets: an event weighs half as much after so many others. Learns from a stream.
/// </summary>
public sealed class DecayedPopularityRanker : ScoredRanker
{
    private const double Shrunk = 1e-200;
    private readonly double[] _weights;
    private readonly double _growth;
    private double _next = 1;

    /// <param name="halfLife">In events of all users.</param>
    public DecayedPopularityRanker(string name, TrainingPart part, double halfLife)
        : base(name, part)
    {
        _weights = new double[part.Items + 1];
        _growth = Math.Pow(2, 1 / Math.Max(1, halfLife));
        foreach (var item in part.InOrderOfTime())
        {
            Add(item);
        }
    }

    public override void Observe(int user, int previous, int item)
    {
        Count(item);
        Add(item);
    }

    protected override Scorer Open() =>
        (in RankingCase asked, Span<float> scores) =>
        {
            var scale = 1 / _next;
            for (var item = 0; item < scores.Length; item++)
            {
                scores[item] = (float)(_weights[item] * scale);
            }
        };

    // A new event outweighs the old ones, which need not be touched then.
    private void Add(int item)
    {
        _next *= _growth;
        _weights[item] += _next;
        if (_next > 1 / Shrunk)
        {
            System.Numerics.Tensors.TensorPrimitives.Multiply(_weights, Shrunk, _weights);
            _next *= Shrunk;
        }
    }
}
