using System.Threading.Channels;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>
/// What a partition asks of its store, log, processor and dead letters: one operation at a time, begun by the loop.
/// </summary>
/// <remarks>
/// An operation runs on the loop until it first has to wait, then beside it. It touches its arguments alone, and leaves
/// in the mailbox what came of it. Once another one is begun it is over for the state machine, whatever becomes of it.
/// </remarks>
internal sealed partial class PartitionOperations(
    PartitionIdentity partition,
    PartitionPorts ports,
    PartitionWorkerOptions options,
    IComputePlace place,
    ChannelWriter<PartitionMessage> mailbox
)
{
    private readonly Lock _drawing = new();

    // Owned by the loop.
    private readonly List<Task> _computing = [];
    private CancellationTokenSource _operation = new();

    /// <summary>Gives up what is under way.</summary>
    public void Cancel() => _operation.Cancel();

    /// <summary>Ends when nothing is computed any more, wanted or not; what failed has been told.</summary>
    public async Task ComputedAsync()
    {
        foreach (var computing in _computing)
        {
            await Task.WhenAny(computing);
        }
    }

    public void Claim(in PartitionDecision decision, int failures, bool known, long promotion)
    {
        var ticket = decision.Ticket;
        Begin(
            decision,
            failures,
            cancel => ClaimAsync(ticket, known, promotion, cancel),
            PartitionInput.ClaimFailed(ticket)
        );
    }

    public void CheckGap(in PartitionDecision decision, int failures)
    {
        var (ticket, from, to) = (decision.Ticket, decision.From, decision.To.Offset);
        Begin(
            decision,
            failures,
            async cancel =>
                new(
                    PartitionInput.GapChecked(
                        ticket,
                        await AskLogAsync(ticket, () => ports.Log.CheckGapAsync(partition, from, to, cancel))
                    )
                ),
            PartitionInput.GapChecked(ticket, new(GapVerdict.Unknown))
        );
    }

    public void ReadStates(in PartitionDecision decision, int failures, IReadOnlyList<string> users)
    {
        var ticket = decision.Ticket;
        Begin(
            decision,
            failures,
            async cancel =>
            {
                var answer = await Limited(ports.Store.ReadAsync(partition, users, cancel), cancel);
                return answer.States.Count == users.Count
                    ? new(PartitionInput.StatesAnswered(ticket, answer.At), new PartitionNote.States(answer.States))
                    : throw new InvalidOperationException(
                        $"The store gave {answer.States.Count} states for {users.Count} users."
                    );
            },
            PartitionInput.StatesFailed(ticket)
        );
    }

    public void Compute(in PartitionDecision decision, PartitionBatch batch, Claim claim, int generation)
    {
        var ticket = decision.Ticket;
        Begin(
            decision,
            failures: 0,
            async cancel =>
            {
                if (batch.Records.Count == 0)
                {
                    return new(PartitionInput.Computed(ticket));
                }
                var computed = await ComputeAsync(batch, claim, generation, cancel);
                await KeepAsync(computed.Result.DeadLetters, ticket, cancel);
                return new(PartitionInput.Computed(ticket), computed);
            },
            PartitionInput.ComputeFailed(ticket)
        );
    }

    public void Step(
        in PartitionDecision decision,
        int failures,
        Claim claim,
        long seq,
        IReadOnlyList<UserWrite> writes
    )
    {
        var (ticket, from, to) = (decision.Ticket, new StorePlace(decision.From.Offset, seq), decision.To);
        Begin(
            decision,
            failures,
            async cancel =>
                new(
                    await Limited(ports.Store.StepAsync(partition, claim, from, to, writes, cancel), cancel) switch
                    {
                        StepAnswer.Applied applied => PartitionInput.StepApplied(
                            ticket,
                            applied.Seq,
                            applied.Promotion
                        ),
                        StepAnswer.Conflict conflict => PartitionInput.StepConflict(ticket, conflict.At),
                        StepAnswer.Outdated => PartitionInput.StepOutdated(ticket),
                        _ => PartitionInput.StepFenced(ticket),
                    }
                ),
            PartitionInput.StepFailed(ticket)
        );
    }

    private void Begin(
        in PartitionDecision decision,
        int failures,
        Func<CancellationToken, Task<PartitionMessage>> operation,
        in PartitionInput failed
    )
    {
        _operation.Cancel();
        _operation = new CancellationTokenSource();
        _ = RunAsync(decision.Delayed ? Delay(failures) : TimeSpan.Zero, operation, failed, _operation.Token);
    }

    private async Task RunAsync(
        TimeSpan delay,
        Func<CancellationToken, Task<PartitionMessage>> operation,
        PartitionInput failed,
        CancellationToken cancel
    )
    {
        try
        {
            await Task.Delay(delay, ports.Time, cancel);
            mailbox.TryWrite(await operation(cancel));
        }
        catch (Exception error)
        {
            if (!cancel.IsCancellationRequested)
            {
                mailbox.TryWrite(new(failed, new PartitionNote.Failed(error)));
            }
        }
    }

    private async Task<PartitionMessage> ClaimAsync(int ticket, bool known, long promotion, CancellationToken cancel)
    {
        if (!ports.Log.IsAssigned(partition))
        {
            // The client can lose the event that says so.
            return new(PartitionInput.Lost() with { Ticket = ticket });
        }
        var answer = await Limited(ports.Store.ClaimAsync(partition, Guid.NewGuid(), null, promotion, cancel), cancel);
        if (
            answer is ClaimAnswer.NoMeta
            && !known
            && await AskLogAsync(ticket, () => ports.Log.FirstStartAsync(partition, cancel)) is { } start
        )
        {
            answer = await Limited(ports.Store.ClaimAsync(partition, Guid.NewGuid(), start, promotion, cancel), cancel);
        }
        return answer switch
        {
            ClaimAnswer.Granted granted => new(
                PartitionInput.ClaimGranted(ticket, granted.Claim, granted.Next, granted.Seq),
                new PartitionNote.Claimed(granted.Generation)
            ),
            ClaimAnswer.Outdated outdated => new(PartitionInput.ClaimOutdated(ticket, outdated.Promotion)),
            ClaimAnswer.Mismatch mismatch => new(
                PartitionInput.ClaimRefused(ticket, mismatch.Reason),
                new PartitionNote.Refused(mismatch)
            ),
            _ => new(PartitionInput.ClaimRefused(ticket, HaltReason.StoreEmptied)),
        };
    }

    private async ValueTask<PartitionNote.Computed> ComputeAsync(
        PartitionBatch batch,
        Claim claim,
        int generation,
        CancellationToken cancel
    )
    {
        PartitionNote.Computed Compute()
        {
            var start = ports.Time.GetTimestamp();
            var result = batch.Compute(claim, generation);
            return new(result, batch.UserCount, ports.Time.GetElapsedTime(start));
        }
        if (!place.IsBeside(batch.UserCount))
        {
            return Compute();
        }
        var computing = Task.Factory.StartNew(
            Compute,
            CancellationToken.None,
            TaskCreationOptions.DenyChildAttach,
            place.Threads
        );
        _computing.RemoveAll(task => task.IsCompleted);
        _computing.Add(computing);
        var computed = await computing;
        // Given up meanwhile: nothing more is done with it.
        cancel.ThrowIfCancellationRequested();
        return computed;
    }

    private async Task KeepAsync(IReadOnlyList<DeadLetter> letters, int ticket, CancellationToken cancel)
    {
        if (letters.Count > 0)
        {
            Wait(ticket, Hindrance.DeadLetters);
        }
        for (var failures = 0; letters.Count > 0; failures++)
        {
            try
            {
                await ports.DeadLetters.PublishAsync(partition, letters, cancel);
                Wait(ticket, null);
                return;
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                Wait(ticket, Hindrance.DeadLetters with { Error = error.Message }, error);
                await Task.Delay(Delay(failures), ports.Time, cancel);
            }
        }
    }

    // Says until it is answered who is asked: a failure is the broker's, not the store's.
    private async Task<T> AskLogAsync<T>(int ticket, Func<Task<T>> ask)
    {
        Wait(ticket, Hindrance.UnansweredLog);
        try
        {
            var answer = await ask();
            Wait(ticket, null);
            return answer;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new UnansweredLogException(error.Message, error);
        }
    }

    private void Wait(int ticket, Hindrance? hindrance, Exception? error = null) =>
        mailbox.TryWrite(new(default, new PartitionNote.Waits(ticket, hindrance, error)));

    private Task<T> Limited<T>(Task<T> call, CancellationToken cancel) =>
        call.WaitAsync(options.StoreTimeout, ports.Time, cancel);

    private TimeSpan Delay(int failures)
    {
        var full = options.RetryDelay * Math.Pow(2, Math.Min(failures, 30));
        double lot;
        // What was given up may draw one, too.
        lock (_drawing)
        {
            lot = ports.Random.NextDouble();
        }
        return (full < options.MaxRetryDelay ? full : options.MaxRetryDelay) * (0.5 + lot);
    }
}
