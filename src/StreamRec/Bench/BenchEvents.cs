using StreamRec.Events;
using StreamRec.Kafka;

namespace StreamRec.Bench;

/// <summary>The made-up log: event k is of a user drawn at random, on an item drawn by Zipf's law. The same seed, the same log.</summary>
/// <param name="partitions">All users are in the first of so many partitions; 0: they are spread.</param>
internal sealed class BenchEvents(IReadOnlyList<string> itemIds, int users, int partitions, long firstMs)
{
    private readonly Random _random = new(BenchOptions.Seed);
    private readonly int _items = itemIds.Count - 1;
    private readonly string[] _users = [.. Enumerable.Range(0, int.MaxValue).Select(i => $"user-{i:D7}")
        .Where(id => partitions == 0 || Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(id), partitions) == 0).Take(users)];
    private long _next;

    /// <summary>Each user's items so far, oldest first: what the check at the end folds.</summary>
    public List<int>[] Items { get; } = [.. Enumerable.Range(0, users).Select(_ => new List<int>())];

    public string UserId(int user) => _users[user];

    public (int User, ClickEvent Click) Next()
    {
        var user = _random.Next(_users.Length);
        // Zipf's law with exponent 1 is a power of a uniform number, nearly; spread over the index so that rank means nothing.
        var rank = (long)Math.Min(_items - 1, Math.Pow(_items, _random.NextDouble()) - 1);
        var item = 1 + (int)(rank * 7_919 % _items);
        Items[user].Add(item);
        var click = new ClickEvent($"e{_next:D12}", _users[user], itemIds[item], EventTypes.Click, firstMs + _next);
        _next++;
        return (user, click);
    }
}
