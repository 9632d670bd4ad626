namespace StreamRec.Serving;

/// <summary>
/// Watches batches go by: prediction scores, comparisons, traces. Changes nothing of them, and keeps nothing that it is
/// shown beyond the call. Called by the thread that computes the batch, of several partitions at once.
/// </summary>
/// <remarks>A batch that had to be computed again goes by again.</remarks>
internal interface IServingTap
{
    /// <summary>Events were read; users are as they were before them.</summary>
    void Before(in ServedBatch batch);

    /// <summary>Users are as the events made them, and have their lists.</summary>
    void After(in ServedBatch batch);
}
