using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

public sealed class PartitionWorkerTests
{
    private const int Backlog = 1_000,
        BatchRecords = 100;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    /// <summary>
    /// Under a backlog the newest record that was delivered is far above the batch: each batch tells its own.
    /// </summary>
    [Fact]
    public async Task Every_batch_tells_the_time_of_its_newest_record()
    {
        var log = new Fed();
        var written = new List<long>();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = new PartitionWorker(
            s_partition,
            new PartitionPorts(new Willing(), log, new Plain(), new None(), TimeProvider.System, new Random(1)),
            new PartitionWorkerOptions { BatchRecords = BatchRecords }
        );
        log.Worker = worker;
        worker.Written += (_, times) =>
        {
            written.Add(times.LastMs);
            if (times.LastMs == Backlog - 1)
            {
                all.TrySetResult();
            }
        };
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);

        worker.Assign();
        await all.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await stop.CancelAsync();
        await running;

        Assert.Equal(worker.Counters.Steps, written.Count);
        Assert.True(written.Count >= Backlog / BatchRecords);
        Assert.Equal(written.Order(), written);
    }

    /// <summary>
    /// Records that wait are worked before more are asked for, and the consumer pauses only where very many wait.
    /// </summary>
    [Theory]
    [InlineData(300, true)]
    [InlineData(200, false)]
    public async Task A_partition_wants_no_more_than_it_can_work_soon(int pending, bool takes)
    {
        var log = new Fed();
        var worker = new PartitionWorker(
            s_partition,
            new PartitionPorts(new Willing(), log, new Plain(), new None(), TimeProvider.System, new Random(1)),
            new PartitionWorkerOptions { BatchRecords = BatchRecords, PendingRecords = pending }
        );
        log.Worker = worker;
        var first = new TaskCompletionSource<(bool Wants, bool Takes)>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        var drained = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Written += (_, _) => first.TrySetResult((worker.WantsRecords, worker.TakesRecords));
        worker.Drained += () => drained.TrySetResult(worker.WantsRecords);
        using var stop = new CancellationTokenSource();
        var running = worker.RunAsync(stop.Token);

        worker.Assign();

        Assert.Equal((false, takes), await first.Task.WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.True(await drained.Task.WaitAsync(TimeSpan.FromMinutes(1)));
        await stop.CancelAsync();
        await running;
    }

    /// <summary>Nobody waits for a partition that was told to end, whatever still waits in it.</summary>
    [Fact]
    public async Task A_cancelled_partition_ends_and_releases()
    {
        var log = new Fed();
        var worker = new PartitionWorker(
            s_partition,
            new PartitionPorts(new Willing(), log, new Plain(), new None(), TimeProvider.System, new Random(1)),
            new PartitionWorkerOptions { BatchRecords = BatchRecords }
        );
        log.Worker = worker;
        worker.Assign();
        var before = worker.RevokeAsync(TimeSpan.FromMinutes(1));

        await worker.RunAsync(new CancellationToken(canceled: true)).WaitAsync(TimeSpan.FromMinutes(1));
        var after = worker.RevokeAsync(TimeSpan.FromMinutes(1));

        await Task.WhenAll(before, after).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(0, worker.NextOffset);
    }

    private sealed class Fed : ILogControl
    {
        public PartitionWorker Worker { get; set; } = null!;

        public void Seek(PartitionIdentity partition, LogPosition start, int session)
        {
            for (var offset = start.Offset; offset < Backlog; offset++)
            {
                Worker.Deliver(session, new LogRecord(offset, 0, offset, default, default));
            }
        }

        public void StoreOffset(PartitionIdentity partition, LogPosition to) { }

        public bool IsAssigned(PartitionIdentity partition) => true;

        public Task<GapAnswer> CheckGapAsync(
            PartitionIdentity partition,
            LogPosition from,
            long to,
            CancellationToken cancel
        ) => Task.FromResult(new GapAnswer(GapVerdict.Hole));

        public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
            Task.FromResult<LogPosition?>(new LogPosition(0, -1));
    }

    private sealed class Willing : IStateStore
    {
        public IListShards? Lists => null;

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity partition,
            Guid claimId,
            LogPosition? firstStart,
            long promotion,
            CancellationToken cancel
        ) => Task.FromResult<ClaimAnswer>(new ClaimAnswer.Granted(new Claim(1, claimId), new LogPosition(0, -1), 0));

        public Task<StatesAnswer> ReadAsync(
            PartitionIdentity partition,
            IReadOnlyList<string> users,
            CancellationToken cancel
        ) => Task.FromResult(new StatesAnswer(default, new byte[]?[users.Count]));

        public Task<StepAnswer> StepAsync(
            PartitionIdentity partition,
            Claim claim,
            StorePlace from,
            LogPosition to,
            IReadOnlyList<UserWrite> writes,
            CancellationToken cancel
        ) => Task.FromResult<StepAnswer>(new StepAnswer.Applied());
    }

    private sealed class None : IDeadLetters
    {
        public Task PublishAsync(
            PartitionIdentity partition,
            IReadOnlyList<DeadLetter> letters,
            CancellationToken cancel
        ) => Task.CompletedTask;
    }

    private sealed class Plain : IBatchProcessor
    {
        public PartitionBatch Open(PartitionIdentity partition) => new Batch();
    }

    private sealed class Batch : PartitionBatch
    {
        public override BatchResult Compute(Claim claim, int generation) => BatchResult.Empty;

        protected override void Read() { }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare) =>
            throw new InvalidOperationException();
    }
}
