using System.Runtime.CompilerServices;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Candidates;
using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>
/// Scans blocks of an index for users who have a threshold: a first pass, and exact scores for what it leaves.
/// </summary>
internal sealed unsafe class BlockScan(ItemIndex index, InstructionSet path)
{
    private readonly Rescoring _rescoring = new(path);
    private readonly PinnedBuffer<uint> _bits = new(
        FirstPass.UserStep * ItemIndex.BlockPanels,
        PinnedBuffer<uint>.Page
    );
    private ItemIndex _index = index;

    /// <summary>A bit for each item of a block, for one user.</summary>
    public uint* Bits => _bits.Pointer;

    /// <summary>Turns to another index, once all is scored.</summary>
    public void Turn(ItemIndex other) => _index = other;

    /// <summary>Scans a block for the users that still need it, and returns how many those are.</summary>
    /// <param name="active">Places in <paramref name="users"/>, the first <paramref name="count"/>; those that need the
    /// block on return.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Scan(int block, UserSearch[] users, int[] active, int count, EligiblePositions? eligible)
    {
        var items = _index.Blocks[block];
        var panel = _index.Panels.Pointer + (long)block * ItemIndex.BlockPanels * _index.PanelBytes;
        var codes = stackalloc uint*[FirstPass.UserStep];
        var thresholds = stackalloc short[FirstPass.UserStep];
        var group = stackalloc int[FirstPass.UserStep];
        int kept = 0,
            gathered = 0;
        for (var i = 0; i < count; i++)
        {
            var user = users[active[i]];
            if (ScoreBound.Done(user, items))
            {
                continue;
            }
            active[kept++] = active[i];
            if (ScoreBound.Threshold(user, items, _index) is { } threshold)
            {
                group[gathered] = active[i];
                codes[gathered] = user.Codes;
                thresholds[gathered++] = threshold;
            }
            if (gathered == FirstPass.UserStep)
            {
                Compare(block, panel, codes, thresholds, users, group, gathered, eligible);
                gathered = 0;
            }
        }
        if (gathered > 0)
        {
            Compare(block, panel, codes, thresholds, users, group, gathered, eligible);
        }
        return kept;
    }

    /// <summary>Scores what <see cref="Bits"/> say of a block, and what waited before.</summary>
    public void Rescore(UserSearch user, int block, EligiblePositions? eligible)
    {
        _rescoring.List(_index, user, block, Bits, eligible);
        Finish();
    }

    /// <summary>Scores what still waits.</summary>
    public void Finish() => _rescoring.Score(_index, near: false);

    /// <summary>Scores all items: where float32 could overflow no bound holds.</summary>
    /// <param name="item">Receives the first item whose score is not a number, which is on no list; 0 for
    /// none.</param>
    public void ScoreAll(UserSearch user, EligiblePositions? eligible, out int item)
    {
        item = 0;
        for (var position = 0; position < _index.Count; position++)
        {
            if (user.Excluded.Contains(_index.Items[position]) || eligible?.Holds(position) == false)
            {
                continue;
            }
            var score =
                CanonicalScore.Dot(
                    user.Vector,
                    _index.Rows.Pointer + (long)position * _index.Padded,
                    _index.Padded,
                    path
                ) + (_index.Biases is { } biases ? biases[position] : 0f);
            if (float.IsNaN(score))
            {
                item = item == 0 ? _index.Items[position] : item;
                continue;
            }
            var key = CandidateList.Key(score, _index.Items[position]);
            if (key > user.Best.Floor)
            {
                user.Best.Add(key);
            }
        }
    }

    private void Compare(
        int block,
        sbyte* panel,
        uint** codes,
        short* thresholds,
        UserSearch[] users,
        int* group,
        int count,
        EligiblePositions? eligible
    )
    {
        var bits = Bits;
        var ahead = _rescoring.Prefetch(_index, ItemIndex.BlockPanels / FirstPass.PanelStep);
        FirstPass.Compare(panel, ItemIndex.BlockPanels, _index.Pairs, codes, count, thresholds, bits, &ahead, path);
        _rescoring.Score(_index, near: true);
        for (var g = 0; g < count; g++)
        {
            _rescoring.List(_index, users[group[g]], block, bits + g * ItemIndex.BlockPanels, eligible);
        }
    }
}
