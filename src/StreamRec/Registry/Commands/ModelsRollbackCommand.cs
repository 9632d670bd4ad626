using System.CommandLine;
using StreamRec.Registry.Pointers;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models rollback`.</summary>
internal static class ModelsRollbackCommand
{
    public static Command Create()
    {
        var (by, why) = (ModelsPlace.By(), ModelsPlace.Why());
        return ModelsCommand.With(
            "rollback",
            "Make the bundle live again that was live before this one: a promotion of its own.",
            [by, why],
            async (parsed, place, json, cancel) =>
            {
                var live =
                    (await place.Pointer.ReadAsync(cancel)).Live
                    ?? throw new StreamRecException("Nothing was ever promoted.", FaultKind.Input);
                var before =
                    Previous(await place.Pointer.HistoryAsync(cancel), live)
                    ?? throw new StreamRecException(
                        $"No other bundle was live before promotion {live.Promotion}: promote one by its id.",
                        FaultKind.Input
                    );
                if (await place.Bundles.ManifestAsync(before.Digest, cancel) is null)
                {
                    throw new StreamRecException(
                        $"Bundle {before.Digest} of model {before.Model}, which was live before, is not in the "
                            + $"registry {place.Bundles.Name} any more, or not whole: push it again.",
                        FaultKind.Input
                    );
                }
                // Whoever rolls back is in a hurry: workers that dropped it load it again.
                var done = await place.Promoter.RunAsync(
                    (before.Digest, before.Model),
                    live,
                    (parsed.GetValue(by)!, parsed.GetValue(why)!, Kinds.Rollback),
                    force: true,
                    cancel
                );
                ModelsPromoteCommand.Tell(done, json);
            }
        );
    }

    /// <summary>What was live last before what is: another bundle, and no number that a lost shard gave away.</summary>
    internal static PastPromotion? Previous(IReadOnlyList<PastPromotion> history, LivePointer live) =>
        history.LastOrDefault(past => past.Promotion < live.Promotion && past.Digest != live.Digest);
}
