using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Tests.Training;
using StreamRec.Training.Data;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Evaluation;

public sealed class LeakCheckTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("streamrec-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Of two clicks at the same moment one was trained on and one is asked for.</summary>
    [Fact]
    public void A_double_click_is_no_leak()
    {
        ClickEvent[] once =
        [
            .. SmallData
                .Chain()
                .All()
                .Select(
                    (click, at) => new ClickEvent($"{at:000000}", click.UserId, click.ItemId, "click", click.TimeMs)
                ),
        ];
        var again = once.GroupBy(click => click.UserId)
            .Where((_, user) => user % 2 == 0)
            .Select(user => user.MaxBy(click => click.TimeMs) with { EventId = $"again-{user.Key}" });
        SequenceData twice = SequenceData.From(once.Concat(again));
        string path = Path.Combine(_directory, "bundle");
        Trainer
            .Train(
                twice.WithPrefixes(Splits.LeaveOneOut(twice.Sequences).Training),
                SmallData.Options() with
                {
                    Epochs = 1,
                }
            )
            .WriteBundle(path);

        var report = new BundleEvaluation(Bundle.Load(path), new Eligibility(ExcludeSeen: false, Kept: 23)).LeaveOneOut(
            twice
        );

        Assert.Equal(LeakCheck.No, report.Leak.Verdict);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10_000, 1)]
    public void It_is_told_of_how_many_users_the_last_event_but_one_was_held_out(int validationUsers, double share)
    {
        SequenceData data = SmallData.Chain();
        string path = Path.Combine(_directory, "bundle");
        Trainer
            .Train(
                data.WithPrefixes(Splits.LeaveOneOut(data.Sequences).Training),
                SmallData.Options() with
                {
                    Epochs = 1,
                    ValidationUsers = validationUsers,
                }
            )
            .WriteBundle(path);

        var report = new BundleEvaluation(Bundle.Load(path), new Eligibility(ExcludeSeen: false, Kept: 23)).LeaveOneOut(
            data
        );

        Assert.Equal(share, report.HeldOut);
        Assert.Equal(LeakCheck.No, report.Leak.Verdict);
        Assert.Equal(
            share < 1,
            report.Notes.Any(note => note.Contains("--validation-users", StringComparison.Ordinal))
        );
    }
}
