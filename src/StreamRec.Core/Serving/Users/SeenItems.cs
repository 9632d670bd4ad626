using StreamRec.Events;
using StreamRec.Ranking;

namespace StreamRec.Serving.Users;

/// <summary>What of a user's own items a list leaves out: immutable, for any number of threads.</summary>
internal sealed class SeenItems
{
    private readonly Eligibility _rule;

    // In UTF-8; empty: those of all.
    private readonly byte[][] _types;

    public SeenItems(Eligibility rule)
    {
        _rule = rule;
        _types = [.. TypeNames.Parse(rule.ExcludeSeen.Types ?? "").Select(System.Text.Encoding.UTF8.GetBytes)];
    }

    /// <summary>Whether anything is left out of any list.</summary>
    public bool Any => _rule.ExcludeSeen.Excludes;

    /// <param name="room">Where some may be gathered; what was gathered there before is over.</param>
    public ReadOnlySpan<int> Of(ServedUser user, ref int[] room) =>
        _types.Length == 0 ? _rule.Excluded(user.Items) : OfTypes(user, ref room);

    private ReadOnlySpan<int> OfTypes(ServedUser user, ref int[] room)
    {
        var items = user.Items;
        if (room.Length < items.Length)
        {
            room = new int[items.Length];
        }
        var count = 0;
        for (var at = 0; at < items.Length; at++)
        {
            if (IsOfThem(user.Sequence[at].Type))
            {
                room[count++] = items[at];
            }
        }
        return room.AsSpan(0, count);
    }

    private bool IsOfThem(ReadOnlySpan<byte> type)
    {
        foreach (var one in _types)
        {
            if (type.SequenceEqual(one))
            {
                return true;
            }
        }
        return false;
    }
}
