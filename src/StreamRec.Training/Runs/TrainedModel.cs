using StreamRec.Models;
using StreamRec.Numerics.Matrices;
using StreamRec.Ranking;
using StreamRec.Training.Data;
using StreamRec.Training.Export;
using StreamRec.Training.Layers;
using StreamRec.Training.Networks;
using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>A trained encoder with its item vectors. One thread at a time.</summary>
public sealed class TrainedModel
{
    private readonly SequenceData _data;
    private readonly EncoderNetwork _network;

    internal TrainedModel(EncoderWeights weights, TrainingPlan plan, SequenceData data, TrainingReport report)
    {
        (Weights, Plan, _data, Report) = (weights, plan, data, report);
        _network = new EncoderNetwork(weights, plan);
    }

    /// <summary>All options, the derived ones filled in.</summary>
    public TrainingPlan Plan { get; }

    public TrainingReport Report { get; }

    internal EncoderWeights Weights { get; }

    /// <summary>The file from which this training could be taken up again; null for none.</summary>
    internal string? Checkpoint { get; init; }

    /// <summary>The trainer's own forward pass: B sequences of items in 1..N → user vectors [B,D], row-major.</summary>
    public float[] Encode(IReadOnlyList<ReadOnlyMemory<int>> sequences)
    {
        var batch = new PackedBatch(sequences);
        var users = _network.Forward(batch);
        var result = new float[sequences.Count * Plan.Dimension];
        for (var place = 0; place < sequences.Count; place++)
        {
            users.RowSpan(batch.LastRow[place]).CopyTo(result.AsSpan(batch.Order[place] * Plan.Dimension));
        }
        return result;
    }

    /// <summary>Everything a bundle needs.</summary>
    public BundleContents ToContents()
    {
        var rows = _data.Items + 1;
        var timed = _data.Events > 0;
        return new BundleContents
        {
            Dimension = Plan.Dimension,
            Window = Plan.Window,
            Architecture = Plan.Architecture,
            ItemIds = _data.ItemIds,
            Vectors = Weights.Embedding.Seen.Span[..(rows * Plan.Dimension)].ToArray(),
            Biases = Weights.ItemBias.Value.Span[..rows].ToArray(),
            Counts = _data.Counts(),
            Trained = TrainedEvents.Write(_data.All()),
            Types = [.. _data.Types],
            ExcludeSeen = Plan.FilterSeen,
            RepeatShare = Math.Round(_data.RepeatShare(Eligibility.LeastKept(Plan.Window)), 4),
            Inputs = BundleManifest.VectorInputs,
            Encoder = EncoderExport.Write(Weights),
            Step = Weights.Steps ? StepExport.Write(Weights) : ReadOnlyMemory<byte>.Empty,
            Explain = Weights.HasAttention ? ExplainExport.Write(Weights) : ReadOnlyMemory<byte>.Empty,
            TrainedFromMs = timed ? _data.Times.Where(t => t.Length > 0).Min(t => t.Span[0]) : null,
            TrainedToMs = timed ? _data.Times.Where(t => t.Length > 0).Max(t => t.Span[^1]) : null,
            Quality = Report.ByName().Where(figure => double.IsFinite(figure.Value)).ToDictionary(),
        };
    }

    /// <summary>Writes the bundle; with it a checkpoint is no longer needed, and is deleted.</summary>
    public BundleManifest WriteBundle(string directory)
    {
        var manifest = BundleWriter.Write(directory, ToContents());
        DeleteCheckpoint();
        return manifest;
    }

    internal void DeleteCheckpoint()
    {
        if (Checkpoint is not null)
        {
            File.Delete(Checkpoint);
        }
    }
}
