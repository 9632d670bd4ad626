using System.Runtime.CompilerServices;
using StreamRec.Lists;

namespace StreamRec.Client.Testing;

/// <summary>
/// Lists in memory, for tests of what shows them: answers as the reader of Redis does. Safe for any number of threads.
/// </summary>
/// <param name="time">Null: the system's.</param>
/// <param name="throwOnOutage">As the reader's option of that name.</param>
public sealed class InMemoryListReader(TimeProvider? time = null, bool throwOnOutage = false) : IListReader
{
    private static readonly ListKeys s_keys = new();
    private readonly Lock _lock = new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Dictionary<string, PublishedList> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PublishedList> _segments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PublishedList> _similar = new(StringComparer.Ordinal);
    private PublishedList? _popular;
    private ListReason _outage;
    private TaskCompletionSource _changed = NewChange();

    /// <summary>Gives a user a list of these items.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="items">Item ids, best first.</param>
    public void Set(string userId, params string[] items) => Set(userId, NewList(ListKinds.Model, items));

    /// <summary>Gives a user a list that includes an event.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="through">What publishing the event gave.</param>
    /// <param name="items">Item ids, best first.</param>
    public void Set(string userId, EventPosition through, params string[] items) =>
        Set(
            userId,
            NewList(ListKinds.Model, items) with
            {
                Through = new Through(through.TopicUuid, through.Partition, 0, 0, through.Offset, 1),
            }
        );

