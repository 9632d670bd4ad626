namespace StreamRec.Lists;

/// <summary>The published list as JSON: schemas/list.md.</summary>
internal static class ListJson
{
    /// <summary>
    /// Writes a list into memory of its own; <see cref="ListWriter"/> writes into memory that is there.
    /// </summary>
    /// <param name="items">Item indices, best first.</param>
    /// <param name="scores">As many scores, each a number; beyond ±1e9 they are cut off.</param>
    /// <param name="ids">The ids by index.</param>
    public static byte[] Write(in Provenance made, ReadOnlySpan<int> items, ReadOnlySpan<float> scores, ItemTexts ids)
    {
        var text = new byte[ListWriter.MostBytes(items.Length, ids)];
        return text[..new ListWriter(text).Write(made, items, scores, ids)];
    }
}
