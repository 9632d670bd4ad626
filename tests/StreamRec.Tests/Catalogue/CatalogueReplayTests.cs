using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Tests.Serving;

namespace StreamRec.Tests.Catalogue;

/// <summary>
/// Workers that follow one catalogue, each at its own pace and also amid a batch, and hand users to each other: every
/// list is what the user's events and the version that it names say, by a fold that shares no code with theirs.
/// </summary>
public sealed class CatalogueReplayTests : IDisposable
{
    private const int Window = 4,
        Items = 30,
        Rounds = 25;

    private static readonly ServingOptions s_options = new()
    {
        ListSize = Items,
        Sequence = new SequenceOptions { Kept = 2 * Window - 1 },
    };

    private readonly RandomBundle _random = new(Window, Items);

    public void Dispose() => _random.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_list_is_a_function_of_the_events_and_the_version_that_it_names(int seed)
    {
        var (random, bundle, log) = (new Random(seed), _random.Bundle, new ItemLog());
        using var models = TestEncoders.Live(bundle, s_options);
        Follower[] workers = [new(models, log, random), new(models, log, random)];
        var all = new ServingScene(new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1));
        var worker = workers[0];
        var scene = new ServingScene(worker.Recommender);
        var (offset, times, versions) = (0L, new Dictionary<string, long>(), new HashSet<long>());
        log.Fill(bundle, random);
        for (var round = 0; round < Rounds; round++)
        {
            log.Change(bundle, random);
            if (random.Next(3) == 0)
            {
                // The partition moves: nobody is in memory there.
                worker = workers[random.Next(workers.Length)];
                scene = scene.Copy(worker.Recommender);
            }
            worker.Catch();
            (string User, string Item)[] clicks =
            [
                .. Enumerable
                    .Range(0, 8)
                    .Select(_ => ($"u{random.Next(5)}", bundle.ItemIds[random.Next(1, Items + 1)])),
            ];
            foreach (var (user, _) in clicks)
            {
                times[user] = ServingScene.FirstMs + (1_000 * offset++);
            }
            var lists = scene.Work(clicks);

            foreach (var (user, whole) in all.Work(clicks))
            {
                var version = lists[user].Catalogue!.Value;
                versions.Add(version.Offset);
                Assert.Equal("items", version.TopicUuid);
                Assert.Single(lists.Values.Select(list => list.Catalogue).Distinct());
                var (left, there) = (
                    whole.Items.Where(id => log.Holds(id, version.Offset, times[user])).ToList(),
                    bundle.ItemIds.Skip(1).Where(id => log.Holds(id, version.Offset, times[user])).ToList()
                );
                Assert.Equal(left.Count > 0 ? ListKinds.Model : ListKinds.Seen, lists[user].Kind);
                Assert.Equal(
                    (left.Count > 0 ? left : there).Order(StringComparer.Ordinal),
                    lists[user].Items.Order(StringComparer.Ordinal)
                );
                Assert.True(left.Count == 0 || left.SequenceEqual(lists[user].Items));
            }
        }
        Assert.True(versions.Count > Rounds / 2);
    }

    /// <summary>A worker's catalogue, which may lie behind the log, and goes on while a batch is computed.</summary>
    private sealed class Follower : IServingTap
    {
        private readonly CatalogueFold _fold = new("items");
        private readonly ItemLog _log;
        private readonly Random _random;
        private int _read;

        public Follower(LiveModel models, ItemLog log, Random random)
        {
            (_log, _random) = (log, random);
            Recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1) { Tap = this };
        }

        public Recommender Recommender { get; }

        /// <summary>Reads some of what it lacks; all of it the first time.</summary>
        public void Catch()
        {
            var to = _read == 0 ? _log.Records.Count : _random.Next(_read, _log.Records.Count + 1);
            for (; _read < to; _read++)
            {
                _fold.Apply(_log.Records[_read]);
            }
            Recommender.Catalogue = _fold.View()!;
        }

        public void Before(in ServedBatch batch) => Catch();

        public void After(in ServedBatch batch) { }
    }

    /// <summary>The topic, and what it says by a scan from its end.</summary>
    private sealed class ItemLog
    {
        private readonly List<(string Id, bool There, long Since, long Until)> _said = [];

        public List<LogRecord> Records { get; } = [];

        public void Fill(Bundle bundle, Random random)
        {
            foreach (var id in bundle.ItemIds.Skip(1))
            {
                Say(id, random.Next(6), random);
            }
        }

        public void Change(Bundle bundle, Random random)
        {
            for (var changes = random.Next(6); changes > 0; changes--)
            {
                Say(bundle.ItemIds[random.Next(1, Items + 1)], random.Next(9), random);
            }
        }

        public bool Holds(string id, long version, long time)
        {
            var at = _said.FindLastIndex((int)version, said => said.Id == id);
            return at >= 0 && _said[at].There && _said[at].Since <= time && time < _said[at].Until;
        }

        private void Say(string id, int kind, Random random)
        {
            var time = ServingScene.FirstMs + random.Next(200_000);
            (string Json, (string, bool, long, long) Said) record = kind switch
            {
                0 => ($$"""{"since":{{time}}}""", (id, true, time, long.MaxValue)),
                1 => ($$"""{"until":{{time}}}""", (id, true, 0, time)),
                6 => ("""{"available":false}""", (id, false, 0, 0)),
                7 => ("", (id, false, 0, 0)),
                8 => ("{", (id, false, 0, 0)),
                _ => ("""{"title":"t"}""", (id, true, 0L, long.MaxValue)),
            };
            _said.Add(record.Said);
            var (key, value) = (
                System.Text.Encoding.UTF8.GetBytes(id),
                System.Text.Encoding.UTF8.GetBytes(record.Json)
            );
            Records.Add(new LogRecord(Records.Count, 0, 0, key, value));
        }
    }
}
