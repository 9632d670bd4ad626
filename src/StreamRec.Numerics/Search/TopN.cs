using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Directions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;
using StreamRec.Numerics.Search.Thresholds;

namespace StreamRec.Numerics.Search;

/// <summary>
/// Exact top-N by inner product: score(u, i) = u·v_i + b_i over all items, the N largest in order; ties by item index,
/// the lower first. Scores are <see cref="CanonicalScore"/>, so the result is that of a plain scan in every bit. One
/// thread at a time; allocates nothing once its buffers have grown.
/// </summary>
/// <remarks>
/// Blocks of items in norm order; a user has done when ‖u‖·max‖v‖ + max b is below the N-th score so far. A first pass
/// on int8 leaves a few hundred items: with u' and v', the coordinates of <see cref="CodedSpace"/>, and their codes û
/// and v̂, u'·v' = û·v̂ + (u'−û)·v' + û·(v'−v̂) ≤ û·v̂ + ‖u'−û‖·max‖v'‖ + ‖û‖·max‖v'−v̂‖, and û·v̂ is an integer times
/// two scales. An item is scored if this bound, and what float32 rounding may add, reaches the threshold; where the
/// coordinates are few, a second pass by <see cref="RowCodes"/> bounds more closely what the first has left. Items that
/// were added are searched after that, with the threshold that is known then: they lie in indexes of their own, so that
/// the bound of a block says nothing of them, nor theirs of the blocks.
/// </remarks>
public sealed unsafe class TopN
{
    private readonly ItemIndex _index;
    private readonly InstructionSet _path;
    private readonly FirstThreshold _first;
    private readonly SampledThreshold _sampled;
    private readonly BlockScan _scan;
    private readonly AddedScan _addedScan;
    private EligiblePositions? _eligible;
    private AddedItems.Listed? _added;
    private UserSearch[] _users = [];
    private int[] _active = [];
    private int[] _guessed = [];
    private int _count;

    /// <param name="vectors">Row-major [N+1,D]; row 0 is padding and never listed.</param>
    /// <param name="dimension">D.</param>
    /// <param name="biases">[N+1], or null for none.</param>
    public TopN(float[] vectors, int dimension, float[]? biases)
        : this(ItemIndex.Build(vectors, dimension, biases)) { }

    /// <param name="index">The items.</param>
    /// <param name="path">The instructions to use; null: the best that there are. Results do not depend on it.</param>
    public TopN(ItemIndex index, InstructionSet? path = null)
    {
        (_index, _path) = (index, path ?? InstructionSets.Best);
        _first = new FirstThreshold(index, _path);
        _sampled = new SampledThreshold(index, _path);
        _scan = new BlockScan(index, _path);
        _addedScan = new AddedScan(_path);
    }

    /// <summary>Finds one user's list.</summary>
    /// <param name="user">u, [D].</param>
    /// <param name="excluded">Item indices to leave out; 0 and repetitions are allowed.</param>
    /// <param name="items">Receives item indices, best first; its length is N.</param>
    /// <param name="scores">Receives the scores, as many.</param>
    /// <param name="eligible">As of <see cref="Begin"/>; so is <paramref name="added"/>.</param>
    /// <returns>The list's length: N, or as many items as are eligible.</returns>
    /// <exception cref="ArgumentException">The vector is not finite, or a score is not a number.</exception>
    public int Search(
        ReadOnlySpan<float> user,
        ReadOnlySpan<int> excluded,
        Span<int> items,
        Span<float> scores,
        EligiblePositions? eligible = null,
        AddedItems.Listed? added = null
    )
    {
        var batch = Begin(1, eligible, added);
        batch.Add(user, excluded);
        batch.Search(items.Length);
        return batch.Write(0, items, scores);
    }

