namespace StreamRec.Options;

/// <summary>Settings that there were, and what to set in their place.</summary>
internal static class RetiredSettings
{
    private static readonly Dictionary<string, string> s_advice = new(StringComparer.OrdinalIgnoreCase)
    {
        // Its λ is no place on the dial: it put items into another order as well.
        ["Diversity"] =
            "it is gone. Set Dial, 0 to 1 (such as 0.5), which chooses what stands in the first VariedPlaces places of "
            + "a list, and leaves their order to the scores",
    };

    /// <summary>What to do instead; null: it is no such setting.</summary>
    public static string? Advice(string name) => s_advice.GetValueOrDefault(name);
}
