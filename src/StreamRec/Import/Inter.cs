using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>RecBole's .inter files: tabs between, and a header whose columns carry their types, such as user_id:token.</summary>
internal static class Inter
{
    public static readonly ImportVariant Variant = new(
        ".inter (a header of typed columns such as user_id:token)", line => line.Contains(":token", StringComparison.Ordinal), Read);

    private static IEnumerable<ImportRow> Read(string path)
    {
        string[]? header = null;
        int user = 0, item = 0, time = 0, session = 0;
        var type = EventTypes.Click;
        long count = 0;
        foreach (var (number, line) in TextLines.Read(path))
        {
            var fields = line.Split('\t');
            if (header is null)
            {
                header = [.. fields.Select(field => field.Split(':')[0].Trim())];
                session = Array.IndexOf(header, "session_id");
                user = Array.IndexOf(header, "user_id") is var found and >= 0 ? found : session;
                (item, time) = (Array.IndexOf(header, "item_id"), Array.IndexOf(header, "timestamp"));
                if (user < 0 || item < 0)
                {
                    throw new StreamRecException(
                        $"'{path}' has no columns user_id (or session_id) and item_id; it has {string.Join(", ", header)}.", ExitCode.BadInput);
                }
                type = header.Contains("rating") ? EventTypes.Rating : EventTypes.Click;
                continue;
            }
            if (fields.Length != header.Length)
            {
                yield return ImportRow.Bad(number, $"{fields.Length} fields, not {header.Length}");
                continue;
            }
            var ms = MadeUp.Time(count);
            if (time >= 0 && !TimeText.TryParse(fields[time], TimeUnit.Auto, out ms))
            {
                yield return ImportRow.Bad(number, $"'{fields[time]}' is no time");
                continue;
            }
            count++;
            yield return new ImportRow(number, new ClickEvent("", fields[user], fields[item], type, ms, session < 0 ? null : fields[session]));
        }
    }
}
