using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Delivery.Worker;

/// <summary>The operations: each runs beside the loop, and ends by posting its answer.</summary>
public sealed partial class PartitionWorker
{
    // Repetitions in a row; owned by the loop.
    private int _failures;

    // The operation before is over for the state machine, whatever becomes of it.
    private void Begin(
        Func<PartitionDecision, TimeSpan, CancellationToken, Task> operation,
        in PartitionDecision decision
    )
    {
        _operation.Cancel();
        _operation = new CancellationTokenSource();
        Busy();
        _ = operation(decision, decision.Delayed ? NextDelay(_failures++) : TimeSpan.Zero, _operation.Token);
    }

    private async Task ClaimAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var known = _state.Known;
        try
        {
            await Task.Delay(delay, _ports.Time, cancel);
            if (!_ports.Log.IsAssigned(_partition))
            {
                // The client can lose the event that says so.
                Post(PartitionInput.Lost() with { Ticket = decision.Ticket });
                return;
            }

            var answer = await Limited(_ports.Store.ClaimAsync(_partition, Guid.NewGuid(), null, cancel), cancel);
            if (
                answer is ClaimAnswer.NoMeta
                && !known
                && await AskLogAsync(() => _ports.Log.FirstStartAsync(_partition, cancel)) is { } start
            )
            {
                answer = await Limited(_ports.Store.ClaimAsync(_partition, Guid.NewGuid(), start, cancel), cancel);
            }

            switch (answer)
            {
                case ClaimAnswer.Granted granted:
                    Post(PartitionInput.ClaimGranted(decision.Ticket, granted.Claim, granted.Next), granted);
                    break;
                case ClaimAnswer.Mismatch mismatch:
                    Post(PartitionInput.ClaimRefused(decision.Ticket, mismatch.Reason), mismatch);
                    break;
                default:
                    Post(PartitionInput.ClaimRefused(decision.Ticket, HaltReason.StoreEmptied));
                    break;
            }
        }
        catch (Exception error)
        {
            Fail(PartitionInput.ClaimFailed(decision.Ticket), error, cancel);
        }
    }

    private async Task CheckGapAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(delay, _ports.Time, cancel);
            var answer = await AskLogAsync(() =>
                _ports.Log.CheckGapAsync(_partition, decision.From, decision.To.Offset, cancel)
            );
            if (answer.Verdict == GapVerdict.Unknown)
            {
                Hinder(
                    WaitReason.KafkaUnanswered,
                    $"it did not tell what offsets {decision.From.Offset} to {decision.To.Offset} hold"
                );
            }

            Post(PartitionInput.GapChecked(decision.Ticket, answer));
        }
        catch (Exception error)
        {
            Fail(PartitionInput.GapChecked(decision.Ticket, new(GapVerdict.Unknown)), error, cancel);
        }
    }

    private async Task ReadStatesAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var users = _batch.Missing;
        try
        {
            await Task.Delay(delay, _ports.Time, cancel);
            var answer = await Limited(_ports.Store.ReadAsync(_partition, users, cancel), cancel);
            if (answer.States.Count != users.Count)
            {
                throw new InvalidOperationException(
                    $"The store gave {answer.States.Count} states for {users.Count} users."
                );
            }

            Post(PartitionInput.StatesAnswered(decision.Ticket, answer.NextOffset), answer);
        }
        catch (Exception error)
        {
            Fail(PartitionInput.StatesFailed(decision.Ticket), error, cancel);
        }
    }

    private async Task ComputeAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var batch = _batch;
        try
        {
            var result =
                batch.Log.Count == 0 ? BatchResult.Empty : await batch.ProcessAsync(_state.Claim, _generation, cancel);
            await PublishAsync(result.DeadLetters, cancel);
            Post(PartitionInput.Computed(decision.Ticket), result);
        }
        catch (Exception error)
        {
            Fail(PartitionInput.ComputeFailed(decision.Ticket), error, cancel);
        }
    }

    private async Task PublishAsync(IReadOnlyList<DeadLetter> letters, CancellationToken cancel)
    {
        if (letters.Count > 0)
        {
            Hinder(WaitReason.DeadLetters, null);
        }

        for (var failures = 0; letters.Count > 0; failures++)
        {
            try
            {
                await _ports.DeadLetters.PublishAsync(_partition, letters, cancel);
                Counters.Count(letters);
                _hindrance = null;
                return;
            }
            catch (Exception error) when (!cancel.IsCancellationRequested)
            {
                LastError = error;
                Hinder(WaitReason.DeadLetters, error.Message);
                await Task.Delay(NextDelay(failures), _ports.Time, cancel);
            }
        }
    }

    private async Task StepAsync(PartitionDecision decision, TimeSpan delay, CancellationToken cancel)
    {
        var (claim, writes) = (_state.Claim, _writes);
        try
        {
            await Task.Delay(delay, _ports.Time, cancel);
            var answer = await Limited(
                _ports.Store.StepAsync(_partition, claim, decision.From.Offset, decision.To, writes, cancel),
                cancel
            );
            Post(
                answer switch
                {
                    StepAnswer.Applied => PartitionInput.StepApplied(decision.Ticket),
                    StepAnswer.Conflict conflict => PartitionInput.StepConflict(decision.Ticket, conflict.NextOffset),
                    _ => PartitionInput.StepFenced(decision.Ticket),
                }
            );
        }
        catch (Exception error)
        {
            Fail(PartitionInput.StepFailed(decision.Ticket), error, cancel);
        }
    }

    // Says until it is answered who is asked: a failure is the broker's, not the store's.
    private async Task<T> AskLogAsync<T>(Func<Task<T>> ask)
    {
        Hinder(WaitReason.KafkaUnanswered, null);
        try
        {
            var answer = await ask();
            _hindrance = null;
            return answer;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new UnansweredLogException(error.Message, error);
        }
    }

    private Task<T> Limited<T>(Task<T> call, CancellationToken cancel) =>
        call.WaitAsync(_options.StoreTimeout, _ports.Time, cancel);

    private void Fail(PartitionInput input, Exception error, CancellationToken cancel)
    {
        if (!cancel.IsCancellationRequested)
        {
            LastError = error;
            Hinder(error);
            Post(input, error);
        }
    }

    private TimeSpan NextDelay(int failures)
    {
        var full = _options.RetryDelay * Math.Pow(2, Math.Min(failures, 30));
        return (full < _options.MaxRetryDelay ? full : _options.MaxRetryDelay) * (0.5 + _ports.Random.NextDouble());
    }
}
