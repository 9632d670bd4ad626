using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Exhaustive;
using StreamRec.Tests.Delivery.Rules;

namespace StreamRec.Tests.Delivery.Simulation;

/// <summary>What can happen to a call to the store.</summary>
internal enum NetworkFault
{
    RequestLost,
    AnswerLost,
    RequestDelayed,
    RequestDuplicated,
    Refused,
}

/// <summary>Between workers and the store: each call takes its time, and armed faults strike the next call.</summary>
/// <param name="lists">The shards of lists; null where the step writes them.</param>
/// <param name="worker">The rules that a worker keeps: it hears which lists are not safe, and names promotions.</param>
internal sealed class SimulatedNetwork(
    SimulatedLoop loop,
    SimulatedStore store,
    SimulatedLists? lists,
    PartitionRules worker
)
{
    private const int WaitMs = 100;

    private readonly Queue<NetworkFault> _armed = new();

    /// <summary>How often each fault struck a call.</summary>
    public int[] Struck { get; } = new int[Enum.GetValues<NetworkFault>().Length];

    /// <summary>Virtual time until which no call is answered; half of them are carried out.</summary>
    public long DownUntilMs { get; set; }

    public int Unanswered { get; private set; }

    public void Arm(NetworkFault fault) => _armed.Enqueue(fault);

    /// <param name="settings">What the worker's states are shaped by.</param>
    /// <param name="live">The promotion of the worker's model.</param>
    public IStateStore Connect(string settings, Func<long> live) => new Connection(this, settings, live);

    private Task<T> Call<T>(Func<T> script)
    {
        var answer = new TaskCompletionSource<T>();
        var struck = _armed.TryDequeue(out var fault);
        if (struck)
        {
            Struck[(int)fault]++;
        }
        var arrival = loop.Random.Next(1, 20);
        if (loop.NowMs < DownUntilMs)
        {
            (struck, fault) = (true, loop.Chance(0.5) ? NetworkFault.RequestLost : NetworkFault.AnswerLost);
            Unanswered++;
        }
        switch (fault)
        {
            case NetworkFault.RequestLost when struck:
                break;
            case NetworkFault.AnswerLost when struck:
                loop.After(arrival, () => Break(answer, script));
                break;
            case NetworkFault.RequestDelayed when struck:
                loop.After(loop.Random.Next(300, 3000), () => answer.TrySetResult(script()));
                break;
            case NetworkFault.RequestDuplicated when struck:
                loop.After(arrival, () => answer.TrySetResult(script()));
                loop.After(arrival + loop.Random.Next(0, 2000), () => script());
                break;
            case NetworkFault.Refused when struck:
                loop.After(arrival, () => answer.TrySetException(new InvalidOperationException("LOADING")));
                break;
            default:
                loop.After(arrival, () => Answer(answer, script()));
                break;
        }
        return answer.Task;
    }

    // The script ran, and its answer takes a while.
    private void Answer<T>(TaskCompletionSource<T> answer, T result) =>
        loop.After(loop.Random.Next(0, 20), () => answer.TrySetResult(result));

    private void Break<T>(TaskCompletionSource<T> answer, Func<T> script)
    {
        script();
        if (loop.Chance(0.5))
        {
            answer.TrySetException(new AmbiguousStoreException("connection reset"));
        }
    }

    private Task<bool> WaitAsync(string user, (int Term, int Written) write)
    {
        if (!worker.ClearOnlySafe)
        {
            return Task.FromResult(true);
        }
        var answer = new TaskCompletionSource<bool>();
        void Look(int left)
        {
            if (lists!.IsSafe(user, write) || left <= 0)
            {
                answer.TrySetResult(lists.IsSafe(user, write));
                return;
            }
            loop.After(10, () => Look(left - 10));
        }
        loop.After(1, () => Look(WaitMs));
        return answer.Task;
    }

    private sealed class Connection(SimulatedNetwork network, string settings, Func<long> live)
        : IStateStore,
            IListShards
    {
        public IListShards? Lists => network.ListShards is null ? null : this;

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity p,
            Guid id,
            LogPosition? first,
            long promotion,
            CancellationToken cancel
        ) => network.Call(() => network.Store.Claim(p, id, first, settings, promotion));

        public Task<StatesAnswer> ReadAsync(
            PartitionIdentity p,
            IReadOnlyList<string> users,
            CancellationToken cancel
        ) => network.Call(() => network.Store.Read(p.Partition, users));

        public Task<StepAnswer> StepAsync(
            PartitionIdentity p,
            Claim claim,
            StorePlace from,
            LogPosition to,
            IReadOnlyList<UserWrite> writes,
            CancellationToken cancel
        )
        {
            var promotion =
                writes.Count == 0 ? 0
                : network.Rules.StepNamesItsLease ? writes[0].Promotion
                : live();
            return network.Call(() => network.Store.Step(p.Partition, claim, from, to, writes, promotion));
        }

        public Task<DirtyAnswer> ReadDirtyAsync(PartitionIdentity p, int most, CancellationToken cancel) =>
            network.Call(() => network.Store.ReadDirty(p.Partition, most));

        public Task<ClearAnswer> ClearDirtyAsync(
            PartitionIdentity p,
            Claim claim,
            long promotion,
            IReadOnlyList<DirtyUser> published,
            CancellationToken cancel
        ) => network.Call(() => network.Store.ClearDirty(p.Partition, claim, promotion, published));

        public async Task<IReadOnlyList<bool>> PublishAsync(
            PartitionIdentity p,
            Claim claim,
            int generation,
            IReadOnlyList<UserWrite> lists,
            CancellationToken cancel
        ) =>
            await Task.WhenAll(
                lists.Select(async list =>
                {
                    var version = new ListVersion(
                        generation,
                        list.Version.Epoch,
                        list.Version.Offset,
                        list.Promotion,
                        claim.Number
                    );
                    var text = list.List.ToArray();
                    return await network.WaitAsync(
                        list.UserId,
                        await network.Call(() =>
                            network.ListShards!.Write(
                                list.UserId,
                                new(version, text) { Belated = list.Promotion < network.Store.SealOf(p.Partition) }
                            )
                        )
                    );
                })
            );
    }

    private SimulatedStore Store => store;

    private PartitionRules Rules => worker;

    private SimulatedLists? ListShards => lists;
}

/// <summary>The dead-letter topic, whose broker can be away.</summary>
internal sealed class SimulatedDeadLetters(SimulatedLoop loop) : IDeadLetters
{
    public HashSet<(int Partition, long Offset)> Kept { get; } = [];

    /// <summary>Virtual time until which nothing is acknowledged.</summary>
    public long DownUntilMs { get; set; }

    public int Refused { get; private set; }

    public async Task PublishAsync(
        PartitionIdentity partition,
        IReadOnlyList<DeadLetter> letters,
        CancellationToken cancel
    )
    {
        await Task.Yield();
        if (loop.NowMs < DownUntilMs)
        {
            Refused++;
            throw new TimeoutException();
        }
        Kept.UnionWith(letters.Select(l => (partition.Partition, l.Record.Offset)));
    }
}
