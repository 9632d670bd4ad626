using StreamRec.Models;
using StreamRec.Ranking.Variety;

namespace StreamRec.Tests.Ranking.Variety;

public class CategoryBalanceTests
{
    private const int Places = 12;

    private static readonly ItemCategories s_categories = new([
        [],
        ["a"],
        ["a", "b"],
        ["b", "c", "d"],
        ["c"],
        ["e"],
        [],
    ]);

    /// <summary>Σ_g p_g·ln(.003 + q_g) before and after.</summary>
    [Fact]
    public void An_item_adds_what_the_definition_says()
    {
        int[] history = [1, 1, 2, 3, 0, 6];
        var balance = new CategoryBalance(s_categories, Places);
        int[] chosen = [3, 2, 2, 1];
        for (var list = 0; list < 2; list++)
        {
            Assert.True(balance.Begin(history, [5, 1, 2, 3, 4, 5, 6]));
            for (var taken = 0; taken < chosen.Length; taken++)
            {
                for (var item = 1; item <= 6; item++)
                {
                    var gain = Sum(history, [.. chosen[..taken], item]) - Sum(history, chosen[..taken]);
                    Assert.Equal(gain, balance.Gains[item] * CategoryBalance.Unit, 2e-3);
                }
                balance.Take(chosen[taken]);
            }
            balance.End();
        }
    }

    [Fact]
    public void What_an_item_adds_never_grows()
    {
        var balance = new CategoryBalance(s_categories, 1000);
        balance.Begin([1, 2, 3, 4], [5, 1, 2, 3, 4, 5, 6]);
        int[] last = [.. Enumerable.Repeat(int.MaxValue, 7)];
        for (var place = 0; place < 1000; place++)
        {
            for (var item = 1; item <= 6; item++)
            {
                var gain = balance.Gains[item];
                Assert.True(gain <= last[item]);
                last[item] = gain;
            }
            balance.Take(1 + (place * 7 % 4));
        }
    }

    [Fact]
    public void A_candidate_that_the_model_does_not_know_adds_nothing()
    {
        var balance = new CategoryBalance(s_categories, Places);

        Assert.True(balance.Begin([1, 99], [99, 1, 7]));
        balance.Take(0);

        Assert.Equal((0, 0), (balance.Gains[0], balance.Gains[2]));
        Assert.True(balance.Gains[1] > 0);
    }

    [Fact]
    public void A_history_without_categories_wants_nothing() =>
        Assert.False(new CategoryBalance(s_categories, Places).Begin([0, 6], [1]));

    private static double Sum(int[] history, int[] chosen)
    {
        var wanted = Shares(history);
        var listed = Shares(chosen);
        var all = wanted.Values.Sum();
        return wanted.Sum(pair => pair.Value / all * Math.Log(.003 + (listed.GetValueOrDefault(pair.Key) / Places)));
    }

    private static Dictionary<int, double> Shares(int[] items)
    {
        var shares = new Dictionary<int, double>();
        foreach (var item in items)
        {
            foreach (var category in s_categories.Of(item))
            {
                shares[category] = shares.GetValueOrDefault(category) + (1.0 / s_categories.Of(item).Length);
            }
        }
        return shares;
    }
}
