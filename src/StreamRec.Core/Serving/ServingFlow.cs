using System.Diagnostics;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Serving;

/// <summary>The pipeline, as one sentence: event → sequence → encode → rank → list.</summary>
internal static class ServingFlow
{
    public static BatchResult Run(ServingBatch batch, Recommender serving, Claim claim, int generation)
    {
        var began = Stopwatch.GetTimestamp();
        // One model and one view of the catalogue, from the look-up of an item to the text of a list.
        using var lease = serving.Models.Lease();
        var (model, catalogue) = (lease.Model, serving.Catalogue);
        var view = model.ViewOf(catalogue.Eligible);
        var origin = serving.Origin(lease, catalogue, batch.Partition, claim, generation);

        batch.Find(view.Items);
        serving.Tap?.Before(new ServedBatch(batch, model));
        Sequencer.Apply(batch, view.Items, serving);
        using var turn = serving.Threads.Begin();
        var applied = Stopwatch.GetTimestamp();
        using var lent = model.Encode(batch.Users, view.Added);
        var encoding = lent.Encoding;
        var encoded = Stopwatch.GetTimestamp();
        serving.TellUnusable(batch, encoding);
        turn.Share(
            batch.BeginLists(encoding.Encoded.Count, model.Workspaces.Candidates),
            (first, last, share) =>
            {
                ListRanking.Rank(batch, model, encoding, view.Eligible, model.Seen, first, last);
                ListWriting.Write(batch, view.Texts, encoding, origin, first, last, share);
            }
        );
        serving.Counters.Count(batch.Ranked);
        serving.TellComputed(
            new(
                batch.Partition.Partition,
                batch.Records.Count,
                began,
                Stopwatch.GetElapsedTime(began, applied),
                Stopwatch.GetElapsedTime(applied, encoded),
                Stopwatch.GetElapsedTime(encoded)
            )
        );
        serving.Tap?.After(new ServedBatch(batch, model, encoding.Encoded));
        return batch.Result(lease.Promotion);
    }
}
