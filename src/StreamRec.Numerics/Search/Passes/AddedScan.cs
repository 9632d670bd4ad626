using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// Searches items that were added, for users whose lists have the best of all others: the threshold of these holds for
/// the added ones too, so that few of them need a score.
/// </summary>
internal sealed class AddedScan(InstructionSet path)
{
    private BlockScan? _scan;
    private UserSearch[] _users = [];
    private int[] _active = [];

    /// <summary>Takes up a user of a search.</summary>
    public void Add(int place, UserSearch user, ReadOnlySpan<int> excluded, AddedItems items)
    {
        if (place >= _users.Length)
        {
            Array.Resize(ref _users, Math.Max(place + 1, 2 * _users.Length));
            Array.Resize(ref _active, _users.Length);
        }
        var first = items.Parts[0];
        var added = _users[place];
        if (added?.Best != user.Best)
        {
            _users[place] = added = new UserSearch(first, path, user.Best);
        }
        added.Become(user, excluded, items, first);
    }

    /// <summary>Offers the added items to the lists of the first so many users.</summary>
    public void Search(int count, AddedItems.Listed listed)
    {
        for (var u = 0; u < count; u++)
        {
            _users[u].Best.Shrink();
        }
        var parts = listed.Items.Parts;
        for (var part = 0; part < parts.Length; part++)
        {
            Search(parts[part], listed.Eligible[part], count, part > 0);
        }
    }

    private void Search(ItemIndex part, EligiblePositions eligible, int count, bool turn)
    {
        _scan ??= new BlockScan(part, path);
        _scan.Turn(part);
        var active = 0;
        for (var u = 0; u < count; u++)
        {
            if (turn)
            {
                _users[u].Turn(part);
            }
            if (_users[u].MayOverflow)
            {
                // A score that is no number has no place in the order, and such an item none in a list.
                _scan.ScoreAll(_users[u], eligible, out _);
            }
            else
            {
                _active[active++] = u;
            }
        }
        for (var block = 0; block < part.Blocks.Length && active > 0; block++)
        {
            active = _scan.Scan(block, _users, _active, active, eligible);
        }
        _scan.Finish();
    }
}
