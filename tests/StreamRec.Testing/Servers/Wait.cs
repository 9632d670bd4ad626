using System.Diagnostics;

namespace StreamRec.Testing.Servers;

/// <summary>
/// Waits for the thing itself: asks again until it is so, and says what it waited for when the limit is over.
/// </summary>
internal static class Wait
{
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(50);

    public static Task UntilAsync(string what, Func<bool> holds, TimeSpan limit, Func<string>? describe = null) =>
        UntilAsync(what, () => Task.FromResult(holds()), limit, describe);

    public static async Task UntilAsync(
        string what,
        Func<Task<bool>> holds,
        TimeSpan limit,
        Func<string>? describe = null
    )
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:F0} s: {what}. {describe?.Invoke()}");
            }
            await Task.Delay(s_interval);
        }
    }
}
