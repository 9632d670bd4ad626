using Microsoft.Extensions.Logging;

namespace StreamRec.Hosting.Start;

/// <summary>What is told of a set-up that works and may not be what was meant.</summary>
internal static partial class DoubtLog
{
    [LoggerMessage(3, LogLevel.Warning, "Doubtful: {What}.")]
    public static partial void Tell(ILogger log, string what);
}
