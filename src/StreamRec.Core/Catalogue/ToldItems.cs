namespace StreamRec.Catalogue;

/// <summary>
/// What readers are told to leave out of lists that are there, whichever model made them: the live model's items that
/// may be listed at no time, and those that were told before or could be listed once, for as long as the catalogue says
/// that they are withdrawn. One thread at a time.
/// </summary>
/// <remarks>Not all that the catalogue says so of: most of it may never have been on a list.</remarks>
/// <param name="before">What readers were told by whoever followed the catalogue before.</param>
public sealed class ToldItems(IEnumerable<string> before)
{
    private readonly HashSet<string> _told = new(before, StringComparer.Ordinal);

    /// <summary>The ids, each once, in no order.</summary>
    /// <param name="known">Those of the live model.</param>
    public string[] Of(EligibleItems items, IEnumerable<string> known)
    {
        _told.RemoveWhere(id => !items.SaysWithdrawn(id));
        _told.UnionWith(items.Gone);
        _told.UnionWith(known.Where(items.IsWithdrawn));
        return [.. _told];
    }
}
