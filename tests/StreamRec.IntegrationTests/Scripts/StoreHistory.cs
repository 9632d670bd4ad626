using StackExchange.Redis;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis;
using StreamRec.Redis.Recovery;
using StreamRec.Redis.Store;

namespace StreamRec.IntegrationTests.Scripts;

/// <summary>
/// A seeded history of two workers, a rollback now and then, and a recovery, on a partition in a real Redis. Each
/// answer, and all that the partition holds after it, is compared with a model that is written in a few plain lines.
/// </summary>
internal sealed class StoreHistory(IDatabase plain, IDatabase edited, int seed)
{
    private const int Moves = 250,
        Users = 4;
    private static readonly TimeSpan s_ttl = TimeSpan.FromHours(1);

    private readonly string _prefix = $"h{Guid.NewGuid():N}";
    private readonly PartitionIdentity _partition = new("clicks", 0, "uuid", 4, "group");
    private readonly Random _random = new(seed);
    private readonly List<Claim> _claims = [];
    private Model _model = new();
    private Model? _snapshot;
    private PartitionRecovery? _recovery;
    private int _written;

    private RedisStateStore Store => Under("settings");

    private StoreKeys Keys => new(_prefix);

    private RedisStateStore Under(string settings) => new(edited, _prefix, s_ttl, new HashedText(settings));

    public async Task RunAsync()
    {
        Assert.IsType<ClaimAnswer.NoMeta>(await ClaimAsync(_partition, null));
        // Before anybody claimed it: meta is made by the first claim, which finds the seal.
        await SealAsync();
        Assert.IsType<ClaimAnswer.NoMeta>(await ClaimAsync(_partition, null));
        Assert.IsType<ClaimAnswer.Outdated>(await ClaimAsync(_partition, new LogPosition(0, -1)));
        Assert.IsType<ClaimAnswer.NoMeta>(await ClaimAsync(_partition, null));
        await ClaimAsync(_model.Promotion);
        // Lists of before models were promoted.
        for (var i = 0; i < Users; i++)
        {
            await plain.StringSetAsync(Keys.List($"u{i}"), _model.Lists[$"u{i}"] = ListOf(0, 0));
        }
        // Ahead of the clock, so that a claim's number shows whether it grows by itself.
        await plain.HashSetAsync(Keys.Meta(_partition), "claim", _model.Claim = 4_000_000_000_000);
        for (var move = 0; move < Moves; move++)
        {
            await (
                _random.Next(22) switch
                {
                    < 2 => ClaimAsync(),
                    < 12 => StepAsync(),
                    < 15 => ReadAsync(),
                    15 => SealAsync(),
                    16 => RefusedAsync(),
                    17 => Task.FromResult(_snapshot = _model.Recovering ? null : _model.Copy()),
                    18 => RollBackAsync(),
                    _ => RecoverAsync(),
                }
            );
            await CompareAsync();
        }
        await plain.KeyDeleteAsync(Keys.State(_partition, "u0"));
        await plain.ListLeftPushAsync(Keys.State(_partition, "u0"), "no text");
        Assert.Empty((await Store.ReadAsync(_partition, ["u0"], default)).States[0]!);
    }

    private Task<ClaimAnswer> ClaimAsync(PartitionIdentity partition, LogPosition? first) =>
        Store.ClaimAsync(partition, Guid.NewGuid(), first, promotion: 0, default);

    private Task ClaimAsync() => ClaimAsync(Around(_model.Promotion));

    private async Task ClaimAsync(long promotion)
    {
        var answer = await Store.ClaimAsync(_partition, Guid.NewGuid(), new LogPosition(0, -1), promotion, default);
        if (_model.Recovering)
        {
            Assert.Equal(MetaField.Recovery, Assert.IsType<ClaimAnswer.Mismatch>(answer).Field);
            return;
        }
        if (promotion < _model.Promotion)
        {
            Assert.Equal(new ClaimAnswer.Outdated(_model.Promotion), answer);
            return;
        }
        var granted = Assert.IsType<ClaimAnswer.Granted>(answer);
        Assert.True(granted.Claim.Number > _model.Claim);
        Assert.Equal(
            (new LogPosition(_model.Next, _model.Epoch), _model.Generation, _model.Seq),
            (granted.Next, granted.Generation, granted.Seq)
        );
        (_model.Claim, _model.Holder, _model.Pinned) = (granted.Claim.Number, granted.Claim.Id, true);
        _model.Promotion = promotion;
        _claims.Add(granted.Claim);
    }

