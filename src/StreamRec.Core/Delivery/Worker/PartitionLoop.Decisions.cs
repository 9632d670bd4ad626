using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>What each decision does.</summary>
internal sealed partial class PartitionLoop
{
    /// <param name="note">What the answer brought that was decided on; null where it was none.</param>
    private void Do(in PartitionDecision decision, PartitionNote? note)
    {
        Counters.Count(decision);
        switch (decision.Kind)
        {
            case PartitionDecisionKind.Accept:
                _batch.Batch.Log.Add(inbox.Take());
                if (_batch.Records == 1)
                {
                    progress.Busy();
                    BeginLinger();
                }
                break;
            case PartitionDecisionKind.Skip:
                inbox.Take();
                break;
            case PartitionDecisionKind.SeekTo:
                inbox.Clear();
                progress.Hear(false);
                progress.Reach(_state.Next.Offset);
                _session = decision.Ticket;
                ports.Log.Seek(partition, decision.To, _session);
                break;
            case PartitionDecisionKind.CountGap or PartitionDecisionKind.CountLost:
                break;
            case PartitionDecisionKind.StoreOffset:
                Finish(decision);
                break;
            case PartitionDecisionKind.DropCache:
                _batch.DropCache();
                break;
            case PartitionDecisionKind.Release:
                progress.Hear(false);
                progress.Reach(null);
                Forget();
                _operations.Cancel();
                break;
            case PartitionDecisionKind.Halt:
                Forget();
                _operations.Cancel();
                Halted?.Invoke(
                    new PartitionHalt(
                        partition,
                        decision.Reason,
                        decision.From,
                        (note as PartitionNote.Refused)?.Mismatch,
                        (note as PartitionNote.Failed)?.Error
                    )
                );
                break;
            default:
                progress.Busy();
                Begin(decision, note, decision.Delayed ? progress.Failures++ : 0);
                break;
        }
    }

    /// <param name="failures">Repetitions before this one, where it is one.</param>
    private void Begin(in PartitionDecision decision, PartitionNote? note, int failures)
    {
        switch (decision.Kind)
        {
            case PartitionDecisionKind.StartClaim:
                Forget();
                _operations.Claim(decision, failures, _state.Known, _state.Promotion);
                break;
            case PartitionDecisionKind.CheckGap:
                _operations.CheckGap(decision, failures);
                break;
            case PartitionDecisionKind.ReadStates:
                _operations.ReadStates(decision, failures, _batch.Batch.Missing);
                break;
            case PartitionDecisionKind.Compute:
                if (note is PartitionNote.States states)
                {
                    _batch.Fill(states.Read);
                }
                _operations.Compute(decision, _batch.Batch, _state.Claim, _generation);
                break;
            case PartitionDecisionKind.WriteStep:
                _batch.Write((note as PartitionNote.Computed)?.Result.Writes ?? []);
                _operations.Step(decision, failures, _state.Claim, _state.Seq, _batch.Writes);
                break;
            case PartitionDecisionKind.RetryStep:
                _batch.Repeat();
                _operations.Step(decision, failures, _state.Claim, _state.Seq, _batch.Writes);
                break;
            case PartitionDecisionKind.LoadDirty:
                _operations.LoadDirty(decision);
                break;
            case PartitionDecisionKind.PublishLists:
                _publication = note is PartitionNote.Dirty dirty ? Publication.Of(dirty.Read) : _publication;
                _operations.PublishLists(decision, _publication, _state.Claim, _generation);
                break;
            case PartitionDecisionKind.ClearDirty:
                _publication = note is PartitionNote.Published published ? published.Safe : _publication;
                _operations.ClearDirty(decision, _publication, _state.Claim);
                break;
            default:
                throw new InvalidOperationException($"Unknown decision {decision.Kind}.");
        }
    }

    private void Finish(in PartitionDecision decision)
    {
        var log = _batch.Batch.Log;
        if (log.Count > 0)
        {
            Written?.Invoke(partition, new(log[0].TimestampMs, log[^1].TimestampMs));
        }
        Counters.CountStep(decision, _batch.Writes);
        _publication = ports.Store.Lists is null ? Publication.None : Publication.Of(_batch.Writes);
        _batch.Finish(lent: _publication.Lists.Count > 0);
        progress.Step(decision.To.Offset);
        ports.Log.StoreOffset(partition, decision.To);
    }

    private void Forget()
    {
        _batch.Abandon();
        inbox.Clear();
        _session = NoSession;
    }
}
