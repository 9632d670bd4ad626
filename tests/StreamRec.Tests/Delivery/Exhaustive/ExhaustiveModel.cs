using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Rules;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>
/// The moves of a world: the product's <see cref="PartitionLife"/> with the smallest driver around it.
/// </summary>
/// <param name="listsElsewhere">The list lives on a shard of its own, as on Redis Cluster; there is one user
/// then.</param>
internal sealed partial class ExhaustiveModel(
    SmallLog log,
    PartitionRules rules,
    StoreRules storeRules,
    bool listsElsewhere = false
)
{
    private readonly MutatedLife _life = new(
        new PartitionPolicy { Retries = 1, ListsElsewhere = listsElsewhere },
        rules
    );
    private readonly List<PartitionDecision> _decisions = [];

    public SmallLog Log => log;

    /// <summary>Whether the list lives on a shard of its own.</summary>
    public bool ListsElsewhere => listsElsewhere;

    /// <summary>Feeds an input to a worker and carries out what it decides.</summary>
    public void Feed(ref SmallWorld world, int w, in PartitionInput input)
    {
        ref var worker = ref Worker(ref world, w);
        var next = input;
        while (true)
        {
            _decisions.Clear();
            worker.State = _life.Handle(worker.State, next, _decisions);
            var compute = false;
            foreach (var decision in _decisions)
            {
                compute |= decision.Kind == PartitionDecisionKind.Compute;
                Do(ref worker, decision, next, world.Reached);
            }
            if (!compute)
            {
                return;
            }
            Compute(ref worker, otherSettings: w == 1 && world.Left.OtherSettings);
            next = PartitionInput.Computed(worker.State.Ticket);
        }
    }

    /// <summary>The next record, or the end.</summary>
    public void Fetch(ref SmallWorld world, int w)
    {
        ref var worker = ref Worker(ref world, w);
        var offset = log.Next(worker.Fetch);
        var record = offset < log.Length;
        Feed(ref world, w, record ? PartitionInput.Fetched(offset, 0) : PartitionInput.EndOfPartition(log.Length));
    }

    /// <summary>Whether the batch's users are not all in memory.</summary>
    public bool NeedsStates(in SmallWorker worker) =>
        (Holds(worker.Batch, 0) && worker.Cached0 is null) || (Holds(worker.Batch, 1) && worker.Cached1 is null);

    /// <summary>Carries out the call that a worker waits for; answers it, or not.</summary>
    public void Execute(ref SmallWorld world, int w, bool answer)
    {
        ref var worker = ref Worker(ref world, w);
        var ticket = worker.State.Ticket;
        var call = worker.Call;
        worker.Call = Call.None;
        PartitionInput input;
        switch (call)
        {
            case Call.Claim when w == 1 && world.Left.OtherSettings && storeRules.SettingsCheck:
                input = PartitionInput.ClaimRefused(ticket, HaltReason.OtherSettings);
                break;
            case Call.Claim:
                world.Store.Claim = world.FreshClaim();
                input = PartitionInput.ClaimGranted(ticket, new(world.Store.Claim, default), new(world.Store.N, -1));
                break;
            case Call.Gap:
                var (from, to) = (worker.State.Position.Offset, worker.State.GapTo);
                input = PartitionInput.GapChecked(
                    ticket,
                    new(log.Next(from) < to ? GapVerdict.Records : GapVerdict.Hole)
                );
                break;
            case Call.Read:
                input = Read(ref worker, world.Store, ticket, answer);
                break;
            case Call.Step:
                input = Step(ref world, Late(worker, w, Call.Step), ticket);
                break;
            default:
                input = OnLists(ref world, ref worker, call, ticket);
                break;
        }
        Feed(ref world, w, answer ? input : Unanswered(call, ticket));
    }

    /// <summary>A worker gives up a call, which stays on its way.</summary>
    public void GiveUp(ref SmallWorld world, int w)
    {
        ref var worker = ref Worker(ref world, w);
        var call = worker.Call;
        world.Late = Late(worker, w, call);
        worker.Call = Call.None;
        Feed(ref world, w, Unanswered(call, worker.State.Ticket));
    }

    /// <summary>A call given up arrives after all, and its answer at a worker that does not wait for it.</summary>
    public void Arrive(ref SmallWorld world)
    {
        var late = world.Late;
        world.Late = default;
        var input = PartitionInput.StatesAnswered(-1, world.Store.N);
        if (late.Call == Call.Claim)
        {
            world.Store.Claim = world.FreshClaim();
            input = PartitionInput.ClaimGranted(-1, new(world.Store.Claim, default), new(world.Store.N, -1));
        }
        else if (late.Call == Call.Step)
        {
            input = Step(ref world, late, -1);
        }
        else if (late.Call >= Call.LoadDirty)
        {
            input = Arrive(ref world, late);
        }
        Feed(ref world, late.Worker, input);
    }

    public static ref SmallWorker Worker(ref SmallWorld world, int w)
    {
        if (w == 0)
        {
            return ref world.A;
        }
        return ref world.B;
    }

    private static LateCall Late(in SmallWorker worker, int w, Call call) =>
        call != Call.Step
            ? call is Call.Publish or Call.Clear
                ? new(call, w, SmallWorld.Id(worker.State.Claim), worker.Publishing, worker.Clearing, null, null)
                : new(call, w, 0, 0, 0, null, null)
            : new(
                call,
                w,
                SmallWorld.Id(worker.State.Claim),
                (int)worker.State.Next.Offset,
                (int)worker.State.Position.Offset,
                worker.Write0,
                worker.Write1
            );

    private static PartitionInput Unanswered(Call call, int ticket) =>
        call switch
        {
            Call.Claim => PartitionInput.ClaimFailed(ticket),
            Call.Gap => PartitionInput.GapChecked(ticket, new(GapVerdict.Unknown)),
            Call.Read => PartitionInput.StatesFailed(ticket),
            Call.LoadDirty or Call.Publish or Call.Clear => PartitionInput.PublicationFailed(ticket),
            _ => PartitionInput.StepFailed(ticket),
        };

    private PartitionInput Read(ref SmallWorker worker, in SmallStore store, int ticket, bool answer)
    {
        if (answer)
        {
            // Cleared again by the decisions where n is not the position.
            worker.Cached0 ??= Holds(worker.Batch, 0) ? store.First : null;
            worker.Cached1 ??= Holds(worker.Batch, 1) ? store.Second : null;
        }
        return PartitionInput.StatesAnswered(ticket, store.N);
    }

    private PartitionInput Step(ref SmallWorld world, in LateCall step, int ticket)
    {
        ref var store = ref world.Store;
        if (store.Claim != step.Claim && storeRules.ClaimCheck)
        {
            return PartitionInput.StepFenced(ticket);
        }
        if (store.N != step.From && storeRules.FromCheck)
        {
            return PartitionInput.StepConflict(ticket, store.N);
        }
        if (store.Claim != step.Claim || store.N != step.From || step.To < step.From)
        {
            throw new OracleException("J", $"{step.From}→{step.To} was written at {store.N}, or under an old claim");
        }
        store.Write(0, step.Write0);
        store.Write(1, step.Write1);
        store.Dirty = listsElsewhere && step.Write0 is { } changed ? changed.Version : store.Dirty;
        store.N = step.To;
        world.Reached = Math.Max(world.Reached, store.N);
        return PartitionInput.StepApplied(ticket);
    }

    private static void Do(ref SmallWorker worker, in PartitionDecision decision, in PartitionInput input, int reached)
    {
        switch (decision.Kind)
        {
            case PartitionDecisionKind.Accept:
                worker.Batch |= 1 << (int)input.Offset;
                worker.Fetch = (int)input.Offset + 1;
                break;
            case PartitionDecisionKind.Skip when input.Kind == PartitionInputKind.Fetched:
                worker.Fetch = (int)input.Offset + 1;
                break;
            case PartitionDecisionKind.SeekTo:
                worker.Fetch = (int)decision.To.Offset;
                break;
            case PartitionDecisionKind.StartClaim:
                (worker.Batch, worker.Write0, worker.Write1, worker.Fetch, worker.Call) = (
                    0,
                    null,
                    null,
                    0,
                    Call.Claim
                );
                (worker.Publishing, worker.Clearing) = (0, 0);
                break;
            case PartitionDecisionKind.CheckGap:
                worker.Call = Call.Gap;
                break;
            case PartitionDecisionKind.ReadStates:
                worker.Call = Call.Read;
                break;
            case PartitionDecisionKind.WriteStep or PartitionDecisionKind.RetryStep:
                worker.Call = Call.Step;
                break;
            case PartitionDecisionKind.LoadDirty:
                worker.Call = Call.LoadDirty;
                break;
            case PartitionDecisionKind.PublishLists:
                worker.Call = Call.Publish;
                break;
            case PartitionDecisionKind.ClearDirty:
                worker.Call = Call.Clear;
                break;
            case PartitionDecisionKind.StoreOffset when decision.To.Offset > reached:
                throw new OracleException("K", $"Kafka is told {decision.To.Offset}, the store never passed {reached}");
            case PartitionDecisionKind.StoreOffset:
                worker.Publishing = worker.Clearing = worker.Write0?.Version ?? 0;
                (worker.Cached0, worker.Cached1) = (worker.Write0 ?? worker.Cached0, worker.Write1 ?? worker.Cached1);
                (worker.Batch, worker.Write0, worker.Write1) = (0, null, null);
                break;
            case PartitionDecisionKind.DropCache:
                (worker.Cached0, worker.Cached1) = (null, null);
                break;
            case PartitionDecisionKind.Release:
                (worker.Batch, worker.Write0, worker.Write1, worker.Fetch, worker.Call) = (0, null, null, 0, Call.None);
                (worker.Publishing, worker.Clearing) = (0, 0);
                break;
            case PartitionDecisionKind.Halt when decision.Reason == HaltReason.OtherSettings:
                worker.Call = Call.None;
                break;
            case PartitionDecisionKind.Halt:
                throw new OracleException("L", $"halted: {decision.Reason}");
        }
    }

    // Under other settings a user's first event is none that enters a state.
    private void Compute(ref SmallWorker worker, bool otherSettings)
    {
        for (var o = 0; o < log.Length; o++)
        {
            if (otherSettings && o == 0)
            {
                continue;
            }
            if ((worker.Batch >> o & 1) == 1 && log.User(o) == 0)
            {
                worker.Write0 = (worker.Write0 ?? worker.Cached0 ?? default).Add(o);
            }
            else if ((worker.Batch >> o & 1) == 1)
            {
                worker.Write1 = (worker.Write1 ?? worker.Cached1 ?? default).Add(o);
            }
        }
    }

    private bool Holds(int batch, int user) =>
        (
            batch
            & (
                log.TwoUsers
                    ? user == 0
                        ? 0b0101
                        : 0b1010
                    : user == 0
                        ? 0b1111
                        : 0
            )
        ) != 0;
}
