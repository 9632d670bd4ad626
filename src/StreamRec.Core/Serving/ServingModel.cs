using System.Collections.Concurrent;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamRec.Catalogue;
using StreamRec.Catalogue.ByModel;
using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Numerics.Memory;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Ranking.Variety;
using StreamRec.Reranking;
using StreamRec.Serving.Users;
using StreamRec.Serving.Views;

namespace StreamRec.Serving;

/// <summary>
/// A model as it serves: the bundle, what encodes, the items as they are searched, and their texts. Owns the memory of
/// all of it. Safe for any number of threads.
/// </summary>
/// <remarks>
/// Used through a <see cref="ModelLease"/>. Disposing of it ends its owner's use; what it holds is given back once,
/// when the last lease has ended as well.
/// </remarks>
public sealed class ServingModel : IDisposable
{
    private readonly IModelEncoder _encoder;
    private readonly VectorLimit _limit;
    private readonly ListCap? _cap;
    private readonly ItemGroups _ownGroups;
    private readonly ConcurrentBag<UserEncoding> _encodings = [];
    private readonly IItemVectors? _newItems;
    private readonly ModelViews _views;
    private UseCount _uses;
    private int _disposed;

    /// <param name="encoder">Belongs to the model from here on, also where this throws.</param>
    /// <param name="openReranker">Opens the bundle's re-ranker for a thread; null: lists are the first pass'.</param>
    /// <param name="newItems">Makes vectors of items that the bundle does not know, of what the catalogue says of them;
    /// null: the bundle's tower does; where there is none, those are on no list, and in no sequence.</param>
    /// <exception cref="StreamRecException">The bundle needs more events than are kept.</exception>
    public ServingModel(
        Bundle bundle,
        IModelEncoder encoder,
        ServingOptions options,
        Func<NetworkReranker>? openReranker = null,
        IItemVectors? newItems = null
    )
    {
        try
        {
            RequireKept(bundle, options);
            (Bundle, _encoder, _limit) = (bundle, encoder, new VectorLimit(bundle));
            Items = new ModelItems(bundle);
            Seen = new SeenItems(new Eligibility(options.ExcludeSeen, options.Sequence.Kept));
            OptionsHash = options.OfLists().Hash;
            ItemTexts = new ItemTexts([
                .. bundle.ItemIds.Select(id =>
                    JsonEncodedText.Encode(id ?? "", JavaScriptEncoder.UnsafeRelaxedJsonEscaping)
                ),
            ]);
            _cap = options.Cap;
            _ownGroups = _cap?.Of == ListCap.Category ? ItemGroups.Of(bundle.Categories) : ItemGroups.None;
            Workspaces = new WorkspacePool(bundle, options.ListSize, Rerankers(bundle, options, openReranker), _cap);
            _newItems = newItems ?? TowerVectors.Of(bundle, options.NewItemShare);
            _views = new ModelViews(bundle, Items, ItemTexts, () => Workspaces.Index, _newItems);
        }
        catch
        {
            Workspaces?.Dispose();
            encoder.Dispose();
            throw;
        }
    }

    public Bundle Bundle { get; }

    /// <summary>Whether users go on from what was known of them; else all is encoded by rerun.</summary>
    public bool HasSteps => _encoder.OpenStep is not null;

    /// <summary>
    /// Items could not be laid out for the users that come, and are searched as before: slower, with the same lists.
    /// </summary>
    public event Action<Exception>? LayoutFailed
    {
        add => Workspaces.Failed += value;
        remove => Workspaces.Failed -= value;
    }

    /// <summary>Whether the model makes something of items that it was not trained on.</summary>
    public bool MakesNewItems => _newItems is not null;

    /// <summary>What of the catalogue's last state the model was not trained on.</summary>
    public NewItemCounts NewItems => _views.Counts;

    internal ModelItems Items { get; }

    /// <summary>What is left out of lists of this model: its bundle may say.</summary>
    internal SeenItems Seen { get; }

    /// <summary>Of the options that its lists are made with.</summary>
    internal string OptionsHash { get; }

    internal ItemTexts ItemTexts { get; }

    internal WorkspacePool Workspaces { get; }

    /// <summary>Makes the caller a user of the model, until the lease is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The model has ended.</exception>
    public ModelLease Lease()
    {
        ObjectDisposedException.ThrowIf(!TryLease(0, out var lease), this);
        return lease;
    }

    /// <summary>Finds one list, as the search finds those of a batch.</summary>
    /// <param name="user">A vector that <see cref="HistoryEncoding"/> calls usable.</param>
    /// <param name="excluded">Item indices to leave out.</param>
    /// <param name="items">Receives item indices, best first; its length is N.</param>
    /// <param name="scores">Receives the scores, as many.</param>
    /// <returns>The list's length.</returns>
    public int Search(ReadOnlySpan<float> user, ReadOnlySpan<int> excluded, Span<int> items, Span<float> scores)
    {
        var workspace = Workspaces.Rent();
        var count = workspace.Search.Search(user, excluded, items, scores);
        WorkspacePool.Return(workspace);
        return count;
    }

