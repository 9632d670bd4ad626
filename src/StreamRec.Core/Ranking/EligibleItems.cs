using System.Collections.Frozen;

namespace StreamRec.Ranking;

/// <summary>
/// Which items may be listed at the moment, by their ids: all but some. A snapshot with a version, of any model; a
/// change makes another one.
/// </summary>
/// <param name="version">Tells it from the snapshots before it; 0 for <see cref="All"/>.</param>
/// <param name="withheld">Ids that no list may hold, whether or not a model knows them.</param>
public sealed class EligibleItems(long version, IEnumerable<string> withheld)
{
    /// <summary>Every item of the model.</summary>
    public static readonly EligibleItems All = new(0, []);

    public long Version => version;

    /// <summary>Ids that no list may hold.</summary>
    public IReadOnlySet<string> Withheld { get; } = withheld.ToFrozenSet(StringComparer.Ordinal);
}
