using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>
/// Reads users' lists from Redis. Safe for any number of threads; make one for the life of the program.
/// </summary>
/// <remarks>
/// A read ends in <see cref="ListReaderOptions.ReadTimeout"/>, whatever the connection's own time-outs. While Redis is
/// away the answers say so; the connection comes back by itself.
/// </remarks>
public sealed class ListReader : IListReader, IPartitionerSource, IAsyncDisposable, IDisposable
{
    private static readonly TimeSpan s_shortestWait = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestQuestion = TimeSpan.FromSeconds(1);

    private readonly ListKeys _keys;
    private readonly ListReaderOptions _options;
    private readonly TimeProvider _time;
    private readonly RedisGets _gets;
    private readonly WithdrawnReader _withdrawn;
    private readonly ListAnswers _answers;
    private readonly IConnectionMultiplexer? _owned;

    /// <summary>A reader on a connection that is shared with whatever else uses it, and is not disposed of.</summary>
    /// <param name="redis">One Redis, Sentinel or Cluster.</param>
    /// <param name="options">How lists are read; null: as is usual. Not to be changed afterwards.</param>
    /// <param name="time">Null: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ListReader(IConnectionMultiplexer redis, ListReaderOptions? options = null, TimeProvider? time = null)
        : this(redis, options ?? new(), time ?? TimeProvider.System, owned: false) { }

    private ListReader(IConnectionMultiplexer redis, ListReaderOptions options, TimeProvider time, bool owned)
    {
        ArgumentNullException.ThrowIfNull(redis);
        Check(options);
        _options = options;
        _time = time;
        _keys = new ListKeys(options.Prefix);
        _gets = new RedisGets(redis.GetDatabase());
        _withdrawn = new WithdrawnReader(_gets, _keys.Withdrawn, time);
        _answers = new ListAnswers(_keys, new LastKnownLists(options.LastKnownUsers), _withdrawn, time);
        _owned = owned ? redis : null;
    }

    /// <summary>
    /// A reader with a connection of its own, which is disposed of with it. It connects in the background where Redis
    /// is not there yet.
    /// </summary>
    /// <param name="redis">As StackExchange.Redis reads it: <c>localhost:6379,password=…</c></param>
    /// <param name="options">How lists are read; null: as is usual. Not to be changed afterwards.</param>
    /// <param name="time">Null: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the address cannot be read.</exception>
    public static async Task<ListReader> ConnectAsync(
        string redis,
        ListReaderOptions? options = null,
        TimeProvider? time = null
    )
    {
        Check(options ??= new());
        var connection = await ConnectionMultiplexer.ConnectAsync(Configuration(redis)).ConfigureAwait(false);
        return new ListReader(connection, options, time ?? TimeProvider.System, owned: true);
    }

    /// <summary>
    /// As <see cref="ConnectAsync"/>; blocks while it connects, for 5 s where Redis is not there yet.
    /// </summary>
    /// <inheritdoc cref="ConnectAsync"/>
    public static ListReader Connect(string redis, ListReaderOptions? options = null, TimeProvider? time = null)
    {
        Check(options ??= new());
        var connection = ConnectionMultiplexer.Connect(Configuration(redis));
        return new ListReader(connection, options, time ?? TimeProvider.System, owned: true);
    }

    /// <summary>
    /// Connection settings as suit a reader: calls fail at once while Redis is away, instead of waiting for it.
    /// </summary>
    /// <param name="redis">As StackExchange.Redis reads it.</param>
    /// <exception cref="ArgumentException">The address cannot be read.</exception>
    public static ConfigurationOptions Configuration(string redis)
    {
        var configuration = ConfigurationOptions.Parse(redis);
        if (configuration.EndPoints.Count == 0)
        {
            throw new ArgumentException("The address of Redis names no host: give host:port.", nameof(redis));
        }
        configuration.AbortOnConnectFail = false;
        configuration.BacklogPolicy = BacklogPolicy.FailFast;
        return configuration;
    }

