namespace StreamRec.Client;

/// <summary>Answers' words as metrics and traces have them.</summary>
internal static class ListWords
{
    public static string Word(this ListSource source) =>
        source switch
        {
            ListSource.Own => "own",
            ListSource.Popular => "popular",
            ListSource.LastKnown => "last_known",
            _ => "none",
        };

    public static string Word(this ListReason reason) =>
        reason switch
        {
            ListReason.NoList => "no_list",
            ListReason.TimedOut => "timed_out",
            ListReason.Unreachable => "unreachable",
            ListReason.Unreadable => "unreadable",
            _ => "none",
        };
}
