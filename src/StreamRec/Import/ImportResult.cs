using System.Globalization;
using System.Text.Json.Serialization;

namespace StreamRec.Import;

/// <summary>What an import did; also the JSON that it prints.</summary>
internal sealed record ImportResult
{
    public required string Output { get; init; }

    public required long Events { get; init; }

    public required int Users { get; init; }

    public required int Items { get; init; }

    /// <summary>Of the oldest event, in ms since 1970.</summary>
    public required long FirstTs { get; init; }

    public required long LastTs { get; init; }

    /// <summary>Events whose time lies ahead of the clock.</summary>
    public required long Future { get; init; }

    /// <summary>Whether the times are made up.</summary>
    public required bool TimesMadeUp { get; init; }

    public required long BadRows { get; init; }

    /// <summary>The bad rows by what they lack.</summary>
    public required IReadOnlyDictionary<string, long> Bad { get; init; }

    [JsonIgnore]
    public string Sentence =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Output}: {Events} events of {Users} users on {Items} items, {Date(FirstTs)} to {Date(LastTs)}; "
                + $"{BadRows} bad rows"
        );

    private static string Date(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
