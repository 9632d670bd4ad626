using StreamRec.Evaluation;
using StreamRec.Models;

namespace StreamRec.Tests.Evaluation;

public class ListVarietyTests
{
    private static readonly float[][] s_vectors =
    [
        [],
        [1, 0],
        [0, 1],
        [1, 0],
        [0, 1],
    ];
    private static readonly ItemStatistics s_catalogue = new([0, 8, 4, 2, 2], item => s_vectors[item]);
    private static readonly ItemCategories s_categories = new([
        [],
        ["a"],
        ["b"],
        ["a", "b"],
        [],
    ]);

    [Fact]
    public void Figures_are_what_their_names_say()
    {
        var variety = new ListVariety(s_catalogue, s_categories);
        variety.Add([1, 1, 1, 2], [1, 2]);
        variety.Add([2], [1, 3]);

        var figures = variety.Figures()!;

        // Cosines 0 and 1; three of four items; 8, 4, 8 and 2 of 16 events.
        Assert.Equal(.5, figures.Distance!.Value, 1e-9);
        Assert.Equal(.75, figures.Coverage);
        Assert.Equal((1 + 2 + 1 + 3) / 4.0, figures.Novelty!.Value, 1e-9);
        // Listed 0, 1, 1 and 2 times: (−3·0 − 1·1 + 1·1 + 3·2)/(4·4).
        Assert.Equal(6 / 16.0, figures.Gini, 1e-9);
        var first = .75 * Math.Log(.75 / ((.99 * .5) + .0075)) + .25 * Math.Log(.25 / ((.99 * .5) + .0025));
        var second = Math.Log(1 / ((.99 * .25) + .01));
        Assert.Equal((first + second) / 2, figures.Divergence!.Value, 1e-9);
    }

    [Fact]
    public void What_is_not_known_is_not_told()
    {
        var variety = new ListVariety(new ItemStatistics([0, 0], _ => default), null);
        Assert.Null(variety.Figures());
        variety.Add([1], [1]);

        Assert.Equal(new VarietyFigures(null, 1, 0, null, null), variety.Figures());
    }
}
