using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Rules;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>
/// The moves of a world: the product's <see cref="PartitionLife"/> with the smallest driver around it.
/// </summary>
/// <param name="counted">
/// The store counts steps. Where none leaves n where it is, n orders them all, and counting makes worlds differ in
/// nothing but the number.
/// </param>
/// <param name="listsElsewhere">The list lives on a shard of its own, as on Redis Cluster; there is one user
/// then.</param>
internal sealed partial class ExhaustiveModel(
    SmallLog log,
    PartitionRules rules,
    StoreRules storeRules,
    bool listsElsewhere = false,
    bool counted = false
)
{
    private readonly MutatedLife _life = new(
        new PartitionPolicy { Retries = 1, ListsElsewhere = listsElsewhere },
        rules
    );
    private readonly ExhaustiveStore _store = new(storeRules, listsElsewhere, counted);
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
            worker.State = counted ? worker.State : worker.State with { Seq = 0 };
            var compute = false;
            foreach (var decision in _decisions)
            {
                compute |= decision.Kind == PartitionDecisionKind.Compute;
                Do(ref worker, decision, next, world);
            }
            if (!compute)
            {
                return;
            }
            worker.Lease = worker.Model;
            ExhaustiveBatch.Compute(ref worker, log, otherSettings: w == 1 && world.Left.OtherSettings);
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
        (ExhaustiveBatch.Holds(log, worker.Batch, 0) && worker.Cached0 is null)
        || (ExhaustiveBatch.Holds(log, worker.Batch, 1) && worker.Cached1 is null);

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
                input = _store.Claim(ref world, ticket, worker.Lease);
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
                input = _store.Step(ref world, Late(worker, w, Call.Step), ticket);
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
        var input = PartitionInput.StatesAnswered(-1, world.Store.Place);
        if (late.Call == Call.Claim)
        {
            input = _store.Claim(ref world, -1, late.Lease);
        }
        else if (late.Call == Call.Step)
        {
            input = _store.Step(ref world, late, -1);
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

    private LateCall Late(in SmallWorker worker, int w, Call call) =>
        call != Call.Step
            ? call is Call.Publish or Call.Clear
                ? new(call, w, SmallWorld.Id(worker.State.Claim), worker.Publishing, worker.Clearing, null, null)
                {
                    Lease = worker.Lease,
                }
                : new(call, w, 0, 0, 0, null, null) { Lease = call == Call.Claim ? worker.Lease : 0 }
            : new(
                call,
                w,
                SmallWorld.Id(worker.State.Claim),
                (int)worker.State.Next.Offset,
                (int)worker.State.Position.Offset,
                worker.Write0,
                worker.Write1
            )
            {
                Seq = (int)worker.State.Seq,
                Lease = worker.Lease,
                Named = rules.StepNamesItsLease ? worker.Lease : worker.Model,
            };

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
            worker.Cached0 ??= ExhaustiveBatch.Holds(log, worker.Batch, 0) ? store.First : null;
            worker.Cached1 ??= ExhaustiveBatch.Holds(log, worker.Batch, 1) ? store.Second : null;
        }
        return PartitionInput.StatesAnswered(ticket, store.Place);
    }

    /// <summary>The partition is sealed.</summary>
    public void Seal(ref SmallWorld world, int promotion) => _store.Seal(ref world.Store, promotion);

    /// <summary>A worker at rest has read the first user's state, and writes it changed where n is.</summary>
    public void Renew(ref SmallWorld world, int w, in Applied read, int mark)
    {
        ref var worker = ref Worker(ref world, w);
        (worker.Write0, worker.Lease) = (read with { Mark = mark }, worker.Model);
        Feed(ref world, w, PartitionInput.IdleTick());
    }

    private static void Do(
        ref SmallWorker worker,
        in PartitionDecision decision,
        in PartitionInput input,
        in SmallWorld world
    )
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
                (worker.Publishing, worker.Clearing, worker.Lease) = (0, 0, (int)worker.State.Promotion);
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
                worker.Lease = worker.State.Republishing ? worker.Model : worker.Lease;
                break;
            case PartitionDecisionKind.ClearDirty:
                worker.Call = Call.Clear;
                break;
            case PartitionDecisionKind.StoreOffset when decision.To.Offset > world.Reached:
                throw new OracleException(
                    "K",
                    $"Kafka is told {decision.To.Offset}, the store never passed {world.Reached}"
                );
            case PartitionDecisionKind.StoreOffset when worker.Write0?.Mark > world.Renewed:
                throw new OracleException(
                    "K",
                    $"renewal {worker.Write0?.Mark} counts as done, the store never held it"
                );
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
}
