using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Work;

namespace StreamRec.Tests.Work;

public sealed class StartRetryTests
{
    [Fact]
    public async Task AServerThatIsLateIsAskedAgain()
    {
        var attempts = 0;

        var answer = await Retry(TimeSpan.FromMinutes(1)).RunAsync(
            () => ++attempts < 2 ? throw new StreamRecException("late", ExitCode.Unreachable) { Transient = true } : Task.FromResult("there"), default);

        Assert.Equal(("there", 2), (answer, attempts));
    }

    [Fact]
    public async Task ARefusalIsNotRepeated()
    {
        var attempts = 0;

        await Assert.ThrowsAsync<StreamRecException>(() => Retry(TimeSpan.FromMinutes(1)).RunAsync<string>(
            () => throw new StreamRecException($"refused {++attempts}", ExitCode.Unreachable), default));

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task AfterTheLimitTheServersOwnMessageIsTold()
    {
        var fault = await Assert.ThrowsAsync<StreamRecException>(() => Retry(TimeSpan.Zero).RunAsync<string>(
            () => throw new StreamRecException("Kafka at k:1 did not answer", ExitCode.Unreachable) { Transient = true }, default));

        Assert.Equal("Kafka at k:1 did not answer", fault.Message);
    }

    [Fact]
    public async Task WhoStopsDoesNotWaitForAnAttempt()
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource<string>();
        var start = Retry(TimeSpan.FromMinutes(1)).RunAsync(() => never.Task, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
    }

    private static StartRetry Retry(TimeSpan limit) => new(limit, TimeProvider.System, NullLogger.Instance);
}
