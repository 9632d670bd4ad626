using System.Globalization;
using StreamRec.Catalogue;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Training.Runs;

namespace StreamRec.Evaluation;

/// <summary>What makes figures mean something else than one would think, a sentence each.</summary>
internal static class EvaluationNotes
{
    public static IEnumerable<string> Of(
        BundleManifest manifest,
        CaseSummary cases,
        Leak leak,
        Eligibility eligible,
        int fallbacks
    ) =>
        [
            .. OfModel(manifest, leak),
            .. OfFilter(manifest, eligible),
            .. OfCases(cases, eligible),
            .. OfFallbacks(fallbacks, cases.Cases),
        ];

    /// <summary>
    /// Of the users that a bundle was trained on, the share whose last event its encoder did not learn from; null: not
    /// known.
    /// </summary>
    public static double? HeldOut(BundleManifest manifest) =>
        manifest.Quality.TryGetValue(TrainingReport.HeldOutName, out var share) ? share : null;

    public static IEnumerable<string> OfModel(BundleManifest manifest, Leak leak)
    {
        if (leak.Verdict == LeakCheck.Yes)
        {
            yield return "LEAK: the bundle was trained on what is asked, so the model's figures are too good: "
                + $"{leak.Why}. "
                + "Train with the `--split` that is judged, on the same events, and judge that bundle";
        }
        else if (leak.Verdict == LeakCheck.Unknown && leak != LeakCheck.Questions)
        {
            yield return $"it is not known whether the bundle was trained on what is asked: {leak.Why}";
        }
        if (HeldOut(manifest) is < 1 and var share)
        {
            yield return "training held the last event out of "
                + share.ToString("P0", CultureInfo.InvariantCulture)
                + " of its users, and learnt from the others'; "
                + "published figures hold it out of all: `train --validation-users 10000000`";
        }
        if (manifest.Reranker is not null)
        {
            yield return "the re-ranker was fitted on last events that training held out of the encoder";
        }
    }

    private static IEnumerable<string> OfFilter(BundleManifest manifest, Eligibility eligible)
    {
        var (judged, asServed) = (eligible.ExcludeSeen, Eligibility.Of(manifest).ExcludeSeen);
        if (judged.Excludes != asServed.Excludes)
        {
            yield return $"the lists judged {(judged.Excludes ? "leave seen items out" : "may hold seen items")}, "
                + "and those that a worker writes with this bundle by default do the opposite";
        }
        else if (judged != asServed)
        {
            yield return $"the lists judged leave out the items of a user's last {eligible.Seen} events alone, "
                + "and those that a worker writes with this bundle by default those of all that are kept";
        }
    }

    public static IEnumerable<string> OfCases(CaseSummary cases, Eligibility eligible)
    {
        if (cases.ExcludedTargets > 0)
        {
            yield return $"{cases.ExcludedTargets} of {cases.Cases} targets stand in the user's last {eligible.Seen} "
                + "events, which the lists leave out: they are misses for every ranker. "
                + "`--filter-seen false` judges lists that may hold them";
        }
        if (cases.UnknownTargets > 0)
        {
            yield return $"{cases.UnknownTargets} of {cases.Cases} targets are items that no ranker was trained on: "
                + "misses for every ranker";
        }
        if (cases.NewUsers > cases.Cases / 2)
        {
            yield return $"{cases.NewUsers} of {cases.Cases} cases are of users without an event before the cut: "
                + "the figures are mostly about new users. "
                + "The slices `user new` and `user known` of `evaluate` part them";
        }
    }

    public static IEnumerable<string> OfFallbacks(int fallbacks, int cases)
    {
        if (fallbacks > 0)
        {
            yield return $"in {fallbacks} of {cases} cases the model knows no item of the history, "
                + "or has no usable vector for it, and the popular list is judged";
        }
    }

    /// <param name="catalogue">Null: none was read.</param>
    public static IEnumerable<string> OfRules(Bundle bundle, CatalogueView? catalogue)
    {
        if (
            catalogue is not null
            && bundle.ItemIds.Skip(1).Count(catalogue.Eligible.IsWithdrawn) is > 0 and var missing
        )
        {
            yield return $"{missing} of the bundle's {bundle.Manifest.Items} items are not in the file of items, "
                + "or not available there: with `model+rules` they are on no list, as in a worker that follows it";
        }
    }

    public static IEnumerable<string> OfDial(IReadOnlyList<float> dials, ItemCategories? categories)
    {
        if (dials.Count > 0 && categories is null)
        {
            yield return "the bundle has no categories: the dial moves likeness and popularity alone, and KL cannot be "
                + "told. `--items FILE` gives them here, and to `train`";
        }
    }
}