    // As a rule a worker's model is the one that the partition is sealed for.
    private long Around(long promotion) =>
        _random.Next(4) > 0 ? promotion : Math.Max(0, promotion + _random.Next(-1, 2));

    private async Task SealAsync()
    {
        // One that was sent before another may arrive after it.
        var promotion = Math.Max(1, _model.Promotion + _random.Next(-1, 3));
        var unclaimed = await new PartitionSeals(edited, Keys).SealAsync(
            _partition.Topic,
            [_partition.Partition],
            promotion,
            default
        );
        Assert.Equal(_claims.Count == 0 ? [_partition.Partition] : [], unclaimed);
        _model.Promotion = Math.Max(_model.Promotion, promotion);
    }

    private async Task RefusedAsync()
    {
        PartitionIdentity[] strangers =
        [
            _partition with
            {
                Group = "other",
            },
            _partition with
            {
                TopicUuid = "other",
            },
            _partition with
            {
                PartitionCount = 8,
            },
        ];
        foreach (var stranger in strangers)
        {
            Assert.IsType<ClaimAnswer.Mismatch>(await ClaimAsync(stranger, null));
        }
        // Of settings only where some are pinned: not before the first claim after a recovery.
        if (_model.Pinned || _model.Recovering)
        {
            Assert.IsType<ClaimAnswer.Mismatch>(
                await Under("others").ClaimAsync(_partition, Guid.NewGuid(), null, promotion: 0, default)
            );
        }
    }

    // By the holder or an older one, from n or from elsewhere.
    private async Task StepAsync()
    {
        var claim = _random.Next(3) > 0 ? _claims[^1] : _claims[_random.Next(_claims.Count)];
        var from = _random.Next(4) > 0 ? _model.Next : Math.Max(0, _model.Next + _random.Next(-3, 4));
        var to = new LogPosition(from + _random.Next(3), _random.Next(3));
        var promotion = Around(_model.Promotion);
        UserWrite[] writes =
        [
            .. Enumerable
                .Range(0, _random.Next(3))
                .Select(i => $"u{(i + _written) % Users}")
                .Select(user => new UserWrite(
                    user,
                    Bytes($"s{++_written}"),
                    _random.Next(3) > 0 ? Bytes(ListOf(_written, promotion)) : default,
                    new(to.Epoch, to.Offset)
                )
                {
                    Promotion = promotion,
                }),
        ];

        var seq = _random.Next(5) > 0 ? _model.Seq : Math.Max(0, _model.Seq + _random.Next(-1, 2));
        var answer = await Store.StepAsync(_partition, claim, new StorePlace(from, seq), to, writes, default);

        if (claim.Number != _model.Claim || claim.Id != _model.Holder)
        {
            Assert.IsType<StepAnswer.Fenced>(answer);
        }
        else if (from != _model.Next || seq != _model.Seq)
        {
            Assert.Equal(new StorePlace(_model.Next, _model.Seq), Assert.IsType<StepAnswer.Conflict>(answer).At);
        }
        else if (to.Offset == from && writes.Length == 0)
        {
            Assert.Equal(new StepAnswer.Applied(_model.Seq, _model.Promotion), answer);
        }
        else if (writes.Length > 0 && promotion < _model.Promotion)
        {
            Assert.Equal(new StepAnswer.Outdated(_model.Promotion), answer);
        }
        else
        {
            Assert.Equal(++_model.Seq, Assert.IsType<StepAnswer.Applied>(answer).Seq);
            (_model.Next, _model.Epoch) = (to.Offset, to.Epoch);
            foreach (var write in writes)
            {
                _model.States[write.UserId] = Text(write.State);
                if (!write.List.IsEmpty)
                {
                    (_model.Lists[write.UserId], _model.Made[write.UserId]) = (Text(write.List), promotion);
                }
                else if (promotion > 0 && _model.Made.GetValueOrDefault(write.UserId) < promotion)
                {
                    _model.Lists.Remove(write.UserId);
                }
            }
        }
    }

    private static string ListOf(int number, long promotion) =>
        $"l{number}" + (promotion > 0 ? $" \"promotion\":{promotion},\"claim\":1" : "");

    private async Task ReadAsync()
    {
        var users = Enumerable.Range(0, Users).Select(i => $"u{i}").ToArray();
        var answer = await Store.ReadAsync(_partition, users, default);
        Assert.Equal(new StorePlace(_model.Next, _model.Seq), answer.At);
        Assert.Equal(
            users.Select(user => _model.States.GetValueOrDefault(user)),
            answer.States.Select(state => state is null ? null : Text(state))
        );
    }

