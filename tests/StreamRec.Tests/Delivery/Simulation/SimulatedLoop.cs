using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>
/// One thread, one virtual clock, one seed: chooses at random which of the things that are ready happens next.
/// </summary>
internal sealed class SimulatedLoop(int seed)
{
    private readonly PriorityQueue<Action, (long At, int Order)> _timers = new();
    private readonly List<Action> _ready = [];
    private int _order;

    public Random Random { get; } = new(seed);

    /// <summary>Virtual milliseconds since the start.</summary>
    public long NowMs { get; private set; }

    public void Ready(Action action) => _ready.Add(action);

    public void After(double ms, Action action) => _timers.Enqueue(action, (NowMs + Math.Max(0, (long)ms), _order++));

    /// <summary>Whether something happens with the given probability.</summary>
    public bool Chance(double probability) => Random.NextDouble() < probability;

    /// <summary>Runs until <paramref name="done"/> or the virtual time; returns whether it was done.</summary>
    public bool RunUntil(long untilMs, Func<bool> done)
    {
        while (true)
        {
            while (_ready.Count > 0)
            {
                var i = Random.Next(_ready.Count);
                var action = _ready[i];
                _ready[i] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
                action();
            }
            if (done())
            {
                return true;
            }
            if (!_timers.TryPeek(out _, out var next) || next.At > untilMs)
            {
                return false;
            }
            NowMs = next.At;
            _timers.Dequeue()();
        }
    }
}

/// <summary>The threads and the clock of one process, which can be stopped, continued and killed.</summary>
internal sealed class SimulatedProcess(SimulatedLoop loop) : SynchronizationContext
{
    private readonly List<Action> _held = [];

    public bool Paused { get; private set; }
    public bool Dead { get; private set; }

    public void Pause() => Paused = true;

    public void Kill() => Dead = true;

    public void Continue()
    {
        // In order: a client never tells of two assignments the wrong way round.
        Paused = false;
        Action[] held = [.. _held];
        _held.Clear();
        loop.Ready(() => Array.ForEach(held, action => action()));
    }

    public override void Post(SendOrPostCallback d, object? state) => loop.Ready(() => Run(() => d(state)));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Runs something in this process, now or when it continues; never if it is dead.</summary>
    public void Run(Action action)
    {
        if (Dead)
        {
            return;
        }
        if (Paused)
        {
            _held.Add(() => Run(action));
            return;
        }
        var before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }
}

/// <summary>The virtual clock, as a process sees it.</summary>
internal sealed class SimulatedTime(SimulatedLoop loop, SimulatedProcess process) : TimeProvider
{
    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => loop.NowMs;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddMilliseconds(loop.NowMs);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(SimulatedTime time, Action callback) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime >= TimeSpan.Zero)
            {
                time.After(dueTime, () => _version == version, callback);
            }
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private void After(TimeSpan due, Func<bool> live, Action callback) =>
        loop.After(
            due.TotalMilliseconds,
            () =>
            {
                if (live())
                {
                    process.Run(() =>
                    {
                        if (live())
                            callback();
                    });
                }
            }
        );
}

/// <summary>
/// A process's other threads. The lot decides which batches are computed there, and when: whatever is left for the
/// partition's loop may come first.
/// </summary>
internal sealed class SimulatedThreads(SimulatedCluster cluster, SimulatedProcess process)
    : TaskScheduler,
        IComputePlace
{
    private const int LongestMs = 60;

    public TaskScheduler Threads => this;

    public bool IsBeside(int users)
    {
        var beside = cluster.Loop.Chance(0.5);
        cluster.Computed[beside ? 1 : 0]++;
        return beside;
    }

    public void Took(int users, TimeSpan time) { }

    protected override void QueueTask(Task task) =>
        cluster.Loop.After(cluster.Loop.Random.Next(0, LongestMs), () => process.Run(() => TryExecuteTask(task)));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
