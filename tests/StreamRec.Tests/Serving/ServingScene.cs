using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>A partition's batches one after the other, with a cache and a store, at a time that stands still.</summary>
internal sealed class ServingScene(Recommender recommender)
{
    /// <summary>The time of the first record; each further one comes a second later.</summary>
    public const long FirstMs = 1_700_000_000_000;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    private readonly PartitionBatch _batch = recommender.Open(s_partition);
    private readonly StateCache _cache = new(100);
    private readonly Dictionary<string, byte[]> _store = [];
    private long _offset;

    /// <summary>A clock that stands still.</summary>
    public static TimeProvider Clock { get; } = new Still();

    /// <summary>A scene of users in this one's state, none of whom is in memory.</summary>
    public ServingScene Copy(Recommender other)
    {
        var copy = new ServingScene(other) { _offset = _offset };
        foreach (var (user, state) in _store)
        {
            copy._store.Add(user, state);
        }
        return copy;
    }

    /// <summary>Eight users click on three of some items each.</summary>
    public SortedDictionary<string, PublishedList> Click(Bundle items, Action? gathered = null)
    {
        var random = new Random((int)_offset);
        return Work(
            [
                .. Enumerable
                    .Range(0, 24)
                    .Select(i => ($"u{i % 8}", items.ItemIds[random.Next(1, items.Manifest.Items + 1)])),
            ],
            gathered
        );
    }

    /// <summary>Works a batch of clicks, and returns its lists by user.</summary>
    /// <param name="gathered">What happens while states are read.</param>
    /// <param name="type">What the events are.</param>
    public SortedDictionary<string, PublishedList> Work(
        (string User, string Item)[] clicks,
        Action? gathered = null,
        string type = "click"
    )
    {
        foreach (var (user, item) in clicks)
        {
            var click = new ClickEvent($"e{_offset}", user, item, type, FirstMs + 1_000 * _offset);
            var key = System.Text.Encoding.UTF8.GetBytes(user);
            _batch.Log.Add(new LogRecord(_offset++, 3, click.TimeMs, key, EventJson.ToUtf8(click)));
        }
        _batch.Gather(_cache);
        gathered?.Invoke();
        _batch.Fill([.. _batch.Missing.Select(_store.GetValueOrDefault)], _cache);
        var lists = new SortedDictionary<string, PublishedList>(StringComparer.Ordinal);
        var result = _batch.Compute(new Claim(1, Guid.Empty), 0);
        foreach (var write in result.Writes)
        {
            _store[write.UserId] = write.State.ToArray();
            if (!write.List.IsEmpty)
            {
                lists.Add(write.UserId, PublishedList.Parse(write.List.Span));
            }
        }
        _batch.Clear();
        return lists;
    }

    private sealed class Still : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
