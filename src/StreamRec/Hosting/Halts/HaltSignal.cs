using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;

namespace StreamRec.Hosting.Halts;

/// <summary>Tells the first halt, whoever found it: a partition, or who looks at the topic. From any thread.</summary>
internal sealed class HaltSignal
{
    private readonly TaskCompletionSource<WorkHalt> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the first halt.</summary>
    public Task<WorkHalt> First => _first.Task;

    public void Tell(PartitionHalt halt) => Tell(new WorkHalt(halt.Reason, HaltText.FaultOf(halt)));

    public void Tell(WorkHalt halt) => _first.TrySetResult(halt);
}

/// <summary>Why work was halted, and what is said of it.</summary>
internal sealed record WorkHalt(HaltReason Reason, StreamRecException Fault);
