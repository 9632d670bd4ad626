using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Training.Data;
using StreamRec.Training.Options;

namespace StreamRec.Input;

/// <summary>
/// Events as `train` and `sweep` take them: read once, what is split off left out, rare items and users too.
/// </summary>
internal static class TrainingInput
{
    public const string None = "none",
        LeaveOneOut = "leave-one-out",
        Time = "time",
        Session = "session";

    /// <exception cref="StreamRecException">What is left has no two events of one user.</exception>
    public static SequenceData Read(
        IEventSource events,
        string split,
        ModelOptions? options,
        string? types,
        CancellationToken cancel
    )
    {
        var all = SequenceData.From(events.Events(), TypeNames.Parse(types ?? ""), cancel);
        var rest = split switch
        {
            LeaveOneOut => all.WithPrefixes(Splits.LeaveOneOut(all.Sequences).Training),
            Time => all.WithPrefixes(Splits.ByTime(all.Sequences, all.Times).Training),
            Session => all.WithPrefixes(Splits.BySession(all.Sequences, all.Times).Training),
            _ => all,
        };
        var data = rest.WithMinimumCounts(options?.MinItemEvents ?? 0, options?.MinUserEvents ?? 0);
        Console.Error.WriteLine($"{data.Events} events of {data.UserIds.Count} users on {data.Items} items");
        // Where there never was a sequence, the trainer says so.
        if (Learnable(all) && !Learnable(data))
        {
            throw new StreamRecException(
                Learnable(rest)
                    ? $"min_item_events and min_user_events leave {data.Events} of {rest.Events} events, "
                        + "and no two of one user: "
                        + "lower them."
                    : $"--split {split} leaves {rest.Events} of {all.Events} events to train on, and no two of one user"
                        + $"{Why(split)}. Take another --split, or give more data.",
                FaultKind.Input
            );
        }
        return data;
    }

    private static bool Learnable(SequenceData data) => data.Sequences.Any(sequence => sequence.Length > 1);

    private static string Why(string split) =>
        split switch
        {
            Time => ": it holds out the events from the time on that 80 % lie before, "
                + "so all of them where most have one time",
            Session => ": it holds out the newest tenth of the users, whole",
            _ => "",
        };
}
