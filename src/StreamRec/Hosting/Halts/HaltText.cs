using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Hosting.Halts;

/// <summary>
/// Says of a halt what was found, what the choices are, and the command for each. docs/operations.md has a page for
/// each.
/// </summary>
internal static class HaltText
{
    public static StreamRecException FaultOf(PartitionHalt halt) =>
        new(
            $"Partition {halt.Partition.Partition} of topic '{halt.Partition.Topic}' was halted ({halt.Reason}): "
                + Of(halt),
            FaultKind.Halted
        );

    public static string Of(PartitionHalt halt)
    {
        var partition = halt.Partition;
        var at = halt.At.Offset;
        var (stored, asked) = (Excerpt.Of(halt.Mismatch?.Stored ?? ""), halt.Mismatch?.Asked);
        var recover = $"`streamrec recover --topic {partition.Topic} --group {partition.Group}";
        var one = $"{recover} --partition {partition.Partition}";
        return halt.Reason switch
        {
            HaltReason.StoreEmptied => "Kafka holds a committed offset of the group, but Redis holds nothing of this "
                + "partition: it was emptied, or the address, database or prefix is another one. Check --redis and "
                + "--prefix; or restore Redis from its backup and start again; or rebuild from the log, as far back as "
                + $"it reaches: {recover} --yes`.",
            HaltReason.OtherGroup => $"Redis holds the states of group '{stored}' under this prefix, and this worker "
                + $"is of group '{asked}': two groups would overwrite each other. Give this one its own --prefix; or, "
                + "if the group was renamed and the old one works no more, take its states over: "
                + $"{recover} --states keep --yes`.",
            HaltReason.TopicRecreated => $"the topic was deleted and made anew (its id was {stored}, now {asked}), so "
                + "the stored offsets mean nothing. Keep what is known of the users and read the new topic from its "
                + $"start: {recover} --states keep --yes`; or forget it and rebuild from the new topic alone: "
                + $"{recover} --yes`.",
            HaltReason.PartitionsChanged => $"the topic has {asked} partitions, and the states were made with "
                + $"{stored}: users would have two owners. Stop all workers, rebuild with the new number: "
                + $"{recover} --yes`, then start them with --strays re-route, which moves the records that older "
                + "partitions hold.",
            // Whole, however many types they name: what differs may stand at the end.
            HaltReason.OtherSettings => "the states were made under other settings "
                + $"({Whole(halt.Mismatch?.Stored)}) than this worker's ({Whole(halt.Mismatch?.Asked)}), and would "
                + "become neither's. Start the "
                + "worker with theirs (a bundle of another window may have changed Kept: set it); or stop all workers "
                + "and rebuild the states under the new ones from the log, as far back as it reaches: "
                + $"{recover} --yes`; or keep the states that are there, made as they were, and go on under the new "
                + $"ones: {recover} --states keep --yes`.",
            HaltReason.RecoveryUnfinished => $"a recovery was begun and has not ended ({stored}). If it is not "
                + $"running, run the same command again; if you do not know it: {one} --yes` rebuilds this partition.",
            HaltReason.Fork => $"the log at offset {at} is not the one that the states were made of: it was cut by an "
                + "unclean leader election, or records were lost. States cannot be unfolded; rebuild the partition "
                + $"from the log that is there: {one} --yes`.",
            HaltReason.Retention => $"records from offset {at} on were deleted before they were worked. If nothing can "
                + "bring them back, go on behind them, keeping the states, with --lost-records skip; or rebuild from "
                + $"what the log holds: {one} --yes`.",
            HaltReason.MetaUnreadable => $"Redis's key {Key("meta")} cannot be read ({stored}): it was damaged, or "
                + "changed by hand. Restore Redis from its backup and start again; or delete that key and rebuild the "
                + $"partition from the log: {one} --yes`.",
            _ when halt.Error is UnreadableStateException state =>
                $"{state.Message} Redis's key {Key("state")}:{state.User} was damaged, or written by a newer version, "
                    + "and is left as it is. Run the newer version; or restore Redis from its backup and start again; "
                    + $"or rebuild the partition's states from the log: {one} --yes`.",
            _ when halt.Error is EncoderFailedException error =>
                $"the batch at offset {at} could not be encoded: {error.Message} The states are whole, and nothing has "
                    + "to be recovered: start the worker with another bundle (--bundle), or mend this one's encoder.",
            // From the code or the model, not from the data: nothing is to be dropped for it.
            _ => $"the batch at offset {at} could not be computed ({halt.Error?.GetType().Name}: "
                + $"{halt.Error?.Message}). States, lists and the log are whole, and work goes on at that offset when "
                + "`streamrec work` starts again: with the bundle, the options or the version of before, if one of "
                + "them is new. Please report it, with this message.",
        };

        string Key(string of) => $"<prefix>:{of}:{{{partition.Topic}:{partition.Partition}}}";
    }

    private static string Whole(string? text) => Excerpt.Whole(System.Text.Encoding.UTF8.GetBytes(text ?? ""));
}
