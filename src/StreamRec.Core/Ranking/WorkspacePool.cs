using StreamRec.Models;
using StreamRec.Numerics.Memory;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking.Caps;

namespace StreamRec.Ranking;

/// <summary>
/// Lends what threads rank with. The users that come teach it along which directions to search: from a sample of the
/// first ones it lays the items out anew, and again from later, ever sparser ones, in case those differ. Lists do not
/// depend on it.
/// </summary>
/// <remarks>
/// Owns the memory of the items: what is rented, and a layout that is under way when the pool is disposed of, keep
/// theirs until they end.
/// </remarks>
internal sealed class WorkspacePool : IDisposable
{
    /// <summary>Users of a sample.</summary>
    public const int SampleUsers = 1024;

    // Each sample's users lie so many times as far apart as those of the one before.
    private const int Spread = 8;

    private readonly Bundle _bundle;
    private readonly int _listSize;
    private readonly ListCap? _cap;
    private readonly Func<IReranker[]> _rerankers;
    private readonly Lock _learning = new();
    private readonly float[] _sample;
    private volatile ItemLayout _layout;
    private UseCount _uses;
    private int _disposed;
    private int _sampled;
    private long _every = 1;
    private long _skip;

    /// <param name="listSize">N, items in a list.</param>
    /// <param name="rerankers">Makes the links of a thread's <see cref="RerankerChain"/>; null: there are none.</param>
    /// <param name="cap">Of their lists; null: none.</param>
    public WorkspacePool(Bundle bundle, int listSize, Func<IReranker[]>? rerankers = null, ListCap? cap = null)
    {
        (_bundle, _listSize, _rerankers, _cap) = (bundle, listSize, rerankers ?? (() => []), cap);
        Candidates = Chain(Caps()).Candidates;
        _layout = new ItemLayout(ItemIndex.Build(bundle.Vectors, bundle.Manifest.Dimension, bundle.Biases));
        _sample = Index.MayLearn ? new float[SampleUsers * bundle.Manifest.Dimension] : [];
    }

    /// <summary>M: what a search finds for each user.</summary>
    public int Candidates { get; }

    /// <summary>The items as they are laid out now.</summary>
    public ItemIndex Index => _layout.Index;

    /// <summary>A layout could not be made; items are searched as before.</summary>
    public event Action<Exception>? Failed;

    /// <summary>
    /// The layout for the sample that was last complete: once it has ended, workspaces for it are lent.
    /// </summary>
    public Task Learned { get; private set; } = Task.CompletedTask;

    /// <summary>Lends a workspace, to be returned or, after an exception, dropped.</summary>
    /// <exception cref="ObjectDisposedException">The pool is disposed of.</exception>
    public RankingWorkspace Rent()
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            // None where the layout was replaced just now.
            if (_layout.TryRent(Make) is { } workspace)
            {
                return workspace;
            }
        }
    }

    public static void Return(RankingWorkspace workspace) => workspace.Layout.Return(workspace);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }
    }

    private RankingWorkspace Make(ItemLayout layout)
    {
        var caps = Caps();
        return new(layout, Chain(caps), caps, _listSize);
    }

    private CapWalk? Caps() => _cap is null ? null : new CapWalk(_cap);

    private RerankerChain Chain(CapWalk? caps) => new(_rerankers(), caps?.CandidatesFor(_listSize) ?? _listSize);

    private void Leave()
    {
        if (_uses.Leave())
        {
            _layout.Leave();
        }
    }

    /// <summary>Shows the pool users that were encoded.</summary>
    /// <param name="vectors">[U,D].</param>
    public void Learn(ReadOnlySpan<float> vectors)
    {
        if (_sample.Length == 0)
        {
            return;
        }
        var dimension = _bundle.Manifest.Dimension;
        lock (_learning)
        {
            var left = vectors.Length / dimension - _skip;
            for (; left > 0; left -= _every)
            {
                vectors[^(int)(left * dimension)..][..dimension].CopyTo(_sample.AsSpan(_sampled * dimension));
                if (++_sampled == SampleUsers)
                {
                    _sampled = 0;
                    LayOut();
                }
            }
            _skip = -left;
        }
    }

    // On a thread of its own, since it may take a second. A sample that is complete before the layout for the last one
    // is not used.
    private void LayOut()
    {
        if (!Learned.IsCompleted || !_uses.TryEnter())
        {
            return;
        }
        _every *= Spread;
        float[] users = [.. _sample];
        Learned = Task.Factory.StartNew(
            () => LayOut(users),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    private void LayOut(float[] users)
    {
        try
        {
            var before = _layout;
            _layout = new ItemLayout(before.Index.For(users, _bundle.Vectors, _bundle.Biases));
            before.Leave();
        }
        catch (Exception fault)
        {
            Failed?.Invoke(fault);
        }
        finally
        {
            Leave();
        }
    }
}
