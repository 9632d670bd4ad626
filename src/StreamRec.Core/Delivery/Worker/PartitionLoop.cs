using System.Threading.Channels;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// The loop of a partition: messages in, decisions carried out. It alone writes to what is declared here, to counters
/// and to progress.
/// </summary>
/// <remarks>
/// An operation begins on the loop, goes on beside it from where it has to wait, and ends as a message. A batch that is
/// expected to be short is computed on the loop, another one beside it: see <see cref="ComputePlace"/>.
/// </remarks>
internal sealed partial class PartitionLoop(
    PartitionIdentity partition,
    PartitionPorts ports,
    PartitionWorkerOptions options,
    IComputePlace place,
    Channel<PartitionMessage> mailbox,
    RecordInbox inbox,
    PartitionProgress progress
)
{
    private const int NoSession = -1;

    private readonly PartitionLife _life = new(options.Policy with { ListsElsewhere = ports.Store.Lists is not null });
    private readonly PartitionOperations _operations = new(partition, ports, options, place, mailbox.Writer);
    private readonly BatchInFlight _batch = new(partition, ports.Processor, options.CachedUsers);
    private readonly List<PartitionDecision> _decisions = [];
    private readonly List<TaskCompletionSource> _releases = [];
    private PartitionState _state;
    private Publication _publication = Publication.None;
    private int _session = NoSession;
    private int _generation;
    private ITimer? _linger;
    private bool _lingered;

    public event Action<PartitionHalt>? Halted;

    public event Action<PartitionIdentity, BatchTimes>? Written;

    /// <summary>Is told every input and what was decided.</summary>
    public Action<PartitionInput, IReadOnlyList<PartitionDecision>>? Observer { get; set; }

    /// <summary>Stands in for the state machine, in tests that break one of its rules.</summary>
    public PartitionHandler? Handler { get; set; }

    public PartitionCounters Counters { get; } = new();

    public async Task RunAsync(CancellationToken cancel)
    {
        // Not by the token of the wait, which would make an object of each.
        await using var stop = cancel.Register(() => mailbox.Writer.TryComplete());
        try
        {
            while (await mailbox.Reader.WaitToReadAsync() && !cancel.IsCancellationRequested)
            {
                progress.Turn();
                while (mailbox.Reader.TryRead(out var message))
                {
                    Take(message);
                }
                Pump();
            }
        }
        finally
        {
            _operations.Cancel();
            _linger?.Dispose();
            mailbox.Writer.TryComplete();
            while (mailbox.Reader.TryRead(out var message))
            {
                (message.Note as PartitionNote.Leaving)?.Released.TrySetResult();
            }
            TellReleased();
            await _operations.ComputedAsync();
        }
    }

    private void Take(in PartitionMessage message)
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
        }
        if (message.Note is PartitionNote.Waits waits)
        {
            Watch(waits);
            return;
        }
        Note(message);
        Handle(message.Input, message.Note);
        progress.RestIfDone(_state);
        if (_state.Phase == PartitionPhase.Released)
        {
            TellReleased();
        }
    }

    private void Receive(in PartitionMessage message)
    {
        if (message.Session == _session)
        {
            progress.Hear(message.Input.Kind is PartitionInputKind.Fetched or PartitionInputKind.EndOfPartition);
            inbox.Add(message);
            return;
        }
        // Fetched before the last seek.
        Counters.CountStray();
        inbox.Leave(message);
    }

    // What an operation brings beside the input is taken or counted here, and by decisions.
    private void Note(in PartitionMessage message)
    {
        Counters.Count(message.Note);
        var awaited = message.Input.Ticket == _state.Ticket;
        switch (message.Note)
        {
            case PartitionNote.Leaving leaving:
                _releases.Add(leaving.Released);
                break;
            case PartitionNote.Computed computed:
                place.Took(computed.Users, computed.Time);
                break;
            case PartitionNote.Claimed claimed when awaited:
                _generation = claimed.Generation;
                break;
            case PartitionNote.Failed failed when awaited:
                progress.Fail(failed.Error, Hindrance.Of(failed.Error, options.StoreTimeout));
                break;
        }
    }

    private void Watch(PartitionNote.Waits waits)
    {
        if (waits.Ticket != _state.Ticket)
        {
            return;
        }
        if (waits.Error is { } error)
        {
            progress.Fail(error, waits.For);
        }
        else
        {
            progress.Hinder(waits.For);
        }
    }

    // Takes what was fetched and, when no more is there, cuts the batch: the busier, the larger.
    private void Pump()
    {
        while (_state.Phase == PartitionPhase.Ready)
        {
            if (_batch.Records < options.BatchRecords && inbox.TryPeek(out var message))
            {
                Handle(message.Input);
            }
            else if (_state.Position.Offset > _state.Next.Offset)
            {
                if (Lingers)
                {
                    return;
                }
                Handle(PartitionInput.BatchDue(_batch.Gather(Counters)));
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
        options.BatchLinger > TimeSpan.Zero
        && !_lingered
        && _batch.Records > 0
        && _batch.Records < options.BatchRecords;

    // The batch has its first record. A timer of an earlier batch that still fires cuts this one early, which does no
    // harm.
    private void BeginLinger()
    {
        if (options.BatchLinger > TimeSpan.Zero)
        {
            _lingered = false;
            _linger?.Dispose();
            _linger = ports.Time.CreateTimer(
                _ => mailbox.Writer.TryWrite(new(PartitionInput.BatchDue(needsStates: false))),
                null,
                options.BatchLinger,
                Timeout.InfiniteTimeSpan
            );
        }
    }

    private void Handle(in PartitionInput input, PartitionNote? note = null)
    {
        var awaited = input.Ticket == _state.Ticket;
        _decisions.Clear();
        var next = Handler is null ? _life.Handle(_state, input, _decisions) : Handler(_state, input, _decisions);
        if (awaited)
        {
            Counters.Count(input.Kind, next.Phase, _decisions);
            Hinder(input, note);
        }
        _state = next;
        Observer?.Invoke(input, _decisions);
        progress.Show(_state);
        foreach (var decision in _decisions)
        {
            Do(decision, note);
        }
    }

    // What an answer says of what holds the partition up, beside its failure. Before the state moves on.
    private void Hinder(in PartitionInput input, PartitionNote? note)
    {
        switch (input.Kind)
        {
            case PartitionInputKind.StepFenced or PartitionInputKind.ClearFenced:
                progress.Hinder(Hindrance.OtherWorker);
                break;
            case PartitionInputKind.ClaimOutdated:
                progress.Hinder(Hindrance.OlderModel(input.Promotion, _state.Promotion));
                break;
            case PartitionInputKind.GapChecked
                when input.Verdict == GapVerdict.Unknown && note is not PartitionNote.Failed:
                progress.Hinder(Hindrance.UntoldGap(_state.Position.Offset, _state.GapTo));
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
}
