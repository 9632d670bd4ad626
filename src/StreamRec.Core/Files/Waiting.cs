namespace StreamRec.Files;

/// <summary>
/// Calls that may wait for another program, as a pipe's are: cancellation ends the wait, though the system's call goes
/// on on its thread.
/// </summary>
public static class Waiting
{
    public static T For<T>(Func<T> call, CancellationToken cancel) =>
        cancel.CanBeCanceled ? Task.Run(call).WaitAsync(cancel).GetAwaiter().GetResult() : call();
}
