namespace StreamRec.Evaluation;

/// <summary>
/// The model's list and that of the user's segment as one: by w/(10 + place) + (1 − w)/(10 + place), where the model's
/// weight w = n/(n + c) depends on the number n of events alone.
/// </summary>
internal static class EarlyBlend
{
    /// <summary>Of each list so many are looked at.</summary>
    public const int Candidates = 100;

    private const int ListLength = 10;
    private const double Damping = 10,
        Normal95 = 1.96;

    // The first is the model alone.
    private static readonly double[] s_halves = [0, 0.25, 0.5, 1, 2, 4, 8, 16, 32, double.PositiveInfinity];

    /// <summary>
    /// Lists of 10. c is chosen for each half of the users, every other one, by what it surely gains on the other half,
    /// by the lower end of a paired 95 % interval; where nothing does, the list is the model's.
    /// </summary>
    public static int[][] CrossFitted(
        IReadOnlyList<RankingCase> cases,
        IReadOnlyList<int[]> model,
        IReadOnlyList<int[]> segment,
        IReadOnlyList<int> users
    )
    {
        var odd = users.Where((_, at) => at % 2 == 1).ToHashSet();
        var byHalf = s_halves
            .Select(half =>
                Enumerable
                    .Range(0, cases.Count)
                    .Select(at => Of(model[at], segment[at], Weight(cases[at].History.Length, half)))
                    .ToArray()
            )
            .ToArray();
        int Best(bool fitOdd)
        {
            int[] own = [.. Enumerable.Range(0, cases.Count).Where(at => odd.Contains(cases[at].User) == fitOdd)];
            int[] usersOf = [.. own.Select(at => cases[at].User)];
            return Enumerable
                .Range(0, byHalf.Length)
                .Select(half =>
                    (
                        half,
                        Gain: MeanOfUsers.Of(
                            [.. own.Select(at => GainOf(byHalf[half][at], at) - GainOf(byHalf[0][at], at))],
                            usersOf
                        )
                    )
                )
                .Where(blend => blend.Gain.Mean - (Normal95 * blend.Gain.StandardError) > 0)
                .OrderByDescending(blend => blend.Gain.Mean)
                .Select(blend => blend.half)
                .FirstOrDefault();
        }
        double GainOf(int[] list, int at) => NewUserEvaluation.Gain(Array.IndexOf(list, cases[at].Target));
        var (ofOdd, ofEven) = (Best(fitOdd: false), Best(fitOdd: true));
        return [.. cases.Select((asked, at) => byHalf[odd.Contains(asked.User) ? ofOdd : ofEven][at])];
    }

    private static double Weight(int events, double half) =>
        double.IsPositiveInfinity(half) ? 0 : events / (events + half);

    private static int[] Of(int[] model, int[] segment, double weight)
    {
        var scores = new Dictionary<int, double>();
        Add(model, weight);
        Add(segment, 1 - weight);
        return [.. scores.OrderByDescending(pair => pair.Value).Select(pair => pair.Key).Take(ListLength)];

        void Add(int[] list, double share)
        {
            for (var place = 0; place < list.Length; place++)
            {
                scores[list[place]] = scores.GetValueOrDefault(list[place]) + (share / (Damping + place));
            }
        }
    }
}
