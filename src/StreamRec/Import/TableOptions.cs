namespace StreamRec.Import;

/// <summary>Which columns of a csv or tsv file hold what: by name, or by number from 1 where there is no header.</summary>
internal sealed record TableOptions
{
    public required string User { get; init; }

    public required string Item { get; init; }

    /// <summary>Column of the time; null: made up in order.</summary>
    public string? Time { get; init; }

    /// <summary>Column of the event type; null: click.</summary>
    public string? Type { get; init; }

    /// <summary>Column of the event id; null: made up in order.</summary>
    public string? Event { get; init; }

    /// <summary>Column of the session; null: none.</summary>
    public string? Session { get; init; }

    public TimeUnit Unit { get; init; }

    /// <summary>Whether the first record names the columns.</summary>
    public bool Header { get; init; } = true;

    public char Delimiter { get; init; } = ',';
}