    /// <inheritdoc/>
    public Task<ListResult> ReadAsync(string userId, CancellationToken cancel = default) =>
        ReadAsync(userId, [], cancel);

    /// <inheritdoc/>
    public async Task<ListResult> ReadAsync(
        string userId,
        IReadOnlyList<string> segments,
        CancellationToken cancel = default
    ) => (await AnswerAsync(userId, segments, cancel).ConfigureAwait(false)).Result;

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
        if (users.Count == 0)
        {
            return [];
        }
        using var activity = ClientTelemetry.Begin("streamrec read many");
        var limit = new ReadLimit(_time, _options.ReadTimeout);
        RedisKey[] own = [.. users.Select(user => OwnKey(user.UserId))];
        string[] shared = [.. users.SelectMany(user => _keys.Shared(user.Segments)).Distinct(StringComparer.Ordinal)];
        var held = await HeldAsync([.. own, .. shared.Select(key => (RedisKey)key)], limit, cancel)
            .ConfigureAwait(false);
        var byKey = shared.Zip(held.Skip(own.Length)).ToDictionary(StringComparer.Ordinal);
        var results = new List<ListResult>(users.Count);
        foreach (var user in users)
        {
            var keys = _keys.Shared(user.Segments);
            var popular = new SharedLists(keys, [.. keys.Select(key => byKey[key])]);
            results.Add(_answers.Of(user.UserId, held[results.Count], popular).Result);
            ClientTelemetry.Count(results[^1]);
        }
        ClientTelemetry.Took("read_many", limit.Elapsed);
        return _options.ThrowOnOutage ? results.ConvertAll(Thrown) : results;
    }

    /// <inheritdoc/>
    public Task<ListResult> ReadPopularAsync(CancellationToken cancel = default) => ReadPopularAsync([], cancel);

    /// <inheritdoc/>
    public async Task<ListResult> ReadPopularAsync(IReadOnlyList<string> segments, CancellationToken cancel = default)
    {
        var keys = _keys.Shared(segments);
        using var activity = ClientTelemetry.Begin("streamrec read popular");
        var limit = new ReadLimit(_time, _options.ReadTimeout);
        var result = _answers.Popular(await SharedAsync(keys, limit, cancel).ConfigureAwait(false)).Result;
        ClientTelemetry.End(activity, result, limit.Elapsed);
        return Thrown(result);
    }

    /// <inheritdoc/>
    public async Task<ListResult> ReadSimilarAsync(string itemId, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(itemId);
        var key = _keys.Similar(itemId);
        using var activity = ClientTelemetry.Begin("streamrec read similar");
        var limit = new ReadLimit(_time, _options.ReadTimeout);
        var result = _answers.Similar(key, await HeldAsync(key, limit, cancel).ConfigureAwait(false)).Result;
        ClientTelemetry.End(activity, result, limit.Elapsed);
        return Thrown(result);
    }

    /// <inheritdoc/>
    public async Task<WaitResult> WaitForAsync(
        string userId,
        EventPosition position,
        TimeSpan timeout,
        CancellationToken cancel = default
    )
    {
        var key = OwnKey(userId);
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        using var activity = ClientTelemetry.Begin("streamrec wait");
        var limit = new ReadLimit(_time, timeout);
        for (var wait = s_shortestWait; ; wait = wait * 1.5 < s_longestWait ? wait * 1.5 : s_longestWait)
        {
            var one = new ReadLimit(_time, _options.ReadTimeout);
            var held = await HeldAsync(key, one, cancel).ConfigureAwait(false);
            if (held.List is { } list && position.IsIn(list))
            {
                var result = _answers.Of(userId, held, null).Result;
                ClientTelemetry.End(activity, result, limit.Elapsed);
                return new(true, result);
            }
            if (limit.Left == TimeSpan.Zero)
            {
                return new(false, (await AnswerAsync(userId, [], cancel).ConfigureAwait(false)).Result);
            }
            // Readers that were woken by the same thing do not go on in step.
            var jittered = wait * (RandomNumberGenerator.GetInt32(75, 126) / 100.0);
            await Task.Delay(jittered < limit.Left ? jittered : limit.Left, _time, cancel).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ListResult> WatchAsync(
        string userId,
        TimeSpan interval,
        CancellationToken cancel = default
    ) => WatchAsync(userId, interval, [], cancel);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ListResult> WatchAsync(
        string userId,
        TimeSpan interval,
        IReadOnlyList<string> segments,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        Answer? last = null;
        using var timer = new PeriodicTimer(interval, _time);
        do
        {
            var read = await AnswerAsync(userId, segments, cancel).ConfigureAwait(false);
            if (last is not { } before || !read.IsAs(before))
            {
                last = read;
                yield return read.Result;
            }
        } while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    /// <remarks>Needs the right to read <c>PREFIX:meta:*</c> by <c>HGET</c>; without it the answer is null.</remarks>
    public async Task<EventPartitioner?> PartitionerAsync(string topic, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        var limit = new ReadLimit(_time, s_longestQuestion);
        var got = await _gets
            .GetFieldAsync(_keys.Meta(topic, 0), ListKeys.PartitionerField, limit, cancel)
            .ConfigureAwait(false);
        return EventPartitioners.Parse(got.Value);
    }

    /// <summary>Ends the connection, if it is the reader's own.</summary>
    public void Dispose() => _owned?.Dispose();

    /// <summary>Ends the connection, if it is the reader's own.</summary>
    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? default;

    private async Task<Answer> AnswerAsync(string userId, IReadOnlyList<string> segments, CancellationToken cancel)
    {
        var (key, shared) = (OwnKey(userId), _keys.Shared(segments));
        using var activity = ClientTelemetry.Begin("streamrec read");
        var limit = new ReadLimit(_time, _options.ReadTimeout);
        var own = await HeldAsync(key, limit, cancel).ConfigureAwait(false);
        SharedLists? popular = own.WantsPopular ? await SharedAsync(shared, limit, cancel).ConfigureAwait(false) : null;
        var answer = _answers.Of(userId, own, popular);
        ClientTelemetry.End(activity, answer.Result, limit.Elapsed);
        _ = Thrown(answer.Result);
        return answer;
    }

    private async Task<SharedLists> SharedAsync(
        IReadOnlyList<string> keys,
        ReadLimit limit,
        CancellationToken cancel
    ) => new(keys, await HeldAsync([.. keys.Select(key => (RedisKey)key)], limit, cancel).ConfigureAwait(false));

    private async Task<Held> HeldAsync(RedisKey key, ReadLimit limit, CancellationToken cancel)
    {
        var held = Held.Of(await _gets.GetAsync(key, limit, cancel).ConfigureAwait(false));
        if (held.List?.Catalogue is not null)
        {
            await _withdrawn.RefreshAsync(limit, cancel).ConfigureAwait(false);
        }
        return held.Without(_withdrawn);
    }

    private async Task<Held[]> HeldAsync(RedisKey[] keys, ReadLimit limit, CancellationToken cancel)
    {
        if (keys is [var one])
        {
            return [await HeldAsync(one, limit, cancel).ConfigureAwait(false)];
        }
        var got = await _gets.GetManyAsync(keys, limit, cancel).ConfigureAwait(false);
        var held = Array.ConvertAll(got, value => Held.Of(value));
        if (Array.Exists(held, list => list.List?.Catalogue is not null))
        {
            await _withdrawn.RefreshAsync(limit, cancel).ConfigureAwait(false);
        }
        return Array.ConvertAll(held, list => list.Without(_withdrawn));
    }

    private RedisKey OwnKey(string userId)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return _keys.List(userId);
    }

    private ListResult Thrown(ListResult result) =>
        _options.ThrowOnOutage && (result.Reason is ListReason.TimedOut or ListReason.Unreachable)
            ? throw new ListReadException(result.Reason, result.Fault)
            : result;

    private static void Check(ListReaderOptions options)
    {
        if (options.Fault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(options));
        }
    }
}
