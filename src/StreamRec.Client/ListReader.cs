using System.Runtime.CompilerServices;
using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>
/// Reads users' lists from Redis. Safe for any number of threads; make one for the life of the program.
/// </summary>
/// <param name="redis">A connection, shared with whatever else uses it; one Redis, Sentinel or Cluster.</param>
/// <param name="prefix">First part of every key, the same as the worker's.</param>
/// <remarks>
/// How long a call waits is the connection's to say (<c>asyncTimeout</c>, 5 s unless set), or the token's. While Redis
/// is away every call ends with an exception and none is repeated here: show what needs no list, such as the popular
/// items that were read last, and ask again with the next request. The connection comes back by itself.
/// </remarks>
/// <exception cref="ArgumentException">The prefix is none.</exception>
public sealed class ListReader(IConnectionMultiplexer redis, string prefix = ListKeys.DefaultPrefix)
{
    private readonly ListKeys _keys = new(prefix);
    private readonly IDatabase _database = redis.GetDatabase();
    private readonly WithdrawnReader _withdrawn = new(
        redis.GetDatabase(),
        new ListKeys(prefix).Withdrawn,
        TimeProvider.System
    );

    /// <summary>
    /// What to show a user: the user's own list, or the popular one where there is none yet. Items that were withdrawn
    /// from the catalogue since are left out, a second later at most.
    /// </summary>
    /// <returns>Null only where no worker ever wrote under this prefix. <see cref="PublishedList.IsPopular"/> tells
    /// which it is.</returns>
    /// <exception cref="RedisException">Redis cannot be reached, or refuses.</exception>
    /// <exception cref="RedisTimeoutException">Redis did not answer in time. It is a <see cref="TimeoutException"/>,
    /// not a <see cref="RedisException"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    /// <exception cref="InvalidDataException">The list is of a format that this version cannot read.</exception>
    public async Task<PublishedList?> ReadAsync(string userId, CancellationToken cancel = default) =>
        await ReadOwnAsync(userId, cancel).ConfigureAwait(false) is { } own && !IsUsedUp(own)
            ? own
            : await ReadKeyAsync(_keys.Popular, cancel).ConfigureAwait(false);

    /// <summary>The user's own list; null where there is none.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public Task<PublishedList?> ReadOwnAsync(string userId, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(userId);
        return ReadKeyAsync(_keys.List(userId), cancel);
    }

    /// <summary>
    /// What <see cref="ReadAsync"/> gives now, and again each time that it has changed, until cancelled.
    /// </summary>
    /// <param name="interval">Time between two looks, above 0.</param>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async IAsyncEnumerable<PublishedList?> WatchAsync(
        string userId,
        TimeSpan interval,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        RedisValue last = default;
        var first = true;
        using var timer = new PeriodicTimer(interval);
        do
        {
            var value = await GetAsync(_keys.List(userId), cancel).ConfigureAwait(false);
            if (value.IsNull)
            {
                value = await GetAsync(_keys.Popular, cancel).ConfigureAwait(false);
            }
            if (first || value != last)
            {
                (first, last) = (false, value);
                yield return await _withdrawn.FilterAsync(Parse(value), cancel).ConfigureAwait(false);
            }
        } while (await timer.WaitForNextTickAsync(cancel).ConfigureAwait(false));
    }

    // Of a catalogue that has none of its items left.
    private static bool IsUsedUp(PublishedList list) => list is { Catalogue: not null, Items.Count: 0 };

    private async Task<PublishedList?> ReadKeyAsync(string key, CancellationToken cancel) =>
        await _withdrawn
            .FilterAsync(Parse(await GetAsync(key, cancel).ConfigureAwait(false)), cancel)
            .ConfigureAwait(false);

    private Task<RedisValue> GetAsync(string key, CancellationToken cancel) =>
        _database.StringGetAsync(key).WaitAsync(cancel);

    private static PublishedList? Parse(RedisValue value) =>
        value.IsNull ? null : PublishedList.Parse(((ReadOnlyMemory<byte>)value).Span);
}
