using Microsoft.Extensions.Logging.Abstractions;
using StreamRec.Hosting.Start;

namespace StreamRec.Tests.Hosting;

public sealed class StartRetryTests
{
    [Fact]
    public async Task A_server_that_is_late_is_asked_again()
    {
        var attempts = 0;

        var answer = await Retry(TimeSpan.FromMinutes(1))
            .RunAsync(
                () =>
                    ++attempts < 2
                        ? throw new StreamRecException("late", FaultKind.Unreachable) { Transient = true }
                        : Task.FromResult("there"),
                default
            );

        Assert.Equal(("there", 2), (answer, attempts));
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        var attempts = 0;

        await Assert.ThrowsAsync<StreamRecException>(() =>
            Retry(TimeSpan.FromMinutes(1))
                .RunAsync<string>(
                    () => throw new StreamRecException($"refused {++attempts}", FaultKind.Unreachable),
                    default
                )
        );

        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task After_the_limit_the_servers_own_message_is_told()
    {
        var fault = await Assert.ThrowsAsync<StreamRecException>(() =>
            Retry(TimeSpan.Zero)
                .RunAsync<string>(
                    () =>
                        throw new StreamRecException("Kafka at k:1 did not answer", FaultKind.Unreachable)
                        {
                            Transient = true,
                        },
                    default
                )
        );

        Assert.Equal("Kafka at k:1 did not answer", fault.Message);
    }

    [Fact]
    public async Task Who_stops_does_not_wait_for_an_attempt()
    {
        using var stop = new CancellationTokenSource();
        var never = new TaskCompletionSource<string>();
        var start = Retry(TimeSpan.FromMinutes(1)).RunAsync(() => never.Task, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
    }

    private static StartRetry Retry(TimeSpan limit) => new(limit, TimeProvider.System, NullLogger.Instance);
}
