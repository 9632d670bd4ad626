using System.Collections.Concurrent;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Ranking;

/// <summary>
/// Items as they are laid out for a time, with the workspaces that are made for it. Its index is disposed of once
/// another layout has taken its place and nobody ranks with this one.
/// </summary>
internal sealed class ItemLayout(ItemIndex index)
{
    private readonly ConcurrentBag<RankingWorkspace> _idle = [];
    private UseCount _uses;

    public ItemIndex Index => index;

    /// <summary>A workspace that is to be returned; null where the layout has ended.</summary>
    public RankingWorkspace? TryRent(Func<ItemLayout, RankingWorkspace> make)
    {
        if (!_uses.TryEnter())
        {
            return null;
        }
        try
        {
            return _idle.TryTake(out var idle) ? idle : make(this);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    public void Return(RankingWorkspace workspace)
    {
        _idle.Add(workspace);
        Leave();
    }

    /// <summary>Ends the use of whoever rented a workspace that is not to be used again, or of the owner.</summary>
    public void Leave()
    {
        if (_uses.Leave())
        {
            index.Dispose();
        }
    }
}
