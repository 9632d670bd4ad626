using StreamRec.Models;

namespace StreamRec.Ranking;

/// <summary>
/// What a list may hold: every item of the model but, where seen items are excluded, those of the user's last events.
/// The one rule of the worker's lists, of training's validation and of evaluation.
/// </summary>
/// <param name="ExcludeSeen">Of which kept events the items are left out.</param>
/// <param name="Kept">K, the events of a user that are kept, 1 or more.</param>
public readonly record struct Eligibility(SeenRule ExcludeSeen, int Kept)
{
    /// <summary>
    /// 2W−1: what the blocks of a window of W events may reach back to, and what is kept unless more is asked for.
    /// </summary>
    public static int LeastKept(int window) => (2 * window) - 1;

    /// <summary>
    /// The rule for a bundle: what is asked for, else what the bundle says, else that seen items are left out.
    /// </summary>
    /// <param name="excludeSeen">Null: nothing is asked for.</param>
    /// <param name="kept">K; 0 for 2W−1 of the bundle.</param>
    public static Eligibility Of(BundleManifest manifest, SeenRule? excludeSeen = null, int kept = 0) =>
        new(excludeSeen ?? manifest.ExcludeSeen ?? true, kept > 0 ? kept : LeastKept(manifest.Window));

    /// <summary>How many of the last events may make an item a seen one.</summary>
    public int Seen => ExcludeSeen.Last > 0 ? Math.Min(ExcludeSeen.Last, Kept) : Kept;

    /// <summary>
    /// The items of a history, oldest first, that its user's list must not hold, whatever the types of its events.
    /// </summary>
    public ReadOnlySpan<int> Excluded(ReadOnlySpan<int> history) =>
        ExcludeSeen.Excludes ? history[^Math.Min(Seen, history.Length)..] : [];

    /// <summary>The same, each once.</summary>
    public IReadOnlySet<int> ExcludedOnce(ReadOnlySpan<int> history)
    {
        ReadOnlySpan<int> items = Excluded(history);
        var once = new HashSet<int>(items.Length);
        foreach (var item in items)
        {
            once.Add(item);
        }
        return once;
    }

    /// <summary>Whether the list after a history may hold the item.</summary>
    public bool Allows(ReadOnlySpan<int> history, int item) => !Excluded(history).Contains(item);
}
