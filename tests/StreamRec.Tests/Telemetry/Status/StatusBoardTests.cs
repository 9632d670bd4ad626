using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Serving;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Delivery;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Telemetry.Status;

public sealed class StatusBoardTests
{
    private readonly HandClock _clock = new();
    private readonly StatusBoard _board;
    private bool _joined;
    private long _polled,
        _answered;

    public StatusBoardTests()
    {
        _board = new StatusBoard("clicks", "g", _clock);
        Turn();
    }

    [Fact]
    public void A_worker_goes_from_start_to_end_by_its_phases()
    {
        List<(WorkerPhase, bool Ready)> seen = [Seen()];
        void Enter(WorkerPhase phase)
        {
            _board.Enter(phase);
            seen.Add(Seen());
        }
        Enter(WorkerPhase.Model);
        _board.Show(new ServedModel("m", 10, "by step"));
        Enter(WorkerPhase.Waiting);
        Watch();
        _joined = true;
        _board.Tick();
        seen.Add(Seen());
        Enter(WorkerPhase.Draining);

        Assert.Equal(
            [
                (WorkerPhase.Starting, false),
                (WorkerPhase.Model, false),
                (WorkerPhase.Waiting, false),
                (WorkerPhase.Joined, true),
                (WorkerPhase.Draining, false),
            ],
            seen
        );
    }

    [Fact]
    public void A_catalogue_that_is_followed_must_be_read_before_the_worker_is_ready()
    {
        Condition Catalogue() => _board.Current.Ready.Single(condition => condition.Name == "catalogue");
        Assert.DoesNotContain(_board.Current.Ready, condition => condition.Name == "catalogue");
        var status = CatalogueStatus.NotRead;

        _board.Watch(() => status);
        Assert.False(Catalogue().Holds);
        Assert.Contains("not read to its end", Catalogue().Why);

        status = new CatalogueStatus(new("uuid", 7), 3, 0, TimeSpan.FromSeconds(2));
        _board.Tick();
        Assert.True(Catalogue().Holds);
        Assert.Equal(status, _board.Current.Catalogue);
    }

    [Fact]
    public async Task A_partition_that_is_claimed_is_worked_and_is_no_standby()
    {
        var ports = new ScriptedPorts();
        var claimed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ports.Seek = (_, _) => claimed.TrySetResult();
        var worker = ports.Open(new PartitionIdentity("clicks", 0, "uuid", 1, "g"), time: _clock);
        using var stop = new CancellationTokenSource();
        var life = worker.RunAsync(stop.Token);
        Join(worker);
        Assert.Equal((WorkerPhase.Joined, true), (_board.Current.Phase, _board.Current.Standby));

        worker.Assign();
        await claimed.Task;
        _board.Tick();

        Assert.Equal((WorkerPhase.Working, false), (_board.Current.Phase, _board.Current.Standby));
        Assert.Single(_board.Current.Assigned);
        await stop.CancelAsync();
        await life;
    }

    [Fact]
    public void A_halt_outlives_the_order_to_stop()
    {
        Join();
        _board.Halt(HaltReason.Retention);
        _board.Enter(WorkerPhase.Draining);

        Assert.Equal((WorkerPhase.Halted, HaltReason.Retention), (_board.Current.Phase, _board.Current.Halt));
        Assert.Equal("the worker was halted (Retention)", Ready("running").Why);
        Assert.All(_board.Current.Live, condition => Assert.True(condition.Holds));
    }

    /// <summary>Else an outage of Redis would restart every worker, which mends nothing.</summary>
    [Fact]
    public void Redis_that_does_not_answer_makes_a_worker_not_ready_and_lets_it_live()
    {
        Join();
        var since = _clock.GetUtcNow();
        Assert.True(Ready("redis").Holds);

        for (var second = 0; second < 60; second++)
        {
            _clock.Advance(1);
            _polled = _clock.GetTimestamp();
            _board.Tick();
        }
        Assert.Equal("no answer for 60 s", Ready("redis").Why);
        Assert.Equal(since.AddSeconds(6), Ready("redis").Since);
        Assert.All(_board.Current.Live, condition => Assert.True(condition.Holds, condition.Why));

        Turn();
        _board.Tick();
        Assert.True(Ready("redis").Holds);
        Assert.Equal(since.AddSeconds(60), Ready("redis").Since);
    }

    [Fact]
    public void Who_is_put_out_of_the_group_waits_and_is_not_ready()
    {
        Join();
        _joined = false;
        _board.Tick();

        Assert.Equal(WorkerPhase.Waiting, _board.Current.Phase);
        Assert.False(Ready("group").Holds);
    }

    [Fact]
    public void A_consumer_that_is_not_polled_is_not_alive()
    {
        Join();
        _clock.Advance(29);
        _board.Tick();
        Assert.True(Live("polling").Holds);
        _clock.Advance(2);
        _board.Tick();
        Assert.Equal("the consumer was not polled for 31 s", Live("polling").Why);
    }

    [Fact]
    public async Task A_partition_whose_loop_hangs_is_not_alive_and_one_that_only_rests_is()
    {
        var ports = new ScriptedPorts();
        var (resting, hanging) = (Open(ports, 0), Open(new ScriptedPorts(), 1));
        using var stop = new CancellationTokenSource();
        var life = resting.RunAsync(stop.Token);
        Join(resting, hanging);
        _clock.Advance(31);
        resting.Tick();
        await ports.SeenAsync("IdleTick");
        _board.Tick();

        Assert.Equal("partition 1 hangs for 31 s", Live("partitions").Why);
        await stop.CancelAsync();
        await life;

        PartitionWorker Open(ScriptedPorts around, int partition) =>
            around.Open(new PartitionIdentity("clicks", partition, "uuid", 2, "g"), time: _clock);
    }

    /// <summary>The line in the log is each minute, the status each second.</summary>
    [Fact]
    public void Freshness_is_of_what_was_written_since_the_status_before()
    {
        _board.Window.Note(.1, 60);
        _board.Window.Note(.2, .3);

        Assert.Equal(new Freshness(.2, 60), _board.Tick().Freshness);
        Assert.Null(_board.Tick().Freshness);
    }

    private (WorkerPhase, bool) Seen() => (_board.Current.Phase, _board.Current.Ready.All(c => c.Holds));

    private Condition Ready(string name) => _board.Current.Ready.Single(condition => condition.Name == name);

    private Condition Live(string name) => _board.Current.Live.Single(condition => condition.Name == name);

    private void Turn() => _polled = _answered = _clock.GetTimestamp();

    private void Join(params PartitionWorker[] workers)
    {
        _joined = true;
        _board.Enter(WorkerPhase.Waiting);
        Watch(workers);
    }

    private void Watch(params PartitionWorker[] workers) =>
        _board.Watch(
            new StatusSources
            {
                Workers = workers,
                Events = new EventCounters(),
                LagOf = _ => null,
                Waits = new WaitBoard(workers, () => null, _ => null),
                Joined = () => _joined,
                Polled = () => _polled,
                Answered = () => _answered,
            }
        );
}
