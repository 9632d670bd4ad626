using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>What each decision does.</summary>
public sealed partial class PartitionWorker
{
    private void Do(in PartitionDecision decision)
    {
        switch (decision.Kind)
        {
            case PartitionDecisionKind.Accept:
                _inbox.TryPeek(out var message);
                _batch.Log.Add(message.Record);
                Counters.Records++;
                Leave(_inbox.Dequeue());
                if (_batch.Log.Count == 1)
                {
                    Busy();
                    BeginLinger();
                }

                break;
            case PartitionDecisionKind.Skip:
                Counters.Skipped++;
                Leave(_inbox.Dequeue());
                break;
            case PartitionDecisionKind.StartClaim:
                Forget();
                Begin(ClaimAsync, decision);
                break;
            case PartitionDecisionKind.SeekTo:
                DropInbox();
                Volatile.Write(ref _reached, _state.Next.Offset);
                _session = decision.Ticket;
                _ports.Log.Seek(_partition, decision.To, _session);
                break;
            case PartitionDecisionKind.CheckGap:
                Begin(CheckGapAsync, decision);
                break;
            case PartitionDecisionKind.CountGap:
                Counters.GapOffsets += decision.To.Offset - decision.From.Offset;
                break;
            case PartitionDecisionKind.CountLost:
                Counters.LostOffsets += decision.To.Offset - decision.From.Offset;
                break;
            case PartitionDecisionKind.ReadStates:
                Begin(ReadStatesAsync, decision);
                break;
            case PartitionDecisionKind.Compute:
                if (_payload is StatesAnswer answer)
                {
                    _batch.Fill(answer.States, _cache);
                }

                Begin(ComputeAsync, decision);
                break;
            case PartitionDecisionKind.WriteStep:
                Counters.IdleChecks += decision.From.Offset == decision.To.Offset ? 1 : 0;
                _writes = (_payload as BatchResult)?.Writes ?? [];
                Begin(StepAsync, decision);
                break;
            case PartitionDecisionKind.RetryStep:
                _stepRepeated = true;
                Begin(StepAsync, decision);
                break;
            case PartitionDecisionKind.StoreOffset:
                Finish(decision);
                break;
            case PartitionDecisionKind.LoadDirty:
                Begin(LoadDirtyAsync, decision);
                break;
            case PartitionDecisionKind.PublishLists:
                _publication = _payload is DirtyAnswer dirty ? Publication.Of(dirty) : _publication;
                Begin(PublishListsAsync, decision);
                break;
            case PartitionDecisionKind.ClearDirty:
                _publication = _payload as Publication ?? _publication;
                Begin(ClearDirtyAsync, decision);
                break;
            case PartitionDecisionKind.DropCache:
                Counters.CacheDrops++;
                _cache.Clear();
                break;
            case PartitionDecisionKind.Release:
                Volatile.Write(ref _reached, -1);
                Forget();
                _operation.Cancel();
                break;
            case PartitionDecisionKind.Halt:
                Forget();
                _operation.Cancel();
                Halted?.Invoke(
                    new PartitionHalt(
                        _partition,
                        decision.Reason,
                        decision.From,
                        _payload as ClaimAnswer.Mismatch,
                        _payload as Exception
                    )
                );
                break;
            default:
                throw new InvalidOperationException($"Unknown decision {decision.Kind}.");
        }
    }

    // Looks up the states of the batch's users. Returns whether some must be read.
    private bool GatherStates()
    {
        _batch.Gather(_cache);
        Counters.CacheMisses += _batch.Missing.Count;
        Counters.CacheHits += _batch.UserCount - _batch.Missing.Count;
        return _batch.Missing.Count > 0;
    }

    private void Finish(in PartitionDecision decision)
    {
        Counters.Steps += decision.From.Offset == decision.To.Offset ? 0 : 1;
        if (_batch.Log.Count > 0)
        {
            Written?.Invoke(_partition, new(_batch.Log[0].TimestampMs, _batch.Log[^1].TimestampMs));
        }

        foreach (var write in _writes)
        {
            Counters.Lists += write.List.IsEmpty ? 0 : 1;
        }

        _publication = _ports.Store.Lists is null ? Publication.None : Publication.Of(_writes);
        if (_stepRepeated || _publication.Lists.Count > 0)
        {
            // An unanswered attempt may still stand in the client's queue, and lists are yet to be published: both read
            // the batch's memory.
            Abandon();
        }
        else
        {
            _batch.Clear();
            _writes = [];
        }

        _failures = 0;
        GoOn();
        Volatile.Write(ref _reached, decision.To.Offset);
        _ports.Log.StoreOffset(_partition, decision.To);
    }

    private void Forget()
    {
        Abandon();
        DropInbox();
        _session = NoSession;
    }

    // Something may still be under way in it.
    private void Abandon() => (_batch, _writes, _stepRepeated) = (_ports.Processor.Open(_partition), [], false);

    private void DropInbox()
    {
        while (_inbox.TryDequeue(out var message))
        {
            Leave(message);
        }
    }
}
