using StreamRec.Training.Segments;

namespace StreamRec.Evaluation;

/// <summary>What users who came after the cut are shown, by what is known of them beside their events.</summary>
/// <param name="Users">Of those who came new, how many are judged: at most 2,000, evenly chosen.</param>
/// <param name="Validated">
/// Kinds of segments, judged on users of the training part alone; <paramref name="Chosen"/> is the best of them.
/// </param>
/// <param name="Chosen">The kind that gains most on training users; null: none does.</param>
/// <param name="FirstLists">The list of a user without events, against the user's first events.</param>
/// <param name="Curve">What a user of so many events is shown.</param>
internal sealed record NewUserReport(
    int Users,
    IReadOnlyList<SegmentKind> Validated,
    string? Chosen,
    IReadOnlyList<NewUserRow> FirstLists,
    IReadOnlyList<NewUserRow> Curve
)
{
    /// <summary>In which an event comes to count half for the lists that serve; null: it never does.</summary>
    public TimeSpan? HalfLife { get; init; }

    /// <summary>Against how many first events the first list is held.</summary>
    public static readonly IReadOnlyList<int> FirstEvents = [1, 5, 10, 20];

    /// <summary>From how many events on a user stands in a column of the curve; before the last there is none
    /// more.</summary>
    public static readonly IReadOnlyList<int> EventsSoFar = [1, 2, 3, 5, 10, 20, 50];
}

/// <summary>NDCG@10 of one way to make lists, in the columns of its table.</summary>
internal sealed record NewUserRow(string Name, IReadOnlyList<MeanOfUsers> Figures);

/// <summary>A mean with its standard error, users being independent draws.</summary>
/// <param name="Cases">Of how many events; their users count alike where <paramref name="Cases"/> is the number of
/// users.</param>
internal readonly record struct MeanOfUsers(int Cases, double Mean, double StandardError)
{
    /// <param name="values">One for each case.</param>
    /// <param name="users">Whose case each is.</param>
    public static MeanOfUsers Of(IReadOnlyList<double> values, IReadOnlyList<int> users)
    {
        if (values.Count == 0)
        {
            return new(0, double.NaN, double.NaN);
        }
        var mean = values.Average();
        var sums = values
            .Zip(users)
            .GroupBy(pair => pair.Second)
            .Select(own => own.Sum(pair => pair.First - mean))
            .ToArray();
        double n = sums.Length;
        return new(values.Count, mean, Math.Sqrt(n / (n - 1) * sums.Sum(sum => sum * sum)) / values.Count);
    }
}
