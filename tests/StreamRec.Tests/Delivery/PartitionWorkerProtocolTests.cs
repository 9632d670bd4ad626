using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

/// <summary>
/// What the driver of a partition owes to the protocol, beside what its state machine decides: docs/delivery.md.
/// </summary>
public sealed class PartitionWorkerProtocolTests : IAsyncDisposable
{
    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    private readonly ScriptedPorts _ports = new();
    private readonly CancellationTokenSource _stop = new();
    private PartitionWorker _worker = null!;
    private Task _running = Task.CompletedTask;
    private int _session;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task Bytes_that_no_longer_wait_make_room_for_others()
    {
        var free = new TaskCompletionSource();
        _ports.Compute = free.Task.Wait;
        await AssignedAsync(new PartitionWorkerOptions { BatchRecords = 1, PendingBytes = 250 });
        // One may be taken for the batch that is being computed; the others are too many.
        for (var i = 0; i < 4; i++)
        {
            Deliver(i, value: new string('x', 100));
        }
        Assert.False(_worker.TakesRecords);

        free.SetResult();
        await _ports.SeenAsync("written 3");

        Assert.True(_worker.TakesRecords);
    }

    [Fact]
    public async Task What_was_fetched_before_a_seek_is_not_taken()
    {
        await AssignedAsync();

        _worker.Deliver(_session - 1, new LogRecord(0, 0, 999, default, default));
        _worker.DeliverFork(_session - 1);
        Deliver(0);
        await _ports.SeenAsync("done 1");

        Assert.Contains("written 0", _ports.Told);
        Assert.Equal(2, _worker.Counters.Skipped);
    }

    [Fact]
    public async Task Every_claim_has_an_id_of_its_own()
    {
        var ids = new List<Guid>();
        _ports.Claim = (first, id) =>
        {
            ids.Add(id);
            return first is null && ids.Count == 1
                ? new ClaimAnswer.NoMeta()
                : new ClaimAnswer.Granted(new Claim(1, id), new LogPosition(0, -1), 0);
        };
        await AssignedAsync();
        _worker.Lose();
        _worker.Assign();
        await _ports.SeenAsync("ClaimGranted", 2);

        Assert.Equal(3, ids.Distinct().Count());
        Assert.DoesNotContain(Guid.Empty, ids);
    }

    /// <summary>
    /// Where Kafka knows no offset of the group, only what this process saw tells an emptied store from a new one.
    /// </summary>
    [Theory]
    [InlineData("lost")]
    [InlineData("revoked")]
    [InlineData("fenced")]
    public async Task A_store_that_is_emptied_after_a_claim_is_no_first_start(string how)
    {
        await AssignedAsync();
        _ports.Claim = (first, id) =>
            first is null ? new ClaimAnswer.NoMeta() : new ClaimAnswer.Granted(new Claim(2, id), first.Value, 0);
        _ports.Step = _ => Task.FromResult<StepAnswer>(new StepAnswer.Fenced());
        switch (how)
        {
            case "lost":
                _worker.Lose();
                _worker.Assign();
                break;
            case "revoked":
                await _worker.RevokeAsync(TimeSpan.FromMinutes(1));
                _worker.Assign();
                break;
            default:
                Deliver(0);
                break;
        }
        await _ports.SeenAsync($"halted {HaltReason.StoreEmptied}");
    }

    /// <summary>
    /// An attempt without an answer may still stand in the client's queue, and is sent with what its memory holds then.
    /// </summary>
    [Fact]
    public async Task What_an_unanswered_attempt_reads_is_not_written_over()
    {
        var attempts = new List<(ReadOnlyMemory<byte> Lent, byte[] Then)>();
        _ports.Step = writes =>
        {
            attempts.Add((writes[0].State, writes[0].State.ToArray()));
            return attempts.Count == 1
                ? throw new AmbiguousStoreException("no answer")
                : Task.FromResult<StepAnswer>(new StepAnswer.Applied());
        };
        await AssignedAsync();
        Deliver(0, ms: 7);
        await _ports.SeenAsync("done 1");
        Deliver(1, ms: 8);
        await _ports.SeenAsync("done 2");

        Assert.Equal(3, attempts.Count);
        Assert.Equal(attempts[0].Then, attempts[0].Lent.ToArray());
        Assert.NotEqual(attempts[0].Then, attempts[2].Then);
    }

