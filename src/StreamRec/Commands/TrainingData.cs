using StreamRec.Evaluation;
using StreamRec.Training;
using StreamRec.Training.Data;

namespace StreamRec.Commands;

/// <summary>Events as `train` and `sweep` take them: read once, what is split off left out, rare items and users too.</summary>
internal static class TrainingData
{
    public const string None = "none", LeaveOneOut = "leave-one-out", Time = "time", Session = "session";

    public static SequenceData Read(IEventSource events, string split, ModelOptions? options, CancellationToken cancel)
    {
        var all = Stoppable.Run(() => SequenceData.From(events.Events()), cancel);
        var data = split switch
        {
            LeaveOneOut => all.WithPrefixes(Splits.LeaveOneOut(all.Sequences).Training),
            Time => all.WithPrefixes(Splits.ByTime(all.Sequences, all.Times).Training),
            Session => all.WithPrefixes(Splits.BySession(all.Sequences, all.Times).Training),
            _ => all,
        };
        data = data.WithMinimumCounts(options?.MinItemEvents ?? 0, options?.MinUserEvents ?? 0);
        Console.Error.WriteLine($"{data.Events} events of {data.UserIds.Count} users on {data.Items} items");
        return data;
    }
}
