using System.Text.Json;
using StreamRec.Events;

namespace StreamRec.Catalogue;

/// <summary>Reads the fields of one item; one use.</summary>
internal sealed class ItemJsonReader
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private string? _title;
    private List<string> _categories = [];
    private readonly Dictionary<string, AttributeValue> _attributes = new(StringComparer.Ordinal);
    private Availability _availability = new(Available: true);

    /// <summary>The first fault; null: none, and there are facts.</summary>
    public EventError? Read(JsonElement item, out ItemFacts? facts)
    {
        facts = null;
        if (item.ValueKind != JsonValueKind.Object)
        {
            return new(EventReason.NotAnObject, "", "The record is not a JSON object.");
        }
        if (IsDeeper(item, EventLimits.MaxDepth))
        {
            return new(EventReason.TooDeep, "", $"The record is nested deeper than {EventLimits.MaxDepth}.");
        }
        foreach (var field in item.EnumerateObject())
        {
            if (Field(field.Name, field.Value) is { } error)
            {
                return error;
            }
        }
        if (_availability.SinceMs >= _availability.UntilMs)
        {
            return new(EventReason.OutOfRange, "until", "The time must lie behind since.");
        }
        facts = new ItemFacts(_title, _categories, _attributes, _availability);
        return null;
    }

    private static bool IsDeeper(JsonElement element, int depth) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => depth == 0
                || element.EnumerateObject().Any(field => IsDeeper(field.Value, depth - 1)),
            JsonValueKind.Array => depth == 0 || element.EnumerateArray().Any(entry => IsDeeper(entry, depth - 1)),
            _ => false,
        };

    private EventError? Field(string name, JsonElement value)
    {
        if (name is not ("title" or "categories" or "attributes" or "available" or "since" or "until"))
        {
            return null;
        }
        if (!_seen.Add(name))
        {
            return new(EventReason.DuplicateField, name, "The field stands twice.");
        }
        // The same as leaving it out.
        return value.ValueKind == JsonValueKind.Null
            ? null
            : name switch
            {
                "title" => Text(name, value, ItemLimits.MaxTitleBytes, out _title),
                "categories" => Texts(name, value, ItemLimits.MaxCategories, out _categories),
                "attributes" => Attributes(value),
                "available" => Available(value),
                _ => Time(name, value),
            };
    }

    private EventError? Attributes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return new(EventReason.WrongType, "attributes", "An object is expected.");
        }
        foreach (var attribute in value.EnumerateObject())
        {
            if (_attributes.ContainsKey(attribute.Name))
            {
                return new(EventReason.DuplicateField, "attributes", "A name stands twice.");
            }
            if (!IsLength(attribute.Name, ItemLimits.MaxTextBytes))
            {
                return BadLength("attributes", ItemLimits.MaxTextBytes);
            }
            if (Attribute(attribute.Value, out var read) is { } error)
            {
                return error;
            }
            _attributes.Add(attribute.Name, read);
        }
        return _attributes.Count <= ItemLimits.MaxAttributes
            ? null
            : new(EventReason.OutOfRange, "attributes", $"More than {ItemLimits.MaxAttributes} are not allowed.");
    }

    private static EventError? Attribute(JsonElement value, out AttributeValue read)
    {
        read = new AttributeValue(null, []);
        EventError? error;
        switch (value.ValueKind)
        {
            case JsonValueKind.Number:
                error = Number(value, out var number);
                read = new AttributeValue(number, []);
                return error;
            case JsonValueKind.String:
                error = Text("attributes", value, ItemLimits.MaxTextBytes, out var text);
                read = new AttributeValue(null, [text!]);
                return error;
            case JsonValueKind.Array:
                error = Texts("attributes", value, ItemLimits.MaxAttributes, out var texts);
                read = new AttributeValue(null, texts);
                return error;
            default:
                return new(
                    EventReason.WrongType,
                    "attributes",
                    "A string, a number or an array of strings is expected."
                );
        }
    }

    private static EventError? Number(JsonElement value, out double number) =>
        value.TryGetDouble(out number) && double.IsFinite(number)
            ? null
            : new(EventReason.OutOfRange, "attributes", "The number is larger than a number of 64 bits can be.");

    private EventError? Available(JsonElement value)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return new(EventReason.WrongType, "available", "true or false is expected.");
        }
        _availability = _availability with { Available = value.GetBoolean() };
        return null;
    }

    private EventError? Time(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var ms))
        {
            return new(EventReason.WrongType, name, "An integer of milliseconds since 1970 is expected.");
        }
        if (EventTime.CheckNumber(ms) is { } error)
        {
            return error with { Field = name };
        }
        _availability = name == "since" ? _availability with { SinceMs = ms } : _availability with { UntilMs = ms };
        return null;
    }

    private static EventError? Texts(string name, JsonElement value, int most, out List<string> texts)
    {
        texts = [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            return new(EventReason.WrongType, name, "An array of strings is expected.");
        }
        foreach (var entry in value.EnumerateArray())
        {
            if (Text(name, entry, ItemLimits.MaxTextBytes, out var text) is { } error)
            {
                return error;
            }
            texts.Add(text!);
        }
        return texts.Count <= most ? null : new(EventReason.OutOfRange, name, $"More than {most} are not allowed.");
    }

    private static EventError? Text(string name, JsonElement value, int most, out string? text)
    {
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is null ? new(EventReason.WrongType, name, "A string is expected.")
            : IsLength(text, most) ? null
            : BadLength(name, most);
    }

    private static bool IsLength(string text, int most) =>
        System.Text.Encoding.UTF8.GetByteCount(text) is var bytes && bytes >= 1 && bytes <= most;

    private static EventError BadLength(string name, int most) =>
        new(EventReason.BadLength, name, $"The text must have 1 to {most} UTF-8 bytes.");
}
