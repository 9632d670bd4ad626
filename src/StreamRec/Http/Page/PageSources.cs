namespace StreamRec.Http.Page;

/// <summary>What the page shows that the worker does not know by itself.</summary>
internal sealed record PageSources
{
    /// <summary>An item's name; null for those without. Null: names come from the catalogue, where one is
    /// followed.</summary>
    public Func<string, string?>? Names { get; init; }

    /// <summary>How good the lists are; null: nobody measures it.</summary>
    public Func<HitRates>? HitRates { get; init; }
}

/// <summary>Shares of the cases in which what was clicked next was on the list; NaN before there is any.</summary>
internal readonly record struct HitRates(double Model, double Markov, double Popularity, int Cases);
