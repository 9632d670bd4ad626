using StreamRec.Lists;

namespace StreamRec.Client;

/// <summary>How lists are read.</summary>
public class ListReaderOptions
{
    /// <summary>The most users whose last list can be kept.</summary>
    public const int MostLastKnownUsers = 1_000_000;

    /// <summary>First part of every key, the same as the worker's.</summary>
    public string Prefix { get; set; } = ListKeys.DefaultPrefix;

    /// <summary>The longest that a read may take, above 0: a page rather shows something else than waits.</summary>
    public TimeSpan ReadTimeout { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Throw a <see cref="ListReadException"/> where Redis is away, instead of an answer that says so.
    /// </summary>
    public bool ThrowOnOutage { get; set; }

    /// <summary>
    /// Of how many users the list that was read last is kept in memory, to be shown while Redis is away; 0: of none.
    /// </summary>
    public int LastKnownUsers { get; set; }

    /// <summary>What is wrong with the options; null where nothing is.</summary>
    public virtual string? Fault() =>
        !ListKeys.IsPrefix(Prefix) ? $"{nameof(Prefix)} is '{Prefix}': give {ListKeys.PrefixRule}."
        : ReadTimeout <= TimeSpan.Zero || ReadTimeout > TimeSpan.FromMinutes(1)
            ? $"{nameof(ReadTimeout)} is {ReadTimeout}: give a time above 0, to 1 minute."
        : LastKnownUsers is < 0 or > MostLastKnownUsers
            ? $"{nameof(LastKnownUsers)} is {LastKnownUsers}: give 0 to {MostLastKnownUsers}."
        : null;
}
