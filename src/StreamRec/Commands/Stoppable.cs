namespace StreamRec.Commands;

/// <summary>
/// Work that writes nothing, so that it may be left where it stands: it knows no token, or waits for a file that does
/// not come.
/// </summary>
internal static class Stoppable
{
    /// <exception cref="OperationCanceledException">It was cancelled; what runs ends with the process.</exception>
    public static T Run<T>(Func<T> work, CancellationToken cancel) =>
        Task.Run(work, cancel).WaitAsync(cancel).GetAwaiter().GetResult();
}
