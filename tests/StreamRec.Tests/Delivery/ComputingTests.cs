using Microsoft.Extensions.Time.Testing;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery;

/// <summary>A batch takes as long as it takes; meanwhile its partition goes on taking messages.</summary>
public sealed class ComputingTests : IAsyncDisposable
{
    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly ScriptedPorts _ports = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _free = Source();
    private readonly PartitionWorker _worker;
    private readonly Task _running;
    private readonly Pace _pace = new();
    private int _session;
    private volatile bool _ended;

    public ComputingTests()
    {
        _ports.Seek = (_, session) =>
        {
            _session = session;
            _ports.Tell("seek");
            return true;
        };
        _worker = _ports.Open(s_partition, time: _time, place: _pace);
        _running = _worker.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _free.TrySetResult();
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task The_limit_of_a_revocation_holds()
    {
        await BlockedAsync();

        var revoked = _worker.RevokeAsync(s_limit);
        await _ports.SeenAsync("Revoked");
        Assert.False(revoked.IsCompleted);
        _time.Advance(s_limit);
        await revoked.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(PartitionPhase.Released, _worker.Phase);
        await NothingIsWrittenAsync();
    }

    [Fact]
    public async Task A_lost_partitions_batch_is_not_written()
    {
        await BlockedAsync();

        _worker.Lose();
        await _ports.SeenAsync("Lost");
        await _ports.TurnAsync(_worker);

        Assert.Equal(PartitionPhase.Released, _worker.Phase);
        await NothingIsWrittenAsync();
    }

    [Fact]
    public async Task A_revoked_partitions_batch_is_computed_and_written_first()
    {
        await BlockedAsync();

        var revoked = _worker.RevokeAsync(s_limit);
        await _ports.SeenAsync("Revoked");
        await _ports.TurnAsync(_worker);
        Assert.False(revoked.IsCompleted);
        _free.SetResult();
        await revoked.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Contains("done 1", _ports.Told);
    }

    [Fact]
    public async Task What_was_given_up_is_not_used_for_the_next_batch()
    {
        byte[]? written = null;
        _ports.Step = writes =>
        {
            written = writes[0].State.ToArray();
            return Task.FromResult<StepAnswer>(new StepAnswer.Applied());
        };
        await BlockedAsync(ms: 7);
        _ports.Compute = () => { };
        _worker.Lose();
        _worker.Assign();
        await _ports.SeenAsync("seek", 2);

        Deliver(0, ms: 8);
        await _ports.SeenAsync("done 1");
        _free.SetResult();
        await _ports.TurnAsync(_worker);

        Assert.DoesNotContain("used again while it is computed", _ports.Told);
        Assert.Equal(8, BitConverter.ToInt64(written));
        Assert.Equal(1, _worker.Counters.Steps);
        Assert.Single(_ports.Told, what => what.StartsWith("step", StringComparison.Ordinal));
    }

    /// <summary>Whoever waits for the partition's end gives back next what a computation still uses.</summary>
    [Fact]
    public void A_partition_does_not_end_before_what_is_computed_in_it()
    {
        // All on this thread, so that whatever can happen has.
        var (loop, ports, held, session) = (new SimulatedLoop(1), new ScriptedPorts(), new Held(), 0);
        var process = new SimulatedProcess(loop);
        void Do(Action action)
        {
            process.Run(action);
            loop.RunUntil(0, () => false);
        }
        ports.Seek = (_, begun) => (session = begun) > 0;
        using var stop = new CancellationTokenSource();
        var worker = ports.Open(s_partition, place: held);
        var running = Task.CompletedTask;
        Do(() => running = worker.RunAsync(stop.Token));
        Do(worker.Assign);
        Do(() => worker.Deliver(session, new LogRecord(0, 0, 0, default, default)));

        Do(stop.Cancel);
        Assert.False(running.IsCompleted);
        Do(held.Compute);

        Assert.True(running.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_short_batch_needs_no_other_thread()
    {
        await AssignedAsync();
        for (var i = 0; i < 5; i++)
        {
            Deliver(i);
            await _ports.SeenAsync($"done {i + 1}");
        }
        // The clock stands still: after the first one, of which nothing was known, all are short.
        Assert.Equal(1, _pace.Beside);
    }

    [Fact]
    public async Task What_holds_no_record_tells_nothing_of_how_long_batches_take()
    {
        await AssignedAsync();
        _worker.DeliverEnd(_session, 5);
        await _ports.SeenAsync("done 5");

        Deliver(5);
        await _ports.SeenAsync("done 6");

        Assert.Equal(1, _pace.Beside);
    }

    [Theory]
    [InlineData(10, 0.1, 1_990, false)]
    [InlineData(10, 0.1, 2_010, true)]
    [InlineData(0, 25.0, 0, true)]
    public void How_long_a_batch_will_take_is_told_from_the_one_before(int users, double ms, int next, bool beside)
    {
        var place = new ComputePlace();
        Assert.True(place.IsBeside(1));

        place.Took(users, TimeSpan.FromMilliseconds(ms));

        Assert.Equal(beside, place.IsBeside(next));
    }

    [Fact]
    public void One_slow_batch_changes_the_expectation_for_a_while()
    {
        var place = new ComputePlace();
        place.Took(1, TimeSpan.FromMilliseconds(0.1));
        place.Took(1, TimeSpan.FromMilliseconds(300));
        Assert.True(place.IsBeside(1));

        for (var i = 0; i < 20; i++)
        {
            place.Took(1, TimeSpan.FromMilliseconds(0.1));
        }
        Assert.False(place.IsBeside(1));
    }

    private static TaskCompletionSource Source() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task AssignedAsync()
    {
        _worker.Assign();
        await _ports.SeenAsync("seek");
    }

    // A batch is being computed until it is told to end.
    private async Task BlockedAsync(long ms = 0)
    {
        var begun = Source();
        _ports.Compute = () =>
        {
            begun.TrySetResult();
            _free.Task.Wait();
            _ended = true;
        };
        await AssignedAsync();
        Deliver(0, ms);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private async Task NothingIsWrittenAsync()
    {
        _free.SetResult();
        await _stop.CancelAsync();
        await _running;
        Assert.True(_ended);
        Assert.DoesNotContain(_ports.Told, what => what.StartsWith("step", StringComparison.Ordinal));
    }

    private void Deliver(long offset, long ms = 0) =>
        _worker.Deliver(_session, new LogRecord(offset, 0, ms, default, default));

    /// <summary>A thread that computes nothing before it is told to.</summary>
    private sealed class Held : TaskScheduler, IComputePlace
    {
        private readonly List<Task> _tasks = [];

        public TaskScheduler Threads => this;

        public bool IsBeside(int users) => true;

        public void Took(int users, TimeSpan time) { }

        public void Compute() => _tasks.ForEach(task => TryExecuteTask(task));

        protected override void QueueTask(Task task) => _tasks.Add(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => _tasks;
    }

    /// <summary>The product's choice, counted.</summary>
    private sealed class Pace : IComputePlace
    {
        private readonly ComputePlace _place = new();

        public int Beside { get; private set; }

        public TaskScheduler Threads => _place.Threads;

        public bool IsBeside(int users)
        {
            var beside = _place.IsBeside(users);
            Beside += beside ? 1 : 0;
            return beside;
        }

        public void Took(int users, TimeSpan time) => _place.Took(users, time);
    }
}
