using StreamRec.Events;

namespace StreamRec.Demo;

/// <summary>
/// Click events of the generated shop: a past to train on, and live traffic of other shoppers. The same seed gives the
/// same clicks.
/// </summary>
public static class ShopTraffic
{
    /// <summary>
    /// Clicks of shoppers whose ids begin with "past-", one a minute each, ending at <paramref name="endMs"/>.
    /// </summary>
    public static IEnumerable<ClickEvent> Past(Shop shop, int seed, int shoppers, int clicksEach, long endMs)
    {
        var all = Enumerable
            .Range(0, shoppers)
            .Select(i => new Shopper(shop, $"past-{i:D5}", HashCode(seed, i)))
            .ToArray();
        var number = 0;
        for (var click = 0; click < clicksEach; click++)
        {
            var timeMs = endMs - (clicksEach - click) * 60_000L;
            foreach (var shopper in all)
            {
                yield return new ClickEvent($"past-{number++:D9}", shopper.Id, shopper.Next().Id, "click", timeMs);
            }
        }
    }

    /// <summary>Shoppers of the live traffic: none of them is in the past.</summary>
    public static Shopper[] LiveShoppers(Shop shop, int seed, int shoppers) =>
        [.. Enumerable.Range(0, shoppers).Select(i => new Shopper(shop, $"shopper-{i:D4}", HashCode(~seed, i)))];

    /// <summary>A seed of its own for each shopper, the same in every process.</summary>
    private static int HashCode(int seed, int i) =>
        unchecked((int)(((uint)seed * 2654435761u) ^ ((uint)i * 2246822519u) ^ 0x9E3779B9u));
}
