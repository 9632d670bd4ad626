namespace StreamRec.Ranking;

/// <summary>
/// How many threads a batch is ranked on: a large one on its even part of the processors, by how many batches run then.
/// </summary>
/// <remarks>
/// Encoding is little, ranking is most of the work. Shares that wait for each other on a busy machine leave processors
/// idle.
/// </remarks>
internal sealed class RankingThreads
{
    /// <summary>Users that are worth another thread.</summary>
    private const int LeastShare = 32;

    private int _busy;

    /// <summary>Shares of a batch at most.</summary>
    public static int Most { get; } = Environment.ProcessorCount;

    /// <summary>A batch begins, until it is disposed of.</summary>
    public Turn Begin()
    {
        Interlocked.Increment(ref _busy);
        return new Turn(this);
    }

    /// <param name="threads">Which batches it is counted among.</param>
    public readonly struct Turn(RankingThreads threads) : IDisposable
    {
        /// <summary>Calls <paramref name="work"/> with from where until where, and the share's number.</summary>
        public void Share(int users, Action<int, int, int> work)
        {
            var shares = Math.Clamp(users / LeastShare, 1, Math.Max(1, Most / Volatile.Read(ref threads._busy)));
            if (shares == 1)
            {
                work(0, users, 0);
                return;
            }
            Parallel.For(0, shares, share => work(users * share / shares, users * (share + 1) / shares, share));
        }

        public void Dispose() => Interlocked.Decrement(ref threads._busy);
    }
}
