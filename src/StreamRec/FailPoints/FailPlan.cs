using System.Runtime.InteropServices;

namespace StreamRec.FailPoints;

/// <summary>
/// For fault tests alone: at a named point of a batch's way the process kills or stops itself, throws, waits, or only
/// says so. Set by the environment, <c>STREAMREC_TEST_FAIL=after-step:5:stop;before-compute:*:wait=200</c> (point,
/// which time, what); without it nothing of this is in the way.
/// </summary>
internal sealed partial class FailPlan
{
    private const string Variable = "STREAMREC_TEST_FAIL";

    private static readonly TimeSpan s_stopping = TimeSpan.FromSeconds(1);

    private readonly List<(string Point, int? Time, string Action)> _plan;
    private readonly Dictionary<string, int> _reached = [];
    private readonly Lock _lock = new();

    private FailPlan(string plan) => _plan = [.. plan.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    /// <summary>The process's plan; null outside fault tests.</summary>
    public static FailPlan? OfProcess { get; } =
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } plan ? new(plan) : null;

    /// <summary>A point on a thread that may wait, where there is a plan.</summary>
    public static void Reach(string point) =>
        OfProcess?.ReachAsync(point, "", CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Does what the plan says of a point, and says so on stderr first.</summary>
    /// <param name="detail">Where the batch stands, for the test that reads it.</param>
    public async Task ReachAsync(string point, string detail, CancellationToken cancel)
    {
        string? action;
        lock (_lock)
        {
            var time = _reached[point] = _reached.GetValueOrDefault(point) + 1;
            action = _plan.Find(p => p.Point == point && (p.Time is null || p.Time == time)).Action;
        }
        if (action is null)
        {
            return;
        }
        await Console.Error.WriteLineAsync($"fail point {point}: {action}: {detail}");
        switch (action)
        {
            case "kill":
                Signal(Environment.ProcessId, 9);
                break;
            case "stop":
                Signal(Environment.ProcessId, 19);
                // Threads stop one after the other: this one must not go on meanwhile.
                await Task.Delay(s_stopping, cancel);
                break;
            case "say":
                break;
            case "throw":
                throw new InvalidOperationException($"fail point {point}");
            default:
                await Task.Delay(int.Parse(action["wait=".Length..], null), cancel);
                break;
        }
    }

    private static (string, int?, string) Parse(string text)
    {
        var parts = text.Split(':');
        return
            parts.Length == 3
            && (
                parts[2] is "kill" or "stop" or "throw" or "say"
                || parts[2].StartsWith("wait=", StringComparison.Ordinal)
            )
            ? (parts[0], parts[1] == "*" ? null : int.Parse(parts[1], null), parts[2])
            : throw new StreamRecException($"{Variable} is '{text}': give point:time:action.", FaultKind.Usage);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
