using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>
/// Breadth first over all that can happen within bounds, so that the first oracle to turn red has the shortest way
/// there.
/// </summary>
internal sealed class ExhaustiveSearch(ExhaustiveModel model, Bounds bounds)
{
    private readonly Dictionary<WorldKey, (WorldKey Parent, int Move)> _seen = [];
    private readonly HashSet<WorldKey> _settling = [];

    public int States => _seen.Count;

    /// <summary>Returns null, or the shortest way to a violation.</summary>
    public string? Run()
    {
        var start = new SmallWorld { Left = bounds };
        var root = WorldKey.Of(start);
        _seen[root] = (root, -1);
        var queue = new Queue<(SmallWorld World, WorldKey Key)>();
        queue.Enqueue((start, root));
        while (queue.TryDequeue(out var here))
        {
            for (var move = 0; move < Moves.Length; move++)
            {
                var world = here.World;
                try
                {
                    if (!Moves[move].Try(model, ref world))
                    {
                        continue;
                    }
                    world.Canonize(model.ListsElsewhere);
                    Check(world);
                }
                catch (OracleException red)
                {
                    return Tell(here.Key, move, red.Message);
                }
                var key = WorldKey.Of(world);
                if (_seen.TryAdd(key, (here.Key, move)))
                {
                    queue.Enqueue((world, key));
                }
            }
        }
        return null;
    }

    // Oracle S at every moment: the store is the fold of the log up to n. Oracle L: a worker left alone gets to the
    // end.
    private void Check(in SmallWorld world)
    {
        for (var user = 0; user < 2; user++)
        {
            if (world.Store[user].Counts != model.Log.Fold(user, world.Store.N).Counts)
            {
                throw new OracleException("S", $"user {user} at n = {world.Store.N} is {world.Store[user].Counts:x}");
            }
        }
        if (model.ListsElsewhere && world.Store.Dirty == 0 && world.List.Version < world.Store.First.Version)
        {
            throw new OracleException(
                "S",
                $"the list is at version {world.List.Version}, its state at {world.Store.First.Version}, "
                    + "and nothing is dirty"
            );
        }
        // Oracle M: of what a seal withdrew, a list that comes after it is replaced, for its user is dirty.
        if (world.List.Belated && world.List.Promotion < world.Store.Sealed && world.Store.Dirty == 0)
        {
            throw new OracleException("M", $"a list of promotion {world.List.Promotion} stands after the seal, clean");
        }
        if (IsAlone(world.A, world.B))
        {
            Settle(world, 0);
        }
        else if (IsAlone(world.B, world.A))
        {
            Settle(world, 1);
        }
    }

    private static bool IsAlone(in SmallWorker one, in SmallWorker other) =>
        one.State.Phase is PartitionPhase.Ready or PartitionPhase.AwaitingModel
        && other.State.Phase == PartitionPhase.Released;

    // The worker learns what is promoted; where nobody is left who has it, the next promotion is larger.
    private void Learn(ref SmallWorld world, int w)
    {
        ref var worker = ref ExhaustiveModel.Worker(ref world, w);
        worker.Model = Math.Max(Math.Max(world.Pointer, worker.Model), world.Store.Promotion);
        if (worker.State.Promotion < worker.Model)
        {
            model.Feed(ref world, w, PartitionInput.ModelReady(worker.Model));
        }
    }

    private void Settle(SmallWorld world, int w)
    {
        world.Left = default;
        world.HasSaved = false;
        if (world.Late.Call != Call.None)
        {
            model.Arrive(ref world);
        }
        Learn(ref world, w);
        var idle = false;
        for (var i = 0; i < 60; i++)
        {
            world.Canonize(model.ListsElsewhere);
            ref var worker = ref ExhaustiveModel.Worker(ref world, w);
            if (worker.State.Phase == PartitionPhase.Ready && !idle && !_settling.Add(WorldKey.Of(world)))
            {
                return;
            }
            if (worker.Call != Call.None)
            {
                model.Execute(ref world, w, answer: true);
            }
            else if (worker.State.Phase == PartitionPhase.AwaitingModel)
            {
                model.Feed(ref world, w, PartitionInput.IdleTick());
            }
            else if (worker.State.Position.Offset < model.Log.Length)
            {
                model.Fetch(ref world, w);
            }
            else if (worker.State.Position.Offset > worker.State.Next.Offset || worker.State.DirtyOwed)
            {
                model.Feed(ref world, w, PartitionInput.BatchDue(model.NeedsStates(worker)));
            }
            else if (idle || bounds.NoIdleChecks)
            {
                break;
            }
            else
            {
                idle = true;
                model.Feed(ref world, w, PartitionInput.IdleTick());
                continue;
            }
            idle &= worker.State.Phase == PartitionPhase.Ready;
        }
        if (world.Store.N != model.Log.Length)
        {
            throw new OracleException("L", $"n stays at {world.Store.N}");
        }
        if (model.ListsElsewhere && (world.Store.Dirty > 0 || world.List.Version != world.Store.First.Version))
        {
            throw new OracleException(
                "L",
                $"the list stays at version {world.List.Version}, dirty at {world.Store.Dirty}"
            );
        }
    }

    private string Tell(WorldKey key, int last, string red)
    {
        var moves = new List<int> { last };
        for (var at = _seen[key]; at.Move >= 0; at = _seen[at.Parent])
        {
            moves.Insert(0, at.Move);
        }
        return string.Join(Environment.NewLine, moves.Select((m, i) => $"{i + 1}. {Moves[m].Name}").Append(red));
    }

    private delegate bool Mover(ExhaustiveModel model, ref SmallWorld world);

    private static readonly (string Name, Mover Try)[] Moves =
    [
        .. ExhaustiveMoves.All.SelectMany(m =>
            new[] { 0, 1 }.Select(w =>
                (
                    $"{(w == 0 ? 'A' : 'B')} {m.Name}",
                    (Mover)((ExhaustiveModel model, ref SmallWorld world) => m.Try(model, ref world, w))
                )
            )
        ),
        .. ExhaustiveMoves.OfTheStore.Select(m =>
            (m.Name, (Mover)((ExhaustiveModel model, ref SmallWorld world) => m.Try(model, ref world, 0)))
        ),
    ];
}