    /// <summary>
    /// Starts a batch of at most <paramref name="most"/> users; the one before is over, its memory is used again.
    /// </summary>
    /// <param name="eligible">Items that their lists may hold; null: all.</param>
    /// <param name="added">Items that are searched besides; null: none.</param>
    /// <exception cref="ArgumentException">What is eligible is told of other items, or others were added
    /// to.</exception>
    /// <exception cref="ObjectDisposedException">The index is disposed of.</exception>
    public SearchBatch Begin(int most, EligiblePositions? eligible = null, AddedItems.Listed? added = null)
    {
        ObjectDisposedException.ThrowIf(_index.IsDisposed, _index);
        if (eligible is not null && !_index.HasOrder(eligible.Order))
        {
            throw new ArgumentException("What is eligible is told of other items than are searched.", nameof(eligible));
        }
        if (added is not null && added.Items.Known != _index.Count)
        {
            throw new ArgumentException("Items are added to others than are searched.", nameof(added));
        }
        (_eligible, _added) = (eligible, added is { Items.Parts.Length: > 0 } ? added : null);
        if (_users.Length < most)
        {
            var before = _users.Length;
            Array.Resize(ref _users, most);
            Array.Resize(ref _active, most);
            Array.Resize(ref _guessed, most);
            for (var i = before; i < most; i++)
            {
                _users[i] = new UserSearch(_index, _path);
            }
        }
        _count = 0;
        return new SearchBatch(this);
    }

    /// <summary>The items that are searched.</summary>
    public ItemIndex Index => _index;

    internal int Add(ReadOnlySpan<float> vector, ReadOnlySpan<int> excluded)
    {
        _users[_count].Set(vector, excluded, _added?.Items.Last ?? 0);
        if (_added is not null)
        {
            _addedScan.Add(_count, _users[_count], excluded, _added.Items);
        }
        return _count++;
    }

    internal int Write(int place, Span<int> items, Span<float> scores)
    {
        var count = _users[place].Best.Write(items, scores);
        _added?.Items.Name(items[..count]);
        return count;
    }

    internal void Search(int wanted)
    {
        var active = 0;
        for (var u = 0; u < _count; u++)
        {
            var user = _users[u];
            user.Best.Begin(wanted);
            if (wanted == 0 || _index.Count == 0)
            {
                continue;
            }
            if (user.MayOverflow)
            {
                ScoreAll(user);
                continue;
            }
            _active[active++] = u;
        }
        if (_sampled.Serves(wanted))
        {
            active = SearchAboveGuess(wanted, active);
        }
        SearchAll(wanted, active);
        if (_added is not null && wanted > 0)
        {
            _addedScan.Search(_count, _added);
        }
    }

    // Returns how many users must be searched again, for fewer than N items stood above their guess.
    private int SearchAboveGuess(int wanted, int active)
    {
        Array.Copy(_active, _guessed, active);
        if (_sampled.IsFirstPass)
        {
            for (var i = 0; i < active; i++)
            {
                _sampled.Guess(_users, _active.AsSpan(i, 1), wanted, _eligible);
                ScanSampled(_users[_active[i]]);
            }
        }
        else
        {
            _sampled.Guess(_users, _active.AsSpan(0, active), wanted, _eligible);
            var left = active;
            for (var block = 0; block < _index.Blocks.Length && left > 0; block++)
            {
                left = _scan.Scan(block, _users, _active, left, _eligible);
            }
            _scan.Finish();
        }
        var again = 0;
        for (var i = 0; i < active; i++)
        {
            if (_users[_guessed[i]].Best.Count < wanted)
            {
                _active[again++] = _guessed[i];
            }
        }
        return again;
    }

    // A first pass has been made over all items when the threshold was guessed.
    private void ScanSampled(UserSearch user)
    {
        for (var block = 0; block < _index.Blocks.Length && !ScoreBound.Done(user, _index.Blocks[block]); block++)
        {
            if (ScoreBound.Threshold(user, _index.Blocks[block], _index) is { } threshold)
            {
                _sampled.Above(block, threshold, _scan.Bits);
                _scan.Rescore(user, block, _eligible);
            }
        }
    }

    private void SearchAll(int wanted, int active)
    {
        for (var i = 0; i < active; i++)
        {
            var user = _users[_active[i]];
            user.Best.Begin(wanted);
            _first.Scan(user, wanted, _eligible, _scan.Bits);
            _scan.Rescore(user, 0, _eligible);
        }
        for (var block = 1; block < _index.Blocks.Length && active > 0; block++)
        {
            active = _scan.Scan(block, _users, _active, active, _eligible);
        }
        _scan.Finish();
    }

    private void ScoreAll(UserSearch user)
    {
        _scan.ScoreAll(user, _eligible, out var item);
        if (item > 0)
        {
            throw new ArgumentException(
                $"The score of item {item} is not a number: vectors of this size overflow.",
                nameof(user)
            );
        }
    }
}
