using StackExchange.Redis;
using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>The list under a key, or why there is none.</summary>
/// <param name="Value">As it stands in Redis.</param>
/// <param name="Reason"><see cref="ListReason.None"/> where there is a list.</param>
internal readonly record struct Held(PublishedList? List, RedisValue Value, ListReason Reason, Exception? Fault)
{
    public static Held Of(in Got got)
    {
        if (got.Reason != ListReason.None || got.Value.IsNull)
        {
            return new(null, default, got.Reason == ListReason.None ? ListReason.NoList : got.Reason, got.Fault);
        }
        try
        {
            return new(Parse(got.Value), got.Value, ListReason.None, null);
        }
        catch (InvalidDataException fault)
        {
            return new(null, default, ListReason.Unreadable, fault);
        }
    }

    /// <summary>What readers are shown of it: a list of which everything was withdrawn is none.</summary>
    public Held Without(WithdrawnReader withdrawn) =>
        List?.Catalogue is null ? this
        : withdrawn.Filter(List) is { Items.Count: > 0 } left ? this with { List = left }
        : new(null, default, ListReason.NoList, null);

    public static PublishedList Parse(RedisValue value) => PublishedList.Parse(((ReadOnlyMemory<byte>)value).Span);

    /// <summary>Whether Redis gave no list of the user's, and may have a popular one to give.</summary>
    public bool WantsPopular => Reason is ListReason.NoList or ListReason.Unreadable;
}

/// <summary>An answer, and what it was made of.</summary>
internal readonly record struct Answer(ListResult Result, RedisValue Value)
{
    /// <summary>Whether a reader who saw the other has seen this one.</summary>
    public bool IsAs(in Answer other) =>
        Result.Source == other.Result.Source
        && Result.Reason == other.Result.Reason
        && Result.List?.Items.Count == other.Result.List?.Items.Count
        && Value == other.Value;
}

/// <summary>Makes answers of what Redis held, and of what it held before.</summary>
internal sealed class ListAnswers(ListKeys keys, LastKnownLists known, WithdrawnReader withdrawn, TimeProvider time)
{
    /// <param name="userId">Empty where the popular list was asked for.</param>
    /// <param name="own">Under the user's key.</param>
    /// <param name="popular">Under those of the shared lists; null where they were not asked for.</param>
    public Answer Of(string userId, in Held own, in SharedLists? popular)
    {
        var (key, now) = (keys.List(userId), time.GetUtcNow());
        if (own.List is not null)
        {
            known.Keep(key, own.Value, now);
            return new(Result(userId, ListSource.Own, own.List, own, now), own.Value);
        }
        if (own.Reason == ListReason.NoList)
        {
            known.Forget(key);
        }
        else if (known.Of(key) is { } last)
        {
            return Before(userId, last, own);
        }
        if (popular is { Best: { List: not null } shared } asked)
        {
            known.Keep(asked.BestKey, shared.Value, now);
            return new(Result(userId, ListSource.Popular, shared.List, own, now), shared.Value);
        }
        var fault = own.Reason == ListReason.NoList ? popular?.Best ?? own : own;
        return fault.Reason != ListReason.NoList && LastShared(popular) is { } lastPopular
            ? Before(userId, lastPopular, fault)
            : new(Result(userId, ListSource.None, null, fault, now), default);
    }

    /// <summary>For whom there is no user to ask for.</summary>
    public Answer Popular(in SharedLists popular) => Of("", new(null, default, ListReason.NoList, null), popular);

    /// <summary>Of an item: nothing is shown in the place of what is not there.</summary>
    /// <param name="key">Its list's.</param>
    public Answer Similar(string key, in Held held)
    {
        var now = time.GetUtcNow();
        if (held.List is not null)
        {
            known.Keep(key, held.Value, now);
            return new(Result("", ListSource.Similar, held.List, held, now), held.Value);
        }
        if (held.Reason == ListReason.NoList)
        {
            known.Forget(key);
        }
        else if (known.Of(key) is { } last)
        {
            return Before("", last, held);
        }
        return new(Result("", ListSource.None, null, held, now), default);
    }

    private KnownList? LastShared(in SharedLists? popular)
    {
        foreach (var key in popular?.Keys ?? [keys.Popular])
        {
            if (known.Of(key) is { } last)
            {
                return last;
            }
        }
        return null;
    }

    private Answer Before(string userId, in KnownList last, in Held why) =>
        new(Result(userId, ListSource.LastKnown, withdrawn.Filter(Held.Parse(last.Value)), why, last.AsOf), last.Value);

    private ListResult Result(
        string userId,
        ListSource source,
        PublishedList? list,
        in Held why,
        DateTimeOffset asOf
    ) =>
        new()
        {
            UserId = userId,
            Source = source,
            Reason = why.Reason,
            List = list,
            AsOf = asOf,
            Age = list is null ? null : AgeOf(list),
            Fault = why.Fault,
        };

    private TimeSpan AgeOf(PublishedList list)
    {
        var ms = time.GetUtcNow().ToUnixTimeMilliseconds() - list.WrittenAtMs;
        return TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, (long)TimeSpan.MaxValue.TotalMilliseconds - 1));
    }
}
