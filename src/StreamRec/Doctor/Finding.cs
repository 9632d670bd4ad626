using System.Text.Json;
using StreamRec.Events;

namespace StreamRec.Doctor;

/// <summary>How grave a finding is.</summary>
internal enum Level
{
    Ok,

    /// <summary>Work goes on, and something can be lost.</summary>
    Warn,

    /// <summary>A worker would not start, would halt, or would lose events.</summary>
    Fail,
}

/// <summary>What a check saw.</summary>
/// <param name="Check">The check's stable name.</param>
/// <param name="Mend">The command that mends it; null where there is nothing to mend, or no one command does.</param>
internal sealed record Finding(Level Level, string Check, string Seen, string? Mend = null)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Finding Ok(string check, string seen) => new(Level.Ok, check, seen);

    public static Finding Warn(string check, string seen, string? mend = null) => new(Level.Warn, check, seen, mend);

    public static Finding Fail(string check, string seen, string? mend = null) => new(Level.Fail, check, seen, mend);

    private string LevelText => Level.ToString().ToLowerInvariant();

    /// <summary>One line: ok, warn or fail; what was seen; the command that mends it.</summary>
    public string ToText() =>
        $"{LevelText.PadRight(4)}  {Check}: {Seen.ReplaceLineEndings(" ")}{(Mend is null ? "" : $"  {Mend}")}";

    public static string ToJson(IReadOnlyList<Finding> findings) =>
        JsonSerializer.Serialize(
            new
            {
                Ok = findings.All(finding => finding.Level != Level.Fail),
                Checks = findings.Select(finding => new
                {
                    finding.Check,
                    Level = finding.LevelText,
                    finding.Seen,
                    finding.Mend,
                }),
            },
            s_json
        );

    /// <summary>Data as a finding quotes it.</summary>
    public static string Quoted(string text) => Excerpt.Of(text);
}
