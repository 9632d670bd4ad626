using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Exhaustive;

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
/// <param name="tellsUnsafe">Whether a worker hears which lists are not safe.</param>
internal sealed class SimulatedNetwork(
    SimulatedLoop loop,
    SimulatedStore store,
    SimulatedLists? lists,
    bool tellsUnsafe
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
    public IStateStore Connect(string settings) => new Connection(this, settings);

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
        if (!tellsUnsafe)
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

    private sealed class Connection(SimulatedNetwork network, string settings) : IStateStore, IListShards
    {
        public IListShards? Lists => network.ListShards is null ? null : this;

        public Task<ClaimAnswer> ClaimAsync(
            PartitionIdentity p,
            Guid id,
            LogPosition? first,
            CancellationToken cancel
        ) => network.Call(() => network.Store.Claim(p, id, first, settings));

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
        ) => network.Call(() => network.Store.Step(p.Partition, claim, from, to, writes));

        public Task<DirtyAnswer> ReadDirtyAsync(PartitionIdentity p, int most, CancellationToken cancel) =>
            network.Call(() => network.Store.ReadDirty(p.Partition, most));

        public Task<bool> ClearDirtyAsync(
            PartitionIdentity p,
            Claim claim,
            IReadOnlyList<DirtyUser> published,
            CancellationToken cancel
        ) => network.Call(() => network.Store.ClearDirty(p.Partition, claim, published));

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
                    var version = new ListVersion(generation, list.Version.Epoch, list.Version.Offset, claim.Number);
                    return await network.WaitAsync(
                        list.UserId,
                        await network.Call(() => network.ListShards!.Write(list.UserId, version, list.List.ToArray()))
                    );
                })
            );
    }

    private SimulatedStore Store => store;

    private SimulatedLists? ListShards => lists;
}