    [Fact]
    public async Task Only_dead_letters_that_are_kept_are_counted()
    {
        var attempts = 0;
        var counted = new List<long>();
        _ports.Letters = _ =>
        {
            counted.Add(_worker.Counters.DeadLetters);
            return ++attempts < 4 ? throw new IOException("away") : Task.CompletedTask;
        };
        await AssignedAsync();
        Deliver(0, value: ScriptedPorts.Poison);
        Deliver(1, value: ScriptedPorts.Poison);
        await _ports.SeenAsync("done 2");

        Assert.True(attempts >= 4);
        Assert.Equal(2, _worker.Counters.DeadLetters);
        Assert.All(counted.Take(4), count => Assert.Equal(0, count));
    }

    [Fact]
    public async Task Dead_letters_that_are_kept_after_the_partition_was_lost_are_counted_too()
    {
        var (asked, kept) = (Source(), Source());
        _ports.Letters = _ =>
        {
            asked.TrySetResult();
            return kept.Task;
        };
        await AssignedAsync();
        Deliver(0, value: ScriptedPorts.Poison);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(1));
        _worker.Lose();
        await _ports.SeenAsync("Lost");

        kept.SetResult();
        await _ports.SeenAsync("Computed");

        Assert.Equal(1, _worker.Counters.DeadLetters);
        Assert.Equal(0, _worker.Counters.Steps);
    }

    [Fact]
    public async Task A_batch_is_not_written_before_its_dead_letters_are_kept()
    {
        var (asked, kept) = (Source(), Source());
        _ports.Letters = _ =>
        {
            asked.TrySetResult();
            return kept.Task;
        };
        await AssignedAsync();
        Deliver(0, value: ScriptedPorts.Poison);
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await _ports.TurnAsync(_worker);
        Assert.Equal(PartitionPhase.Computing, _worker.Phase);

        kept.SetResult();

        await _ports.SeenAsync("done 1");
    }

    [Fact]
    public async Task A_revoked_partitions_batch_is_written_first()
    {
        var (begun, free) = (Source(), Source());
        _ports.Step = async _ =>
        {
            begun.TrySetResult();
            await free.Task;
            return new StepAnswer.Applied();
        };
        await AssignedAsync();
        Deliver(0);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1));

        var revoked = _worker.RevokeAsync(TimeSpan.FromMinutes(1));
        await _ports.TurnAsync(_worker);
        Assert.False(revoked.IsCompleted);
        free.SetResult();
        await revoked;

        Assert.Contains("done 1", _ports.Told);
    }

    [Fact]
    public async Task After_a_step_forward_repetitions_begin_with_the_shortest_delay()
    {
        var clock = new HastyClock();
        var failures = new Queue<bool>([true, true, true, false, true, false]);
        _ports.Step = _ =>
            failures.Dequeue()
                ? Task.FromException<StepAnswer>(new AmbiguousStoreException("no answer"))
                : Task.FromResult<StepAnswer>(new StepAnswer.Applied());
        await AssignedAsync(new PartitionWorkerOptions { RetryDelay = TimeSpan.FromSeconds(1) }, clock);

        Deliver(0);
        await _ports.SeenAsync("done 1");
        Deliver(1);
        await _ports.SeenAsync("done 2");

        Assert.Equal(4, clock.Delays.Count);
        Assert.InRange(clock.Delays[2], TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6));
        Assert.InRange(clock.Delays[3], TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5));
    }

    private static TaskCompletionSource Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AssignedAsync(PartitionWorkerOptions? options = null, TimeProvider? time = null)
    {
        _ports.Seek = (_, session) =>
        {
            _session = session;
            _ports.Tell("seek");
            return true;
        };
        _worker = _ports.Open(s_partition, options, time: time);
        _running = _worker.RunAsync(_stop.Token);
        _worker.Assign();
        await _ports.SeenAsync("seek");
    }

    private void Deliver(long offset, long? ms = null, string value = "") =>
        _worker.Deliver(
            _session,
            new LogRecord(offset, 0, ms ?? offset, default, System.Text.Encoding.UTF8.GetBytes(value))
        );

    /// <summary>Notes how long is waited, and does not wait.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public List<TimeSpan> Delays { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Delays.Add(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
