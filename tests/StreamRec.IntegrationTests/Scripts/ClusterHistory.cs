using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis;
using StreamRec.Redis.Lists;
using StreamRec.Redis.Store;

namespace StreamRec.IntegrationTests.Scripts;

/// <summary>
/// A seeded history of steps, publications and clearings on a real Redis Cluster, compared with a model after each
/// move.
/// </summary>
/// <param name="states">Connections whose scripts may be changed; <paramref name="publishing"/> too.</param>
internal sealed class ClusterHistory(IDatabase plain, IDatabase states, IConnectionMultiplexer publishing, int seed)
{
    private const int Moves = 120,
        Users = 3;
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(20);

    private readonly string _prefix = $"c{Guid.NewGuid():N}";
    private readonly PartitionIdentity _partition = new("clicks", 0, "uuid", 4, "group");
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, StateVersion> _dirty = [];
    private readonly Dictionary<string, ((int, int, long, long, long) Through, string Text)> _lists = [];
    private readonly List<Claim> _claims = [];
    private long _next,
        _seq,
        _promotion,
        _superseded;

    public async Task RunAsync()
    {
        var lists = new ClusterLists(states, publishing, _prefix, replicas: 0, s_timeout);
        var store = new RedisStateStore(states, _prefix, TimeSpan.FromHours(1), new HashedText("any"), lists);
        for (var move = 0; move < Moves; move++)
        {
            await (
                (move == 0 ? 0 : _random.Next(11)) switch
                {
                    0 => ClaimAsync(store),
                    < 4 => StepAsync(store),
                    < 7 => PublishAsync(lists),
                    7 => SealAsync(),
                    _ => ClearAsync(lists),
                }
            );
            await CompareAsync(lists);
        }
    }

    private string User() => $"u{_random.Next(Users)}";

    private async Task ClaimAsync(RedisStateStore store) =>
        _claims.Add(
            Assert
                .IsType<ClaimAnswer.Granted>(
                    await store.ClaimAsync(_partition, Guid.NewGuid(), new LogPosition(0, -1), _promotion, default)
                )
                .Claim
        );

    private async Task SealAsync() =>
        Assert.Empty(
            await new PartitionSeals(states, new StoreKeys(_prefix)).SealAsync(
                _partition.Topic,
                [_partition.Partition],
                ++_promotion,
                default
            )
        );

    // As a rule that of the model that the partition is sealed for.
    private long Promotion() => Math.Max(0, _promotion - (_random.Next(4) == 0 ? 1 : 0));

    private async Task StepAsync(RedisStateStore store)
    {
        var claim = _claims[_random.Next(_claims.Count)];
        var (user, version, from) = (User(), new StateVersion(_random.Next(2), _next), _next - _random.Next(2));
        var seq = _seq - (_random.Next(6) == 0 ? 1 : 0);
        var promotion = Promotion();
        ReadOnlyMemory<byte> list = _random.Next(3) > 0 ? "list"u8.ToArray() : default;

        var answer = await store.StepAsync(
            _partition,
            claim,
            new(from, seq),
            new(_next + 1, 0),
            [new UserWrite(user, "state"u8.ToArray(), list, version) { Promotion = promotion }],
            default
        );

        if (claim != _claims[^1])
        {
            Assert.IsType<StepAnswer.Fenced>(answer);
        }
        else if (from != _next || seq != _seq)
        {
            Assert.IsType<StepAnswer.Conflict>(answer);
        }
        else if (promotion < _promotion)
        {
            Assert.Equal(new StepAnswer.Outdated(_promotion), answer);
        }
        else
        {
            Assert.IsType<StepAnswer.Applied>(answer);
            (_next, _seq) = (_next + 1, _seq + 1);
            if (!list.IsEmpty)
            {
                _dirty[user] = version;
            }
        }
    }

    private async Task PublishAsync(ClusterLists lists)
    {
        var (generation, epoch, offset, promotion, claim) = (
            _random.Next(2),
            _random.Next(2),
            _random.Next(2),
            _random.Next(2),
            1 + _random.Next(2)
        );
        var (user, through) = (User(), (generation, epoch, (long)offset, (long)promotion, (long)claim));
        var text =
            $"{{\"items\":[\"{_random.Next()}\"],\"through\":{{\"topic_uuid\":\"u\",\"partition\":0,"
            + $"\"generation\":{generation},\"epoch\":{epoch},\"offset\":{offset},"
            // Lists of before, and of no promotion, do not name it.
            + (promotion > 0 ? $"\"promotion\":{promotion}," : "")
            + $"\"claim\":{claim}}}}}";
        var write = new UserWrite(user, default, System.Text.Encoding.UTF8.GetBytes(text), new(epoch, offset))
        {
            Promotion = promotion,
        };

        Assert.True(
            Assert.Single(
                await lists.PublishAsync(_partition, new Claim(claim, Guid.Empty), generation, [write], default)
            )
        );

        if (!_lists.TryGetValue(user, out var there) || there.Through.CompareTo(through) <= 0)
        {
            _lists[user] = (through, text);
        }
        else
        {
            _superseded++;
        }
    }

    private async Task ClearAsync(ClusterLists lists)
    {
        var (claim, user) = (_claims[_random.Next(_claims.Count)], User());
        var version =
            _dirty.TryGetValue(user, out var now) && _random.Next(2) > 0
                ? now
                : new StateVersion(0, _random.Next((int)_next + 1));
        var promotion = Promotion();
        var expected =
            claim != _claims[^1] ? ClearAnswer.Fenced
            : promotion < _promotion ? ClearAnswer.Outdated
            : ClearAnswer.Cleared;
        Assert.Equal(
            expected,
            await lists.ClearDirtyAsync(_partition, claim, promotion, [new(user, version)], default)
        );
        if (expected == ClearAnswer.Cleared && now == version)
        {
            _dirty.Remove(user);
        }
    }

    private async Task CompareAsync(ClusterLists lists)
    {
        var dirty = await lists.ReadDirtyAsync(_partition, 100, default);
        Assert.Equal(new StorePlace(_next, _seq), dirty.At);
        Assert.Equal(_dirty.Select(pair => new DirtyUser(pair.Key, pair.Value)).ToHashSet(), dirty.Users.ToHashSet());
        Assert.All(dirty.States, Assert.NotNull);
        Assert.Equal(_superseded, lists.Superseded);
        foreach (var (user, list) in _lists)
        {
            Assert.Equal(list.Text, (string?)await plain.StringGetAsync(new StoreKeys(_prefix).List(user)));
        }
    }
}
