using StreamRec.Delivery.Ports;

namespace StreamRec.Delivery.Worker;

/// <summary>Lists on their way to their own shards. Owned by the partition's loop.</summary>
internal sealed class Publication
{
    /// <summary>Nothing to publish.</summary>
    public static readonly Publication None = new() { Lists = [], Users = [] };

    /// <summary>The lists to write; empty before those of dirty users are computed.</summary>
    public required IReadOnlyList<UserWrite> Lists { get; init; }

    /// <summary>The users that are clean afterwards.</summary>
    public required IReadOnlyList<DirtyUser> Users { get; init; }

    /// <summary>
    /// What was read of the dirty users whose lists are to be computed again; null for those of a step.
    /// </summary>
    public DirtyAnswer? Dirty { get; init; }

    /// <summary>Of the model that made the lists.</summary>
    public long Promotion { get; private init; }

    /// <summary>The lists of a step that was applied.</summary>
    public static Publication Of(IReadOnlyList<UserWrite> writes)
    {
        UserWrite[] lists = [.. writes.Where(w => !w.List.IsEmpty)];
        return new()
        {
            Lists = lists,
            Users = [.. lists.Select(w => new DirtyUser(w.UserId, w.Version))],
            Promotion = lists.Length > 0 ? lists[0].Promotion : 0,
        };
    }

    /// <summary>The lists of dirty users, once they are computed.</summary>
    public static Publication Of(DirtyAnswer dirty) =>
        new()
        {
            Lists = [],
            Users = dirty.Users,
            Dirty = dirty,
        };

    /// <summary>The same dirty users, with what was computed of them.</summary>
    public Publication With(IReadOnlyList<UserWrite> writes) =>
        new()
        {
            Lists = [.. writes.Where(w => !w.List.IsEmpty)],
            Users = Users,
            Dirty = Dirty,
            Promotion = writes.Count > 0 ? writes[0].Promotion : 0,
        };

    /// <summary>The users that are clean, given which of the lists are safe: those without a list too.</summary>
    public Publication Safe(IReadOnlyList<bool> safe)
    {
        var unsafeUsers = new HashSet<string>(
            Lists.Where((_, i) => !safe[i]).Select(w => w.UserId),
            StringComparer.Ordinal
        );
        return new()
        {
            Lists = [],
            Users = [.. Users.Where(u => !unsafeUsers.Contains(u.UserId))],
            Promotion = Promotion,
        };
    }
}