    // Redis falls back to an earlier moment, and those who claimed since then do not know.
    private async Task RollBackAsync()
    {
        if (_snapshot is null || _model.Recovering)
        {
            return;
        }
        _model = _snapshot.Copy();
        var meta = Keys.Meta(_partition);
        await plain.HashSetAsync(
            meta,
            [
                new("next", _model.Next),
                new("epoch", _model.Epoch),
                new("claim", _model.Claim),
                new("claim_id", _model.Holder == Guid.Empty ? "recovery-before" : _model.Holder.ToString("N")),
                new("generation", _model.Generation),
                new("seq", _model.Seq),
                new("promotion", _model.Promotion),
            ]
        );
        await (
            _model.Pinned
                ? plain.HashSetAsync(meta, "settings", new HashedText("settings").Hash)
                : plain.HashDeleteAsync(meta, "settings")
        );
        for (var i = 0; i < Users; i++)
        {
            var user = $"u{i}";
            await RestoreAsync(Keys.State(_partition, user), _model.States.GetValueOrDefault(user), s_ttl);
            await RestoreAsync(Keys.List(user), _model.Lists.GetValueOrDefault(user), null);
        }
    }

    private Task RestoreAsync(RedisKey key, string? value, TimeSpan? ttl) =>
        value is null
            ? plain.KeyDeleteAsync(key)
            : plain.StringSetAsync(key, value, ttl is { } time ? new Expiration(time) : default);

    private async Task RecoverAsync()
    {
        if (_recovery is null)
        {
            _recovery = new PartitionRecovery(edited, Keys);
            Assert.Equal(_model.Generation + 1, await _recovery.BeginAsync(_partition));
            (_model.Generation, _model.Claim, _model.Holder, _model.Recovering, _model.Pinned, _snapshot) = (
                _model.Generation + 1,
                _model.Claim + 1,
                Guid.Empty,
                true,
                false,
                null
            );
            return;
        }
        var another = new PartitionRecovery(edited, Keys);
        await Assert.ThrowsAsync<StreamRecException>(() => another.EndAsync(_partition, new LogPosition(99, 0)));
        (_model.Next, _model.Epoch, _model.Recovering) = (_random.Next(5), -1, false);
        await _recovery.EndAsync(_partition, new LogPosition(_model.Next, -1));
        _recovery = null;
    }

    private async Task CompareAsync()
    {
        var meta = await plain.HashGetAsync(
            Keys.Meta(_partition),
            ["next", "epoch", "claim", "generation", "claim_id", "recovering", "settings", "seq", "promotion"]
        );
        Assert.Equal(
            [_model.Next, _model.Epoch, _model.Claim, _model.Generation],
            meta.Take(4).Select(value => (long)value)
        );
        Assert.True(
            _model.Holder == Guid.Empty
                ? ((string?)meta[4])!.StartsWith("recovery-", StringComparison.Ordinal)
                : meta[4] == _model.Holder.ToString("N")
        );
        Assert.Equal(_model.Recovering, meta[5].HasValue);
        Assert.Equal(_model.Seq, meta[7].HasValue ? (long)meta[7] : 0);
        Assert.Equal(_model.Promotion, meta[8].HasValue ? (long)meta[8] : 0);
        Assert.Equal(_model.Pinned ? new HashedText("settings").Hash : null, (string?)meta[6]);
        for (var i = 0; i < Users; i++)
        {
            var (user, state) = ($"u{i}", Keys.State(_partition, $"u{i}"));
            Assert.Equal(_model.States.GetValueOrDefault(user), (string?)await plain.StringGetAsync(state));
            Assert.Equal(_model.Lists.GetValueOrDefault(user), (string?)await plain.StringGetAsync(Keys.List(user)));
            Assert.Equal(_model.States.ContainsKey(user), await plain.KeyTimeToLiveAsync(state) is not null);
        }
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes.Span);

    private sealed record Model
    {
        public long Next { get; set; }
        public int Epoch { get; set; } = -1;
        public long Claim { get; set; }
        public Guid Holder { get; set; }
        public int Generation { get; set; }
        public bool Recovering { get; set; }
        public long Seq { get; set; }
        public long Promotion { get; set; }
        public bool Pinned { get; set; }
        public Dictionary<string, string> States { get; private init; } = [];
        public Dictionary<string, string> Lists { get; private init; } = [];

        /// <summary>The promotion of each list.</summary>
        public Dictionary<string, long> Made { get; private init; } = [];

        public Model Copy() => this with { States = new(States), Lists = new(Lists), Made = new(Made) };
    }
}
