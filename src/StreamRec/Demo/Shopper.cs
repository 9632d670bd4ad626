namespace StreamRec.Demo;

/// <summary>
/// A shopper who is fond of three product lines, goes round them, and whose taste drifts. Before each click one
/// favourite is replaced by any line with probability 2 %; then the shopper stays with the line (20 %) or turns to the
/// next of the three. 15 % of the clicks are noise, on any line. An item of the line is drawn, the first ones more
/// often, but none of the last five clicks. So the last item alone tells one line, and only the history tells the
/// other two and their order.
/// </summary>
public sealed class Shopper
{
    private const double Noise = 0.15;
    private const double Stay = 0.2;
    private const double Drift = 0.02;

    private const int Passed = 5;

    private readonly Shop _shop;
    private readonly Random _random;
    private readonly int[] _favourites;
    private readonly Queue<string> _recent = new();
    private int _current;

    public Shopper(Shop shop, string id, int seed)
    {
        _shop = shop;
        Id = id;
        _random = new Random(seed);
        _favourites = [RandomLine(), RandomLine(), RandomLine()];
    }

    public string Id { get; }

    /// <summary>The next item that this shopper clicks.</summary>
    public ShopItem Next()
    {
        if (_random.NextDouble() < Drift)
        {
            _favourites[_random.Next(_favourites.Length)] = RandomLine();
        }
        if (_random.NextDouble() >= Stay)
        {
            _current = (_current + 1) % _favourites.Length;
        }
        var line = _random.NextDouble() < Noise ? RandomLine() : _favourites[_current];
        var item = Pick(line);
        _recent.Enqueue(item.Id);
        if (_recent.Count > Passed)
        {
            _recent.Dequeue();
        }
        return item;
    }

    private int RandomLine() => _random.Next(_shop.Categories * Shop.Lines);

    /// <summary>Ranks of a line are drawn with weights 10, 9, … 1; what was clicked of late is passed over.</summary>
    private ShopItem Pick(int line)
    {
        var eligible = Enumerable
            .Range(0, Shop.ItemsPerLine)
            .Where(i => !_recent.Contains(_shop.At(line, i).Id))
            .ToArray();
        if (eligible.Length == 0)
        {
            return Pick(RandomLine());
        }
        var ticket = _random.Next(eligible.Sum(i => Shop.ItemsPerLine - i));
        foreach (var i in eligible)
        {
            ticket -= Shop.ItemsPerLine - i;
            if (ticket < 0)
            {
                return _shop.At(line, i);
            }
        }
        throw new InvalidOperationException("a ticket below the sum of the weights is always drawn");
    }
}
