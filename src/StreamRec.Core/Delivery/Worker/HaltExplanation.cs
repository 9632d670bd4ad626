using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// Says of a halt what was found, what the choices are, and the command for each. docs/operations.md has a page for
/// each.
/// </summary>
public static class HaltExplanation
{
    /// <summary>The field of a mismatch that stands for meta that cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The reason that a refused claim stands for.</summary>
    public static HaltReason ReasonOf(ClaimAnswer.Mismatch mismatch) =>
        mismatch.Field switch
        {
            "group" => HaltReason.OtherGroup,
            "topic_uuid" => HaltReason.TopicRecreated,
            "partitions" => HaltReason.PartitionsChanged,
            Unreadable => HaltReason.MetaUnreadable,
            _ => HaltReason.RecoveryUnfinished,
        };

    /// <param name="at">Where the partition stood.</param>
    /// <param name="mismatch">What the store refused, for the reasons that come from it.</param>
    /// <param name="error">Why a batch could not be computed.</param>
    public static string Of(
        PartitionIdentity partition,
        HaltReason reason,
        LogPosition at,
        ClaimAnswer.Mismatch? mismatch,
        Exception? error
    )
    {
        mismatch = mismatch is null ? null : mismatch with { Stored = Excerpt.Of(mismatch.Stored) };
        var recover = $"`streamrec recover --topic {partition.Topic} --group {partition.Group}";
        var one = $"{recover} --partition {partition.Partition}";
        return reason switch
        {
            HaltReason.StoreEmptied =>
                "Kafka holds a committed offset of the group, but Redis holds nothing of this partition: it was emptied, or the "
                    + "address, database or prefix is another one. Check --redis and --prefix; or restore Redis from its backup and start "
                    + $"again; or rebuild from the log, as far back as it reaches: {recover} --yes`.",
            HaltReason.OtherGroup =>
                $"Redis holds the states of group '{mismatch?.Stored}' under this prefix, and this worker is of group "
                    + $"'{mismatch?.Asked}': two groups would overwrite each other. Give this one its own --prefix; or, if the group was "
                    + $"renamed and the old one works no more, take its states over: {recover} --states keep --yes`.",
            HaltReason.TopicRecreated =>
                $"the topic was deleted and made anew (its id was {mismatch?.Stored}, now {mismatch?.Asked}), so the stored offsets mean "
                    + $"nothing. Keep what is known of the users and read the new topic from its start: {recover} --states keep --yes`; or "
                    + $"forget it and rebuild from the new topic alone: {recover} --yes`.",
            HaltReason.PartitionsChanged =>
                $"the topic has {mismatch?.Asked} partitions, and the states were made with {mismatch?.Stored}: users would have two "
                    + $"owners. Stop all workers, rebuild with the new number: {recover} --yes`, then start them with --strays re-route, "
                    + "which moves the records that older partitions hold.",
            HaltReason.RecoveryUnfinished =>
                $"a recovery was begun and has not ended ({mismatch?.Stored}). If it is not running, run the same command again; if you "
                    + $"do not know it: {one} --yes` rebuilds this partition.",
            HaltReason.Fork =>
                $"the log at offset {at.Offset} is not the one that the states were made of: it was cut by an unclean leader election, or "
                    + $"records were lost. States cannot be unfolded; rebuild the partition from the log that is there: {one} --yes`.",
            HaltReason.Retention =>
                $"records from offset {at.Offset} on were deleted before they were worked. If nothing can bring them back, go on behind "
                    + $"them, keeping the states, with --lost-records skip; or rebuild from what the log holds: {one} --yes`.",
            HaltReason.MetaUnreadable =>
                $"Redis's key <prefix>:meta:{{{partition.Topic}:{partition.Partition}}} cannot be read ({mismatch?.Stored}): it was damaged, or "
                    + "changed by hand. Restore Redis from its backup and start again; or delete that key and rebuild the partition from "
                    + $"the log: {one} --yes`.",
            _ when error is UnreadableStateException state =>
                $"{state.Message} Redis's key <prefix>:state:{{{partition.Topic}:{partition.Partition}}}:{state.User} was damaged, or written by a "
                    + "newer version, and is left as it is. Run the newer version; or restore Redis from its backup and start again; or "
                    + $"rebuild the partition's states from the log: {one} --yes`.",
            _ when error is EncoderFailedException =>
                $"the batch at offset {at.Offset} could not be encoded: {error.Message} The states are whole, and nothing "
                    + "has to be recovered: start the worker with another bundle (--bundle), or mend this one's encoder.",
            // From the code or the model, not from the data: nothing is to be dropped for it.
            _ =>
                $"the batch at offset {at.Offset} could not be computed ({error?.GetType().Name}: {error?.Message}). States, lists and the log are "
                    + "whole, and work goes on at that offset when `streamrec work` starts again: with the bundle, the options or the version "
                    + "of before, if one of them is new. Please report it, with this message.",
        };
    }
}
