using StreamRec.Models;

namespace StreamRec.Serving.Users;

/// <summary>Items as one model knows them.</summary>
internal sealed class ModelItems(Bundle bundle)
{
    private static int s_made;

    /// <summary>
    /// From 1: tells the model from all others of the process, also from the same bundle loaded again. A user refers to
    /// its model by it, and so keeps none in memory.
    /// </summary>
    public int Number { get; } = Interlocked.Increment(ref s_made);

    /// <summary>The index of an id in UTF-8, in 1..N; 0 for an item that the model does not know.</summary>
    public int IndexOf(ReadOnlySpan<byte> itemId) => bundle.IndexOf(itemId);
}
