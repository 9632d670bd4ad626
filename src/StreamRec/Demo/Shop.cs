namespace StreamRec.Demo;

/// <summary>An item of the generated shop.</summary>
public sealed record ShopItem(string Id, string Name, string Category, int Line);

/// <summary>
/// The generated shop's catalogue: 12 categories, each with 3 product lines of 10 items. Described in docs/demo.md.
/// </summary>
public sealed class Shop
{
    public const int Lines = 3;
    public const int ItemsPerLine = 10;

    private static readonly string[] s_categories =
    [
        "Tea",
        "Coffee",
        "Bread",
        "Cheese",
        "Chocolate",
        "Candles",
        "Notebooks",
        "Plants",
        "Records",
        "Lamps",
        "Bags",
        "Games",
    ];

    private static readonly string[] s_lines = ["Alpine", "Harbour", "Midnight"];

    private static readonly string[] s_items =
    [
        "No. 1",
        "No. 2",
        "Reserve",
        "Travel Size",
        "Gift Set",
        "Limited",
        "Daily",
        "Grand",
        "Mini",
        "Sampler",
    ];

    public Shop()
    {
        var items = new List<ShopItem>();
        for (var c = 0; c < s_categories.Length; c++)
        {
            for (var l = 0; l < Lines; l++)
            {
                for (var i = 0; i < ItemsPerLine; i++)
                {
                    var line = c * Lines + l;
                    items.Add(
                        new ShopItem(
                            $"sku-{items.Count + 1:D4}",
                            $"{s_lines[l]} {s_categories[c]} {s_items[i]}",
                            s_categories[c],
                            line
                        )
                    );
                }
            }
        }
        Items = items;
        ById = items.ToDictionary(item => item.Id);
    }

    public int Categories => s_categories.Length;

    public IReadOnlyList<ShopItem> Items { get; }

    public IReadOnlyDictionary<string, ShopItem> ById { get; }

    public ShopItem At(int line, int rank) => Items[line * ItemsPerLine + rank];
}
