using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>The loop: messages in, decisions carried out.</summary>
public sealed partial class PartitionWorker
{
    private const int NoSession = -1;

    // Owned by the loop.
    private readonly List<PartitionDecision> _decisions = [];
    private readonly List<TaskCompletionSource> _releases = [];
    private readonly Queue<Message> _inbox = new();
    private PartitionState _state;
    private PartitionBatch _batch;
    private IReadOnlyList<UserWrite> _writes = [];
    private bool _stepRepeated;
    private CancellationTokenSource _operation = new();
    private object? _payload;
    private int _session = NoSession;
    private int _generation;
    private ITimer? _linger;
    private bool _lingered;

    /// <summary>Runs the partition until cancelled. Revoke first for a clean end.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        // Not by the token of the wait, which would make an object of each.
        await using var stop = cancel.Register(() => _mailbox.Writer.TryComplete());
        try
        {
            while (await _mailbox.Reader.WaitToReadAsync() && !cancel.IsCancellationRequested)
            {
                Volatile.Write(ref _turned, _ports.Time.GetTimestamp());
                while (_mailbox.Reader.TryRead(out var message))
                {
                    Take(message);
                    _payload = null;
                }

                Pump();
            }
        }
        finally
        {
            _operation.Cancel();
            _linger?.Dispose();
            _mailbox.Writer.TryComplete();
            while (_mailbox.Reader.TryRead(out var message))
            {
                (message.Payload as TaskCompletionSource)?.TrySetResult();
            }

            TellReleased();
        }
    }

    private void Take(in Message message)
    {
        switch (message.Input.Kind)
        {
            case PartitionInputKind.Fetched
            or PartitionInputKind.EndOfPartition
            or PartitionInputKind.OutOfRange
            or PartitionInputKind.LogForked:
                Receive(message);
                return;
            case PartitionInputKind.Lost when message.Input.Ticket != 0 && message.Input.Ticket != _state.Ticket:
                return;
            case PartitionInputKind.BatchDue:
                _lingered = true;
                return;
            case PartitionInputKind.Revoked:
                _releases.Add((TaskCompletionSource)message.Payload!);
                break;
            case PartitionInputKind.ClaimGranted when message.Input.Ticket == _state.Ticket:
                _generation = ((ClaimAnswer.Granted)message.Payload!).Generation;
                break;
            default:
                _payload = message.Payload;
                break;
        }

        Handle(message.Input);
        RestIfDone();
        if (_state.Phase == PartitionPhase.Released)
        {
            TellReleased();
        }
    }

    private void Receive(in Message message)
    {
        if (message.Session == _session)
        {
            _inbox.Enqueue(message);
            return;
        }

        // Fetched before the last seek.
        Counters.Skipped++;
        Leave(message);
    }

    // Takes what was fetched and, when no more is there, cuts the batch: the busier, the larger.
    private void Pump()
    {
        while (_state.Phase == PartitionPhase.Ready)
        {
            if (_batch.Log.Count < _options.BatchRecords && _inbox.TryPeek(out var message))
            {
                Handle(message.Input);
            }
            else if (_state.Position.Offset > _state.Next.Offset)
            {
                if (Lingers)
                {
                    return;
                }

                Handle(PartitionInput.BatchDue(GatherStates()));
            }
            else if (_state.DirtyOwed)
            {
                Handle(PartitionInput.BatchDue(needsStates: false));
            }
            else
            {
                return;
            }
        }
    }

    private bool Lingers =>
        _options.BatchLinger > TimeSpan.Zero
        && !_lingered
        && _batch.Log.Count > 0
        && _batch.Log.Count < _options.BatchRecords;

    // The batch has its first record. A timer of an earlier batch that still fires cuts this one early, which does no
    // harm.
    private void BeginLinger()
    {
        if (_options.BatchLinger > TimeSpan.Zero)
        {
            _lingered = false;
            _linger?.Dispose();
            _linger = _ports.Time.CreateTimer(
                _ => Post(PartitionInput.BatchDue(needsStates: false)),
                null,
                _options.BatchLinger,
                Timeout.InfiniteTimeSpan
            );
        }
    }

    private void Handle(in PartitionInput input)
    {
        var stale = input.Ticket != _state.Ticket;
        _decisions.Clear();
        _state = _life.Handle(_state, input, _decisions);
        if (!stale)
        {
            Count(input.Kind);
        }

        Observer?.Invoke(input, _decisions);
        Volatile.Write(ref _phase, (int)_state.Phase);
        Volatile.Write(ref _next, _state.Next.Offset);
        foreach (var decision in _decisions)
        {
            Do(decision);
        }
    }

    private void Count(PartitionInputKind kind)
    {
        switch (kind)
        {
            case PartitionInputKind.ClaimGranted:
                Counters.Claims++;
                break;
            case PartitionInputKind.ClaimFailed
            or PartitionInputKind.StatesFailed
            or PartitionInputKind.StepFailed
            or PartitionInputKind.PublicationFailed:
                Counters.Unanswered++;
                break;
            case PartitionInputKind.StatesAnswered when _state.Phase != PartitionPhase.Computing:
                Counters.StaleReads++;
                break;
            case PartitionInputKind.DirtyLoaded when _state.Phase == PartitionPhase.Claiming:
                Counters.StaleReads++;
                break;
            case PartitionInputKind.StepFenced or PartitionInputKind.ClearFenced:
                Counters.Fenced++;
                Hinder(WaitReason.OtherWorker, null);
                break;
            case PartitionInputKind.StepConflict:
                Counters.Conflicts++;
                Counters.FoundApplied += _decisions.Exists(d => d.Kind == PartitionDecisionKind.StoreOffset) ? 1 : 0;
                break;
            case PartitionInputKind.GapChecked:
                Counters.GapChecks++;
                Counters.GapsRefused += _decisions.Exists(d => d.Kind == PartitionDecisionKind.SeekTo) ? 1 : 0;
                break;
        }
    }

    private void TellReleased()
    {
        foreach (var release in _releases)
        {
            release.TrySetResult();
        }

        _releases.Clear();
    }

    private void Leave(in Message message)
    {
        Interlocked.Add(ref _waitingBytes, -Bytes(message.Record));
        if (Interlocked.Decrement(ref _waiting) == _options.PendingRecords * 3 / 4)
        {
            Drained?.Invoke();
        }
    }
}
