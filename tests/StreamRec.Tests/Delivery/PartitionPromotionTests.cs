using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

/// <summary>A partition that is sealed for a newer model than its worker's.</summary>
public sealed class PartitionPromotionTests : IAsyncDisposable
{
    private const long Sealed = 5;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    private readonly ScriptedPorts _ports = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly PartitionWorker _worker;
    private readonly Task _running;
    private int _session;

    public PartitionPromotionTests()
    {
        _ports.Claim = (_, id) =>
            _ports.Claimed < Sealed
                ? new ClaimAnswer.Outdated(Sealed)
                : new ClaimAnswer.Granted(new Claim(2, id), new LogPosition(0, -1), 0);
        _ports.Step = writes =>
            Task.FromResult<StepAnswer>(
                writes[0].Promotion < Sealed ? new StepAnswer.Outdated(Sealed) : new StepAnswer.Applied()
            );
        _ports.Seek = (_, session) =>
        {
            _session = session;
            _ports.Tell("seek");
            return true;
        };
        _worker = _ports.Open(s_partition);
        _running = _worker.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task A_worker_of_an_older_model_waits_and_says_for_which()
    {
        Run(4);
        _worker.Assign();
        await _ports.SeenAsync("ClaimOutdated");
        await _ports.TurnAsync(_worker);

        Assert.Equal(WaitReason.Model, _worker.Waiting!.Value.Reason);
        Assert.Contains("promotion 5", _worker.Waiting.Value.Error);
        Assert.Contains("promotion 4", _worker.Waiting.Value.Error);
        Assert.False(_worker.TakesRecords);
        Assert.DoesNotContain("seek", _ports.Told);
    }

    [Fact]
    public async Task It_still_gives_the_partition_up()
    {
        _worker.Assign();
        await _ports.SeenAsync("ClaimOutdated");

        await _worker.RevokeAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(PartitionPhase.Released, _worker.Phase);
        Assert.Null(_worker.Waiting);
    }

    [Fact]
    public async Task It_goes_on_once_the_model_is_ready()
    {
        Run(4);
        _worker.Assign();
        await _ports.SeenAsync("ClaimOutdated");

        Run(5);
        await _ports.SeenAsync("seek");
        Deliver(0);
        await _ports.SeenAsync("done 1");

        Assert.Equal(5, _ports.Claimed);
        Assert.Equal(0, _worker.Counters.Outdated);
    }

    [Fact]
    public async Task A_batch_of_a_model_that_is_withdrawn_is_computed_again_by_the_next()
    {
        Run(5);
        _worker.Assign();
        await _ports.SeenAsync("seek");
        // The batch has taken the model before.
        _ports.Live = 4;
        Deliver(0);
        await _ports.SeenAsync("StepOutdated");
        _ports.Live = 5;
        await _ports.SeenAsync("seek", 2);
        Assert.DoesNotContain("done 1", _ports.Told);

        Deliver(0);
        await _ports.SeenAsync("done 1");

        Assert.Equal(1, _worker.Counters.Outdated);
        Assert.Equal(2, _worker.Counters.Claims);
    }

    [Fact]
    public async Task An_idle_worker_of_a_model_that_is_withdrawn_learns_of_it()
    {
        Run(5);
        _worker.Assign();
        await _ports.SeenAsync("seek");

        _ports.Idle = new StepAnswer.Applied(0, Promotion: 6);
        _ports.Claim = (_, _) => new ClaimAnswer.Outdated(6);
        _worker.Tick();
        await _ports.SeenAsync("ClaimOutdated");
        await _ports.TurnAsync(_worker);

        Assert.Equal(WaitReason.Model, _worker.Waiting!.Value.Reason);
    }

    private void Run(long promotion)
    {
        _ports.Live = promotion;
        _worker.ModelReady(promotion);
    }

    private void Deliver(long offset) => _worker.Deliver(_session, new LogRecord(offset, 0, 0, default, default));
}
