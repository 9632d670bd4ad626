namespace StreamRec.Options;

/// <summary>Names that settings had before, which are still taken.</summary>
internal static class EarlierNames
{
    // Both go from 0, the order of scores alone, to 1.
    private static readonly Dictionary<string, string> s_today = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Diversity"] = nameof(WorkOptions.Dial),
    };

    /// <summary>The setting's name today.</summary>
    public static string Today(string name) => s_today.GetValueOrDefault(name, name);

    /// <summary>Those that a setting had.</summary>
    public static IEnumerable<string> Of(string setting) =>
        s_today.Where(pair => pair.Value == setting).Select(pair => pair.Key);
}
