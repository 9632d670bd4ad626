using System.Globalization;
using System.Text.Json.Nodes;

namespace StreamRec.Catalogue;

/// <summary>
/// Rows of RecBole's file of items. A column whose name ends with title is the title; one of several words that is
/// named class, genre or category, in whatever form, the categories; every other one an attribute of its name.
/// </summary>
internal sealed class RecBoleItems
{
    private static readonly string[] s_categories = ["class", "genre", "categor"];

    private readonly (string Name, string Type)[] _columns;
    private readonly int _id;

    private RecBoleItems((string, string)[] columns, int id) => (_columns, _id) = (columns, id);

    /// <summary>Null where it is no first line of such a file.</summary>
    public static RecBoleItems? Of(string header)
    {
        var columns = header
            .Split('\t')
            .Select(column => column.Split(':'))
            .Select(parts => parts is [var name, var type] ? (name, type) : ("", ""))
            .ToArray();
        var id = Array.FindIndex(columns, column => column.Item1 == "item_id");
        return id < 0 || columns.Any(column => column.Item1.Length == 0) ? null : new(columns, id);
    }

    public (string Id, byte[] Value) Read(string line)
    {
        var cells = line.Split('\t');
        var (item, attributes) = (new JsonObject(), new JsonObject());
        for (var at = 0; at < Math.Min(cells.Length, _columns.Length); at++)
        {
            var ((name, type), cell) = (_columns[at], cells[at].Trim());
            if (at == _id || cell.Length == 0)
            {
                continue;
            }
            if (name.EndsWith("title", StringComparison.OrdinalIgnoreCase))
            {
                item["title"] = cell;
            }
            else if (type == "token_seq" && s_categories.Any(name.ToLowerInvariant().Contains))
            {
                item["categories"] = Words(cell);
            }
            else
            {
                attributes[name] = type switch
                {
                    "token_seq" => Words(cell),
                    "float"
                        when double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
                        number,
                    _ => cell,
                };
            }
        }
        if (attributes.Count > 0)
        {
            item["attributes"] = attributes;
        }
        return (_id < cells.Length ? cells[_id] : "", ItemFile.Written(item));
    }

    private static JsonArray Words(string cell) =>
        [.. cell.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => (JsonNode)word)];
}