    /// <summary>Gives a user a list.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="list">Null: takes the user's away.</param>
    public void Set(string userId, PublishedList? list)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        Change(() =>
        {
            if (list is null)
            {
                _own.Remove(userId);
            }
            else
            {
                _own[userId] = list;
            }
        });
    }

    /// <summary>Sets the list of users without one.</summary>
    /// <param name="items">Item ids, best first.</param>
    public void SetPopular(params string[] items) => SetPopular(NewList(ListKinds.Popular, items));

    /// <summary>Sets the list of users without one.</summary>
    /// <param name="list">Null: takes it away.</param>
    public void SetPopular(PublishedList? list) => Change(() => _popular = list);

    /// <summary>Sets the list of a segment's users without one.</summary>
    /// <param name="segment">As in the events.</param>
    /// <param name="items">Item ids, best first.</param>
    public void SetSegment(string segment, params string[] items) =>
        SetSegment(segment, NewList(ListKinds.Popular, items));

    /// <summary>Sets the list of a segment's users without one.</summary>
    /// <param name="segment">As in the events.</param>
    /// <param name="list">Null: takes it away.</param>
    public void SetSegment(string segment, PublishedList? list)
    {
        ArgumentException.ThrowIfNullOrEmpty(segment);
        Change(() =>
        {
            if (list is null)
            {
                _segments.Remove(segment);
            }
            else
            {
                _segments[segment] = list with { Segment = segment };
            }
        });
    }

    /// <summary>Sets what is most like an item.</summary>
    /// <param name="itemId">The item's id.</param>
    /// <param name="items">Item ids, best first.</param>
    public void SetSimilar(string itemId, params string[] items) =>
        SetSimilar(itemId, NewList(ListKinds.Similar, items));

    /// <summary>Sets what is most like an item.</summary>
    /// <param name="itemId">The item's id.</param>
    /// <param name="list">Null: takes it away.</param>
    public void SetSimilar(string itemId, PublishedList? list)
    {
        ArgumentException.ThrowIfNullOrEmpty(itemId);
        Change(() =>
        {
            if (list is null)
            {
                _similar.Remove(itemId);
            }
            else
            {
                _similar[itemId] = list;
            }
        });
    }

    /// <summary>Answers from now on as a reader does while Redis is away.</summary>
    /// <param name="reason"><see cref="ListReason.TimedOut"/> or <see cref="ListReason.Unreachable"/>;
    /// <see cref="ListReason.None"/>: it is back.</param>
    public void Fail(ListReason reason) =>
        Change(() =>
            _outage = reason is ListReason.None or ListReason.TimedOut or ListReason.Unreachable
                ? reason
                : throw new ArgumentOutOfRangeException(nameof(reason), reason, "This is no outage.")
        );

    /// <inheritdoc/>
    public Task<ListResult> ReadAsync(string userId, CancellationToken cancel = default) =>
        ReadAsync(userId, [], cancel);

    /// <inheritdoc/>
    public Task<ListResult> ReadAsync(string userId, IReadOnlyList<string> segments, CancellationToken cancel = default)
    {
        Check(userId, segments);
        return Told(userId, segments, cancel);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ListResult>> ReadManyAsync(
        IReadOnlyCollection<string> userIds,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(userIds);
        return ReadManyAsync([.. userIds.Select(userId => new SegmentedUser(userId, []))], cancel);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ListResult>> ReadManyAsync(
        IReadOnlyCollection<SegmentedUser> users,
        CancellationToken cancel = default
    )
    {
        ArgumentNullException.ThrowIfNull(users);
        foreach (var user in users)
        {
            Check(user.UserId, user.Segments);
        }
        return await Task.WhenAll(users.Select(user => Told(user.UserId, user.Segments, cancel))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<ListResult> ReadPopularAsync(CancellationToken cancel = default) => ReadPopularAsync([], cancel);

    /// <inheritdoc/>
    public Task<ListResult> ReadPopularAsync(IReadOnlyList<string> segments, CancellationToken cancel = default)
    {
        _ = s_keys.Shared(segments);
        return Told("", segments, cancel);
    }

    /// <inheritdoc/>
    public Task<ListResult> ReadSimilarAsync(string itemId, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(itemId);
        return Told(() => Similar(itemId), cancel);
    }

    /// <inheritdoc/>
    public async Task<WaitResult> WaitForAsync(
        string userId,
        EventPosition position,
        TimeSpan timeout,
        CancellationToken cancel = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        var end = Task.Delay(timeout, _time, cancel);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (Now(userId, []) is { Source: ListSource.Own, List: { } list } result && position.IsIn(list))
            {
                return new(true, result);
            }
            if (await Task.WhenAny(changed, end).ConfigureAwait(false) == end)
            {
                await end.ConfigureAwait(false);
                return new(false, await Told(userId, [], cancel).ConfigureAwait(false));
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Looks when something changes, whatever the interval.</remarks>
    public IAsyncEnumerable<ListResult> WatchAsync(
        string userId,
        TimeSpan interval,
        CancellationToken cancel = default
    ) => WatchAsync(userId, interval, [], cancel);

    /// <inheritdoc/>
    /// <remarks>Looks when something changes, whatever the interval.</remarks>
    public async IAsyncEnumerable<ListResult> WatchAsync(
        string userId,
        TimeSpan interval,
        IReadOnlyList<string> segments,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        Check(userId, segments);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ListResult? last = null;
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            var now = await Told(userId, segments, cancel).ConfigureAwait(false);
            if (last is null || (now.Source, now.Reason, now.List) != (last.Source, last.Reason, last.List))
            {
                last = now;
                yield return now;
            }
            await changed.WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    private static void Check(string userId, IReadOnlyList<string> segments)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        _ = s_keys.Shared(segments);
    }

    private Task<ListResult> Told(string userId, IReadOnlyList<string> segments, CancellationToken cancel) =>
        Told(() => Now(userId, segments), cancel);

    private Task<ListResult> Told(Func<ListResult> now, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
        {
            return Task.FromCanceled<ListResult>(cancel);
        }
        var result = now();
        return throwOnOutage && (result.Reason is ListReason.TimedOut or ListReason.Unreachable)
            ? Task.FromException<ListResult>(new ListReadException(result.Reason, null))
            : Task.FromResult(result);
    }

    private ListResult Now(string userId, IReadOnlyList<string> segments)
    {
        lock (_lock)
        {
            return _own.TryGetValue(userId, out var own)
                ? Result(userId, own, ListSource.Own)
                : Result(userId, Shared(segments), ListSource.Popular);
        }
    }

    private ListResult Similar(string itemId)
    {
        lock (_lock)
        {
            return Result("", _similar.GetValueOrDefault(itemId), ListSource.Similar);
        }
    }

    private ListResult Result(string userId, PublishedList? held, ListSource source)
    {
        lock (_lock)
        {
            var list = _outage == ListReason.None ? held : null;
            var now = _time.GetUtcNow();
            return new()
            {
                UserId = userId,
                List = list,
                Source = list is null ? ListSource.None : source,
                Reason =
                    _outage != ListReason.None ? _outage
                    : held is null || source == ListSource.Popular ? ListReason.NoList
                    : ListReason.None,
                AsOf = now,
                Age = list is null
                    ? null
                    : TimeSpan.FromMilliseconds(Math.Max(0, now.ToUnixTimeMilliseconds() - list.WrittenAtMs)),
            };
        }
    }

    // As the worker's lists are told apart: what is of another model than the popular list is of an earlier one.
    private PublishedList? Shared(IReadOnlyList<string> segments) =>
        segments
            .Select(_segments.GetValueOrDefault)
            .FirstOrDefault(list => list is not null && (_popular is null || _popular.Model == list.Model))
        ?? _popular;

    private PublishedList NewList(string kind, string[] items) =>
        new()
        {
            Format = PublishedList.CurrentFormat,
            Kind = kind,
            Model = "test",
            Items = [.. items],
            Scores = [.. items.Select((_, place) => (float)(items.Length - place))],
            WrittenAtMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };

    private void Change(Action change)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            change();
            (changed, _changed) = (_changed, NewChange());
        }
        changed.SetResult();
    }

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
