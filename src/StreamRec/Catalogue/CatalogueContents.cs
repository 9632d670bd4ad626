using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Models;

namespace StreamRec.Catalogue;

/// <summary>A catalogue as its topic has it now: of each id the last record.</summary>
internal sealed class CatalogueContents
{
    private readonly Dictionary<string, LogRecord> _last = new(StringComparer.Ordinal);
    private long _offset = -1;
    private long _noId;

    public void Take(in LogRecord record)
    {
        _offset = record.Offset;
        if (ItemJson.CheckKey(record.Key.Span) is not null)
        {
            _noId++;
            return;
        }
        _last[System.Text.Encoding.UTF8.GetString(record.Key.Span)] = record;
    }

    /// <summary>One item; null where there is no record of it.</summary>
    public ItemShown? Of(string id)
    {
        if (!_last.TryGetValue(id, out var record))
        {
            return null;
        }
        if (record.Value.IsEmpty)
        {
            return new(id, record.Offset, ItemShown.Withdrawn, null, null);
        }
        return ItemJson.TryParse(record.Key.Span, record.Value, out _, out var error)
            ? new(id, record.Offset, ItemShown.There, JsonNode.Parse(record.Value.Span), null)
            : new(id, record.Offset, ItemShown.Unreadable, null, error.ToString());
    }

    /// <param name="bundle">Whose items are known; null: nothing is said of new ones.</param>
    public CatalogueStats Stats(Bundle? bundle = null)
    {
        var stats = new CatalogueStats
        {
            Offset = _offset,
            WithoutId = _noId,
            New = bundle is null ? null : 0,
        };
        foreach (var (id, record) in _last)
        {
            if (record.Value.IsEmpty)
            {
                stats.Withdrawn++;
            }
            else if (!ItemJson.TryParse(record.Key.Span, record.Value, out var facts, out var error))
            {
                stats.Unreadable++;
                stats.FirstUnreadable ??= $"{Excerpt.Of(id)}: {error}";
            }
            else
            {
                stats.Items++;
                stats.New += bundle?.IndexOf(id) == 0 ? 1 : 0;
                stats.NotAvailable += facts.Availability.Available ? 0 : 1;
                stats.Timed += facts.Availability is { SinceMs: > long.MinValue } or { UntilMs: < long.MaxValue }
                    ? 1
                    : 0;
                stats.WithCategories += facts.Categories.Count > 0 ? 1 : 0;
            }
        }
        return stats;
    }
}

/// <summary>What the catalogue says of one id.</summary>
/// <param name="Offset">Of the record that says so.</param>
/// <param name="State">One of the constants.</param>
/// <param name="Item">The record's value, where it can be read.</param>
/// <param name="Error">Why not, where it cannot.</param>
internal sealed record ItemShown(string Id, long Offset, string State, JsonNode? Item, string? Error)
{
    public const string There = "item",
        Withdrawn = "withdrawn",
        Unreadable = "unreadable";

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        Encoder = EventJson.WriterOptions.Encoder,
    };

    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                id = Id,
                offset = Offset,
                state = State,
                item = Item,
                error = Error,
            }
        );

    public string ToText() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Excerpt.Of(Id)}, {State}, record {Offset}{(Error is null ? "" : $": {Error}")}"
        ) + string.Concat((Item?.ToJsonString(s_indented) ?? "").Split('\n', '\r').Select(Line));

    // What a catalogue says is whoever's who wrote it: nothing in it reaches the terminal as it is.
    private static string Line(string line) =>
        line.Length == 0 ? "" : "\n" + Excerpt.Whole(System.Text.Encoding.UTF8.GetBytes(line));
}

/// <summary>Counts of a catalogue's ids, by their last records.</summary>
internal sealed record CatalogueStats
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The last record's; -1: there is none.</summary>
    public long Offset { get; init; }

    public long Items { get; set; }

    /// <summary>Of <see cref="Items"/>, those that say so.</summary>
    public long NotAvailable { get; set; }

    /// <summary>Of <see cref="Items"/>, those with since or until.</summary>
    public long Timed { get; set; }

    public long WithCategories { get; set; }

    /// <summary>Tombstones that the broker still has.</summary>
    public long Withdrawn { get; set; }

    public long Unreadable { get; set; }

    public string? FirstUnreadable { get; set; }

    /// <summary>Of <see cref="Items"/>, those that a bundle does not know; null: none was asked about.</summary>
    public long? New { get; set; }

    /// <summary>Records whose key is no item's id.</summary>
    public long WithoutId { get; init; }

    public string ToJson(string topic) =>
        JsonSerializer.Serialize(
            new
            {
                Topic = topic,
                Offset,
                Items,
                NotAvailable,
                Timed,
                WithCategories,
                Withdrawn,
                Unreadable,
                FirstUnreadable,
                New,
                WithoutId,
            },
            s_json
        );

    public string ToText(string topic) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Excerpt.Of(topic)}, as of record {Offset}: {Items} items, {NotAvailable} of them not available, "
                + $"{Timed} with since or until, {WithCategories} with categories"
                + $"{(New is null ? "" : $", {New} new to the bundle")}; {Withdrawn} withdrawn; "
                + $"{Unreadable} cannot be read"
                + $"{(FirstUnreadable is null ? "" : $" ({FirstUnreadable})")}; {WithoutId} records without an id."
        );
}