    /// <summary>Makes one list, as those of a batch are made.</summary>
    /// <param name="user">A vector that <see cref="HistoryEncoding"/> calls usable.</param>
    /// <param name="history">The user's kept items, oldest first, 0 for those that the model does not know.</param>
    /// <param name="excluded">Item indices to leave out.</param>
    /// <param name="timeMs">When items are to be listed, in milliseconds since 1970.</param>
    /// <param name="items">Receives item indices, best first; its length is N.</param>
    /// <returns>The list's length.</returns>
    public int List(
        ReadOnlySpan<float> user,
        ReadOnlySpan<int> history,
        ReadOnlySpan<int> excluded,
        CatalogueView catalogue,
        long timeMs,
        Span<int> items
    )
    {
        var known = ViewOf(catalogue.Eligible).Eligible;
        var (listable, groups) = (known.At(known.SpanOf(timeMs)), GroupsOf(known));
        var (found, scores) = (new int[Workspaces.Candidates], new float[Workspaces.Candidates]);
        var workspace = Workspaces.Rent();
        var search = workspace.Search.Begin(1, listable.Known, listable.Added);
        search.Add(user, excluded);
        workspace.Find(search);
        var count = workspace.List(search, 0, history, groups, found, scores);
        if (count == RankingWorkspace.TooFew)
        {
            count = workspace.ListWidely(
                user,
                excluded,
                listable.Known,
                listable.Added,
                history,
                groups,
                found,
                scores
            );
        }
        WorkspacePool.Return(workspace);
        found.AsSpan(0, count).CopyTo(items);
        return count;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }
    }

    internal bool TryLease(long promotion, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ModelLease? lease)
    {
        lease = _uses.TryEnter() ? new ModelLease(this, promotion) : null;
        return lease is not null;
    }

    /// <summary>Ends a use.</summary>
    internal void Leave()
    {
        if (!_uses.Leave())
        {
            return;
        }
        // Before what they were opened from.
        while (_encodings.TryTake(out var encoding))
        {
            encoding.Dispose();
        }
        Workspaces.Dispose();
        _encoder.Dispose();
    }

    /// <summary>Encodes users, and learns from them how to search.</summary>
    /// <param name="added">Rows of items that the bundle does not know; null: users have none.</param>
    internal LentEncoding Encode(ReadOnlySpan<ServedUser> users, IAddedRows? added = null)
    {
        var encoding = RentEncoding();
        try
        {
            encoding.Encode(users, added);
        }
        catch
        {
            encoding.Dispose();
            throw;
        }
        Workspaces.Learn(encoding.Vectors);
        return new LentEncoding(this, encoding);
    }

    /// <summary>The model beside a state of the catalogue; the last two that were asked for are kept.</summary>
    internal ModelView ViewOf(EligibleItems items) => _views.Of(items);

    /// <summary>
    /// What a cap counts items among: as the catalogue says, and where none is followed by the bundle's categories.
    /// </summary>
    internal ItemGroups GroupsOf(ModelEligible eligible) =>
        _cap is null ? ItemGroups.None : eligible.Groups ?? _ownGroups;

    /// <summary>Lends what one thread encodes with, to be returned or, after an exception, disposed of.</summary>
    internal UserEncoding RentEncoding()
    {
        ObjectDisposedException.ThrowIf(_uses.HasEnded, this);
        return _encodings.TryTake(out var idle)
            ? idle
            : new UserEncoding(Bundle, _encoder.Whole, _encoder.OpenStep?.Invoke(), _limit);
    }

    internal void Return(UserEncoding encoding) => _encodings.Add(encoding);

    // The network first: what is chosen for variety is chosen by its scores.
    private static Func<IReranker[]> Rerankers(
        Bundle bundle,
        ServingOptions options,
        Func<NetworkReranker>? openReranker
    )
    {
        var tables = options.Dial > 0 ? new VarietyTables(bundle) : null;
        return () =>
            [
                .. openReranker is null ? [] : (IReranker[])[new NetworkLink(openReranker())],
                .. tables is null ? [] : (IReranker[])[Variety(tables, options)],
            ];
    }

    private static VarietyReranker Variety(VarietyTables tables, ServingOptions options) =>
        new(tables, DialPath.At(options.Dial), Math.Min(options.VariedPlaces, options.ListSize));

    private static void RequireKept(Bundle bundle, ServingOptions options)
    {
        var needed = Eligibility.LeastKept(bundle.Manifest.Window);
        if (options.Sequence.Kept < needed)
        {
            throw new StreamRecException(
                $"The bundle's window of {bundle.Manifest.Window} events needs {needed} kept events, "
                    + $"but Kept is {options.Sequence.Kept}. Raise Kept to {needed}.",
                FaultKind.Usage
            );
        }
    }

    /// <summary>Users that were encoded, until it is disposed of, once.</summary>
    internal readonly struct LentEncoding(ServingModel model, UserEncoding encoding) : IDisposable
    {
        public UserEncoding Encoding => encoding;

        public void Dispose() => model.Return(encoding);
    }
}
