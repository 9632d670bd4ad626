using System.Text.Json;

namespace StreamRec.Settings;

/// <summary>Tells where a JSON file is broken as editors count: lines from 1.</summary>
public static class JsonFault
{
    public static string Describe(string path, JsonException fault)
    {
        var end = fault.Message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        var reason = (end < 0 ? fault.Message : fault.Message[..end]).Replace(
            " Path: $ |",
            "",
            StringComparison.Ordinal
        );
        return fault.LineNumber is { } line ? $"{path}:{line + 1}: {reason}" : $"{path}: {reason}";
    }
}
