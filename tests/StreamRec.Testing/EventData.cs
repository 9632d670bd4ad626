using System.Globalization;
using System.Text.Json;
using StreamRec.Testing.Servers;

namespace StreamRec.Testing;

/// <summary>An event of a test's data, in the order of time.</summary>
internal readonly record struct DataEvent(string EventId, string UserId, string ItemId, long TimeMs)
{
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                event_id = EventId,
                user_id = UserId,
                item_id = ItemId,
                type = "click",
                ts = TimeMs,
            }
        );
}

/// <summary>Events to test with: ml-100k where it is, else generated ones of the same size and habit.</summary>
internal static class EventData
{
    /// <summary>100,000 events in the order of time, and what they are.</summary>
    public static (IReadOnlyList<DataEvent> Events, string Name) Load() =>
        Installed.Data is { } data && File.Exists(Path.Combine(data, "ml-100k", "ml-100k.inter"))
            ? (MovieLens(Path.Combine(data, "ml-100k", "ml-100k.inter")), "ml-100k")
            : (
                [.. Generated(users: 943, items: 1682, events: 100_000, seed: 1)],
                "generated events (no ml-100k: set STREAMREC_TEST_DATA)"
            );

    /// <summary>
    /// Users who walk round a few item groups of their own, so that the last items say something of the next.
    /// </summary>
    public static IEnumerable<DataEvent> Generated(int users, int items, int events, int seed)
    {
        var random = new Random(seed);
        var tastes = Enumerable.Range(0, users).Select(_ => random.Next(items)).ToArray();
        for (var i = 0; i < events; i++)
        {
            var user = random.Next(users);
            tastes[user] = random.NextDouble() < 0.1 ? random.Next(items) : (tastes[user] + random.Next(1, 4)) % items;
            yield return new($"e{i:D9}", $"u{user:D6}", $"i{tastes[user]:D6}", 1_700_000_000_000L + i * 1000L);
        }
    }

    private static List<DataEvent> MovieLens(string file) =>
        [
            .. File.ReadLines(file)
                .Skip(1)
                .Select(line => line.Split('\t'))
                .Select(
                    (f, i) => (User: f[0], Item: f[1], Time: long.Parse(f[3], CultureInfo.InvariantCulture), Line: i)
                )
                .OrderBy(e => e.Time)
                .ThenBy(e => e.Line)
                .Select(e => new DataEvent($"ml{e.Line:D7}", e.User, e.Item, e.Time * 1000)),
        ];
}
