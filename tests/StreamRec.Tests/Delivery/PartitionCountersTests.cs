using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Tests.Delivery;

/// <summary>
/// What a worker counts is what happened to it, though everything happens on other threads: nothing is counted twice,
/// or lost.
/// </summary>
public sealed class PartitionCountersTests
{
    private const int Records = 3_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Counters_are_what_its_surroundings_counted(int seed)
    {
        var scene = new Scene(seed);

        var counters = await scene.RunAsync();

        var expected = scene.Counted.OrderBy(counted => counted.Key).ToArray();
        Assert.Equal(
            expected,
            expected.Select(counted =>
                KeyValuePair.Create(
                    counted.Key,
                    (long)typeof(PartitionCounters).GetProperty(counted.Key)!.GetValue(counters)!
                )
            )
        );
        // All that can happen did.
        Assert.Equal(16, expected.Length);
        Assert.All(expected, counted => Assert.True(counted.Value > 10, $"{counted.Key}: {counted.Value}"));
    }

    /// <summary>
    /// A log of records, and a store, shards of lists and dead letters that answer from other threads, and fail by lot.
    /// </summary>
    private sealed class Scene(int seed)
        : IStateStore,
            IListShards,
            ILogControl,
            IDeadLetters,
            IBatchProcessor,
            IComputePlace
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private PartitionWorker _worker = null!;
        private long _next,
            _seq;
        private long _claim;
        private int _republishing;
        private long _ticksSeen,
            _ticksTaken;

        public Dictionary<string, long> Counted { get; } = [];

        public async Task<PartitionCounters> RunAsync()
        {
            _worker = new PartitionWorker(
                new PartitionIdentity("clicks", 0, "uuid", 1, "g"),
                new PartitionPorts(this, this, this, this, TimeProvider.System, new Random(seed)),
                new PartitionWorkerOptions
                {
                    BatchRecords = 10,
                    CachedUsers = 5,
                    RetryDelay = TimeSpan.Zero,
                    Policy = new() { Retries = 100 },
                },
                this
            )
            {
                // It is told before the worker does what follows from the input: only the next one says that this was
                // begun.
                Observer = (input, _) =>
                {
                    _ticksSeen += input.Kind == PartitionInputKind.IdleTick ? 1 : 0;
                    Volatile.Write(ref _ticksTaken, _ticksSeen - (input.Kind == PartitionInputKind.IdleTick ? 1 : 0));
                },
            };
            using var stop = new CancellationTokenSource();
            var running = _worker.RunAsync(stop.Token);
            _worker.Assign();
            var ticks = 0L;
            for (var i = 0; !_done.Task.IsCompleted; i++)
            {
                if (i % 20 == 0)
                {
                    _worker.Tick();
                    ticks++;
                }
                await Task.Yield();
            }
            // All that it was told is done. Of what failed last it waits until a step goes through, which takes a tick.
            while (Volatile.Read(ref _ticksTaken) < ticks || _worker.Waiting is not null)
            {
                if (Volatile.Read(ref _ticksTaken) == ticks)
                {
                    _worker.Tick();
                    ticks++;
                }
                await Task.Yield();
            }
            await stop.CancelAsync();
            await running;
            return _worker.Counters;
        }

        public IListShards Lists => this;

        public TaskScheduler Threads => TaskScheduler.Default;

        public bool IsBeside(int users) => true;

