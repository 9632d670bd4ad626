using StreamRec.Events;
using StreamRec.Kafka.Producing;

namespace StreamRec.Bench;

/// <summary>
/// The made-up log: event k is of a user drawn at random, on an item drawn by Zipf's law. The same seed, the same log.
/// </summary>
/// <param name="partitions">All users are in the first of so many partitions; 0: they are spread.</param>
internal sealed class BenchEvents(IReadOnlyList<string> itemIds, int users, int partitions, long firstMs)
{
    private readonly int _items = itemIds.Count - 1;
    private readonly string[] _users =
    [
        .. Enumerable
            .Range(0, int.MaxValue)
            .Select(i => $"user-{i:D7}")
            .Where(id => partitions == 0 || Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(id), partitions) == 0)
            .Take(users),
    ];
    private readonly Random _random = new(BenchOptions.Seed);
    private long _next;

    public ClickEvent Next()
    {
        var (user, item) = Draw(_random);
        var click = new ClickEvent($"e{_next:D12}", _users[user], itemIds[item], EventTypes.Click, firstMs + _next);
        _next++;
        return click;
    }

    /// <summary>Some users that have events, and their items so far, oldest first. The log is drawn once more:
    /// histories that were kept meanwhile would have the generator stand still for its collector.</summary>
    public IReadOnlyList<(string UserId, List<int> Items)> Sample(int most)
    {
        var counts = new int[_users.Length];
        foreach (var (user, _) in Log())
        {
            counts[user]++;
        }
        var chosen = Enumerable.Range(0, _users.Length).Where(user => counts[user] > 0).ToArray();
        new Random(BenchOptions.Seed).Shuffle(chosen);
        var items = chosen.Take(most).ToDictionary(user => user, user => new List<int>(counts[user]));
        foreach (var (user, item) in Log())
        {
            items.GetValueOrDefault(user)?.Add(item);
        }
        return [.. items.Select(one => (_users[one.Key], one.Value))];
    }

    private IEnumerable<(int User, int Item)> Log()
    {
        var random = new Random(BenchOptions.Seed);
        for (long i = 0; i < _next; i++)
        {
            yield return Draw(random);
        }
    }

    private (int User, int Item) Draw(Random random)
    {
        var user = random.Next(_users.Length);
        // Zipf's law with exponent 1 is a power of a uniform number, nearly; spread over the index so that rank means
        // nothing.
        var rank = (long)Math.Min(_items - 1, Math.Pow(_items, random.NextDouble()) - 1);
        return (user, 1 + (int)(rank * 7_919 % _items));
    }
}
