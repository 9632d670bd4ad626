namespace StreamRec.Delivery.Worker;

/// <summary>Decides where a batch is computed. Asked and told by the partition's loop.</summary>
internal interface IComputePlace
{
    /// <summary>The threads for what is computed beside the loop.</summary>
    TaskScheduler Threads { get; }

    /// <summary>Whether a batch of so many users is computed beside the loop, which goes on taking messages.</summary>
    bool IsBeside(int users);

    /// <summary>A batch of so many users took so long.</summary>
    void Took(int users, TimeSpan time);
}

/// <summary>
/// Short batches are computed on the loop, which saves them the way to another thread and back; while one is, nothing
/// else is taken: no revocation, no end of the time that it allows, no loss. So others are computed beside it.
/// </summary>
internal sealed class ComputePlace : IComputePlace
{
    /// <summary>How long the loop may expect to be held up.</summary>
    public static readonly TimeSpan MostOnLoop = TimeSpan.FromMilliseconds(20);

    // Of the estimate, how much a batch changes it.
    private const double Share = 1.0 / 8;

    // A moving average; unknown before the first batch, which may have to wait for anything.
    private TimeSpan? _perUser;

    public TaskScheduler Threads => TaskScheduler.Default;

    public bool IsBeside(int users) => _perUser is not { } perUser || perUser * Math.Max(1, users) > MostOnLoop;

    public void Took(int users, TimeSpan time)
    {
        var perUser = time / Math.Max(1, users);
        _perUser = _perUser is { } before ? before + (perUser - before) * Share : perUser;
    }
}