        public void Took(int users, TimeSpan time) { }

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity partition,
            Guid claimId,
            LogPosition? firstStart,
            long promotion,
            CancellationToken cancel
        ) =>
            Later<ClaimAnswer>(() =>
            {
                Count(nameof(PartitionCounters.Claims));
                return new ClaimAnswer.Granted(new Claim(++_claim, claimId), new LogPosition(_next, -1), 0, _seq);
            });

        public Task<StatesAnswer> ReadAsync(
            PartitionIdentity partition,
            IReadOnlyList<string> users,
            CancellationToken cancel
        ) => Later(() => new StatesAnswer(new(_next + Stale(), _seq), new byte[]?[users.Count]));

        public Task<StepAnswer> StepAsync(
            PartitionIdentity partition,
            Claim claim,
            StorePlace from,
            LogPosition to,
            IReadOnlyList<UserWrite> writes,
            CancellationToken cancel
        ) =>
            Later<StepAnswer>(() =>
            {
                if (from != new StorePlace(_next, _seq))
                {
                    Count(nameof(PartitionCounters.Conflicts));
                    Count(nameof(PartitionCounters.FoundApplied));
                    return new StepAnswer.Conflict(new(_next, _seq));
                }
                if (Lot(0.1))
                {
                    Count(nameof(PartitionCounters.Fenced));
                    return new StepAnswer.Fenced();
                }
                if (writes.Count > 0 && Lot(0.1))
                {
                    Count(nameof(PartitionCounters.Outdated));
                    return new StepAnswer.Outdated(1);
                }
                Count(nameof(PartitionCounters.Steps), to.Offset > from.Offset ? 1 : 0);
                Count(nameof(PartitionCounters.Lists), writes.Count);
                _seq += to.Offset > from.Offset ? 1 : 0;
                _next = to.Offset;
                return to.Offset > from.Offset && Lot(0.1) ? throw Unanswered() : new StepAnswer.Applied(_seq);
            });

        public Task<DirtyAnswer> ReadDirtyAsync(PartitionIdentity partition, int most, CancellationToken cancel) =>
            Later(() =>
            {
                var (stale, users) = (Stale(), _random.Next(3));
                _republishing = stale > 0 ? 0 : users;
                return new DirtyAnswer(
                    new(_next + stale, _seq),
                    [.. Enumerable.Range(0, users).Select(i => new DirtyUser($"d{i}", default))],
                    new byte[]?[users]
                );
            });

        public Task<IReadOnlyList<bool>> PublishAsync(
            PartitionIdentity partition,
            Claim claim,
            int generation,
            IReadOnlyList<UserWrite> lists,
            CancellationToken cancel
        )
        {
            var republished = Interlocked.Exchange(ref _republishing, 0);
            return Later<IReadOnlyList<bool>>(() =>
            {
                bool[] safe = [.. lists.Select(_ => Lot(0.8))];
                Count(nameof(PartitionCounters.Republished), republished);
                Count(nameof(PartitionCounters.ListsPublished), safe.Count(s => s));
                Count(nameof(PartitionCounters.ListsUnsafe), safe.Count(s => !s));
                return safe;
            });
        }

        public Task<ClearAnswer> ClearDirtyAsync(
            PartitionIdentity partition,
            Claim claim,
            long promotion,
            IReadOnlyList<DirtyUser> published,
            CancellationToken cancel
        ) =>
            Later(() =>
            {
                var answer =
                    Lot(0.05) ? ClearAnswer.Fenced
                    : Lot(0.05) ? ClearAnswer.Outdated
                    : ClearAnswer.Cleared;
                Count(nameof(PartitionCounters.Fenced), answer == ClearAnswer.Fenced ? 1 : 0);
                Count(nameof(PartitionCounters.Outdated), answer == ClearAnswer.Outdated ? 1 : 0);
                return answer;
            });

        public Task PublishAsync(
            PartitionIdentity partition,
            IReadOnlyList<DeadLetter> letters,
            CancellationToken cancel
        ) =>
            Later(
                () =>
                {
                    if (Lot(0.3))
                    {
                        throw new IOException("away");
                    }
                    Count(nameof(PartitionCounters.DeadLetters), letters.Count);
                    return 0;
                },
                ofStore: false
            );

        // Every tenth offset has no record for us.
        public void Seek(PartitionIdentity partition, LogPosition start, int session)
        {
            for (var offset = start.Offset; offset < Records; offset++)
            {
                if (offset % 10 != 0)
                {
                    var user = System.Text.Encoding.UTF8.GetBytes($"u{offset % 37}");
                    _worker.Deliver(session, new LogRecord(offset, 0, offset, user, default));
                }
            }
        }

        public void StoreOffset(PartitionIdentity partition, LogPosition to)
        {
            if (to.Offset == Records)
            {
                _done.TrySetResult();
            }
        }

        public bool IsAssigned(PartitionIdentity partition) => true;

        public Task<GapAnswer> CheckGapAsync(
            PartitionIdentity partition,
            LogPosition from,
            long to,
            CancellationToken cancel
        ) =>
            Later(
                () =>
                {
                    Count(nameof(PartitionCounters.GapChecks));
                    var records = Lot(0.1);
                    Count(nameof(PartitionCounters.GapsRefused), records ? 1 : 0);
                    Count(nameof(PartitionCounters.GapOffsets), records ? 0 : to - from.Offset);
                    return new GapAnswer(records ? GapVerdict.Records : GapVerdict.Hole);
                },
                ofStore: false
            );

        public Task<LogPosition?> FirstStartAsync(PartitionIdentity partition, CancellationToken cancel) =>
            throw new InvalidOperationException("There is meta.");

        public PartitionBatch Open(PartitionIdentity partition) => new Batch();

        private async Task<T> Later<T>(Func<T> answer, bool ofStore = true)
        {
            await Task.Yield();
            lock (_lock)
            {
                return ofStore && Lot(0.1) ? throw Unanswered() : answer();
            }
        }

        private AmbiguousStoreException Unanswered()
        {
            Count(nameof(PartitionCounters.Unanswered));
            return new("no answer");
        }

        // How far the store is from where it is expected to be.
        private int Stale()
        {
            var stale = Lot(0.1) ? 1 : 0;
            Count(nameof(PartitionCounters.StaleReads), stale);
            return stale;
        }

        private bool Lot(double probability) => _random.NextDouble() < probability;

        private void Count(string what, long times = 1) => Counted[what] = Counted.GetValueOrDefault(what) + times;
    }

    private sealed class User(string userId) : UserState(userId);

    /// <summary>A list for each user; every seventh record is poison.</summary>
    private sealed class Batch : PartitionBatch
    {
        private static readonly byte[] s_bytes = [1];

        public override BatchResult Compute(Claim claim, int generation) =>
            new(
                [
                    .. Enumerable
                        .Range(0, UserCount)
                        .Select(slot => new UserWrite(UserIdOf(slot), s_bytes, s_bytes, default)),
                ],
                [
                    .. Records
                        .Where(record => record.Offset % 7 == 0)
                        .Select(record => new DeadLetter(record, "poison", "")),
                ]
            );

        protected override void Read()
        {
            foreach (var record in Records)
            {
                Slot(record.Key.Span);
            }
        }

        protected override UserState Wrap(string userId, byte[]? stored, UserState? spare) => new User(userId);
    }
}
