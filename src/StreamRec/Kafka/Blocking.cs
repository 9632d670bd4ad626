namespace StreamRec.Kafka;

/// <summary>Calls of Kafka's client that block, for up to seconds.</summary>
internal static class Blocking
{
    /// <summary>
    /// Makes the call on a thread of its own: the pool may have one alone, and partitions go on there.
    /// </summary>
    public static Task<T> RunAsync<T>(Func<T> call) =>
        Task.Factory.StartNew(
            call,
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default
        );
}
