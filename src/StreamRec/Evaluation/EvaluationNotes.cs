using StreamRec.Models;
using StreamRec.Ranking;

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
            .. OfModel(leak),
            .. OfFilter(manifest, eligible),
            .. OfCases(cases, eligible),
            .. OfFallbacks(fallbacks, cases.Cases),
        ];

    public static IEnumerable<string> OfModel(Leak leak)
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
    }

    /// <param name="before">Null: it was not asked.</param>
    public static IEnumerable<string> OfLastButOne(Leak? before)
    {
        if (before is { Verdict: LeakCheck.Yes })
        {
            yield return $"of the users' last events but one the bundle was trained on "
                + $"{before.TrainedOn} of the {before.Checked} that it tells of, which published figures hold out. "
                + "`train --validation-users 10000000` holds them out of all users";
        }
    }

    private static IEnumerable<string> OfFilter(BundleManifest manifest, Eligibility eligible)
    {
        if (eligible.ExcludeSeen != Eligibility.Of(manifest).ExcludeSeen)
        {
            yield return $"the lists judged {(eligible.ExcludeSeen ? "leave seen items out" : "may hold seen items")}, "
                + "and those that a worker writes with this bundle by default do the opposite";
        }
    }

    public static IEnumerable<string> OfCases(CaseSummary cases, Eligibility eligible)
    {
        if (cases.ExcludedTargets > 0)
        {
            yield return $"{cases.ExcludedTargets} of {cases.Cases} targets stand in the user's last {eligible.Kept} "
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
                + "The slices `user new` and `user known` part them";
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

    public static IEnumerable<string> OfDial(IReadOnlyList<float> dials, ItemCategories? categories)
    {
        if (dials.Count > 0 && categories is null)
        {
            yield return "the bundle has no categories: the dial moves likeness and popularity alone, and KL cannot be "
                + "told. `--items FILE` gives them here, and to `train`";
        }
    }
}
