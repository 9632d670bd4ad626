using System.Globalization;
using StreamRec.Settings;
using StreamRec.Training.Data;
using StreamRec.Training.Newcomers;

namespace StreamRec.Options;

/// <summary>How soon the lists of what is popular forget: what `train` is told, and what it tells.</summary>
/// <param name="Chooses">Whether the data decide.</param>
/// <param name="Given">What was asked for, where they do not; null: nothing is forgotten.</param>
internal sealed record PopularHalfLife(bool Chooses, TimeSpan? Given)
{
    public const string Name = "--popular-half-life",
        Auto = "auto",
        None = "none",
        About =
            "After how long an event counts half for the popular list and those of segments, such as 7d or 12h; "
            + "none: never. auto (default): what the training data's own new users would have been served best by.";

    /// <exception cref="StreamRecException">It is none of these.</exception>
    public static PopularHalfLife Parse(string text) =>
        text switch
        {
            Auto => new(true, null),
            None => new(false, null),
            _ when Duration.TryParse(text, out var half) && half >= TimeSpan.FromMilliseconds(1) => new(false, half),
            _ => throw new StreamRecException(
                $"{Name} is '{text}': give {Auto}, {None}, or a duration such as 14d or 12h.",
                FaultKind.Usage
            ),
        };

    public HalfLifeFit Of(SequenceData data, CancellationToken cancel) =>
        Chooses ? HalfLifeFit.Choose(data, cancel) : HalfLifeFit.Given(data, Given, cancel);

    public string Told(HalfLifeFit fit)
    {
        if (!fit.IsMeasured)
        {
            return fit.HalfLife is { } given
                    ? $"popular list: an event counts half after {Duration.Show(given)}{Warning(fit, given)}"
                : !Chooses ? "popular list: by whole counts"
                : fit.Asked.MadeUp ? "popular list: by whole counts, for the events' times are made up"
                : fit.Asked.Users < 2 ? "popular list: by whole counts, for nobody can be asked by times like these"
                : "popular list: by whole counts, for no half-life from an hour to the time that the events span "
                    + $"leaves it to {Crowd.LeastUsers} users or more";
        }
        var asked = fit.Asked.OfNew ? "who came new in" : "asked in";
        var gain = string.Create(
            CultureInfo.InvariantCulture,
            $"on the first {FirstLists.Events} events of {fit.Asked.Users} users {asked} the newest "
                + $"{Stretches.Share:P0} of the events, NDCG@10 by whole counts {fit.Whole:F4}, by "
                + $"{(fit.Tried.Count > 1 ? "the best of " : "")}"
                + $"{string.Join(", ", fit.Tried.Select(Duration.Show))} {fit.Gain.Mean:+0.0000;-0.0000} "
                + $"(at least {fit.Gain.AtLeast:+0.0000;-0.0000})"
        );
        return fit.HalfLife is { } half
            ? $"popular list: an event counts half after {Duration.Show(half)}{Warning(fit, half)}: {gain}"
            : $"popular list: by whole counts, for that forgetting helps is not sure: {gain}";
    }

    // What was asked for is done, and said where it tells what a few people did.
    private static string Warning(HalfLifeFit fit, TimeSpan half) =>
        fit.Asked.UsersSince(Crowd.SinceMs(fit.Asked.LastMs, half)) is < Crowd.LeastUsers and var users
            ? $" (of {users} users: by it the list shows what few people did)"
            : "";
}
