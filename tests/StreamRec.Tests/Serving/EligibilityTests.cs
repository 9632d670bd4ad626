using StreamRec.Hosting.Start;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>What a list may hold: one rule for the worker, training and evaluation.</summary>
public class EligibilityTests
{
    private static readonly BundleManifest Said = new()
    {
        Format = 1,
        ModelId = "m",
        Dimension = 2,
        Window = 4,
        Items = 3,
        Files = new Dictionary<string, string>(),
        ExcludeSeen = false,
        RepeatShare = 0.314,
        Types = ["click"],
    };

    private static readonly BundleManifest Silent = Said with { ExcludeSeen = null, RepeatShare = null, Types = null };

    [Fact]
    public void The_items_of_the_kept_events_are_left_out()
    {
        int[] history = [1, 2, 3, 2];

        Assert.Equal([3, 2], new Eligibility(true, 2).Excluded(history).ToArray());
        Assert.Equal([1, 2, 3, 2], new Eligibility(true, 9).Excluded(history).ToArray());
        Assert.Equal([1, 2, 3], new Eligibility(true, 9).ExcludedOnce(history).Order());
        Assert.Empty(new Eligibility(false, 9).Excluded(history).ToArray());
        Assert.Equal(
            (true, false),
            (new Eligibility(true, 2).Allows(history, 1), new Eligibility(true, 2).Allows(history, 3))
        );
    }

    [Fact]
    public void What_is_asked_for_goes_before_what_the_bundle_says()
    {
        Assert.Equal(new Eligibility(false, 7), Eligibility.Of(Said));
        Assert.Equal(new Eligibility(true, 7), Eligibility.Of(Silent));
        Assert.Equal(new Eligibility(true, 20), Eligibility.Of(Said, excludeSeen: true, kept: 20));
        Assert.Equal(new Eligibility(false, 7), Eligibility.Of(Silent, excludeSeen: false));
    }

    [Fact]
    public void A_worker_that_is_told_otherwise_than_its_bundle_says_so()
    {
        var asTrained = new ServingOptions
        {
            ExcludeSeen = false,
            Types = new HashSet<string> { "click" },
        };

        Assert.Empty(BundleDoubts.Of(Said, asTrained));
        Assert.Empty(BundleDoubts.Of(Silent, new ServingOptions { Types = new HashSet<string> { "view" } }));
        Assert.Contains("31.4 %", Assert.Single(BundleDoubts.Of(Said, asTrained with { ExcludeSeen = true })));
        Assert.Contains(
            "events of all types",
            Assert.Single(BundleDoubts.Of(Said, asTrained with { Types = new HashSet<string>() }))
        );
    }
}
