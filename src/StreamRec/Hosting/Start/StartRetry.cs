using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace StreamRec.Hosting.Start;

/// <summary>
/// Repeats what a start needs of a server that does not answer yet, for a bounded time. Refusals are not repeated, and
/// nothing here is around the fenced script, whose repetitions are the partition's own.
/// </summary>
internal sealed partial class StartRetry
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(500),
        s_longest = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline _pipeline;

    /// <param name="limit">After this no new attempt is made.</param>
    public StartRetry(TimeSpan limit, TimeProvider time, ILogger log)
    {
        var began = time.GetTimestamp();
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = attempt =>
                        ValueTask.FromResult(
                            attempt.Outcome.Exception is StreamRecException { Transient: true }
                                && time.GetElapsedTime(began) < limit
                        ),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = s_first,
                    MaxDelay = s_longest,
                    MaxRetryAttempts = int.MaxValue,
                    OnRetry = attempt =>
                    {
                        LogWaiting(log, attempt.Outcome.Exception!.Message);
                        return ValueTask.CompletedTask;
                    },
                }
            )
            .Build();
    }

    /// <exception cref="OperationCanceledException">The start was given up: at once, whatever an attempt waits
    /// for.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> attempt, CancellationToken cancel) =>
        await _pipeline.ExecuteAsync(async _ => await attempt().WaitAsync(cancel), cancel);

    [LoggerMessage(10, LogLevel.Warning, "Not yet: {Why} Trying again.")]
    public static partial void LogWaiting(ILogger log, string why);
}
