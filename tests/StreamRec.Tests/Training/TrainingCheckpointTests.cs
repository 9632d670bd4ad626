using StreamRec.Events;
using StreamRec.Training.Data;
using StreamRec.Training.Options;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Training;

/// <summary>
/// A training that was stopped goes on from its checkpoint as if it had not been; whatever else the file is, is
/// left alone.
/// </summary>
public sealed class TrainingCheckpointTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-");

    private string Checkpoint => Path.Combine(_directory.FullName, "checkpoint");

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>
    /// The loss of a batch of easy users is far below the first one's: what comes after it looks like a divergence
    /// beside it.
    /// </summary>
    [Fact]
    public void A_resumed_training_takes_for_divergence_what_the_whole_one_does()
    {
        var data = EasyAndHard();
        var options = SmallData.Options() with
        {
            Window = 40,
            BatchPositions = 64,
            Epochs = 10,
            Patience = 0,
            LabelSmoothing = 0,
            ValidationUsers = 4,
            Shards = 1,
        };
        float[] whole = Trainer.Train(data, options).ToContents().Vectors.ToArray();
        for (int killed = 4; killed < 10; killed++)
        {
            using var cancel = new CancellationTokenSource();
            int last = killed;
            Assert.ThrowsAny<OperationCanceledException>(() =>
                Trainer.Train(data, options, new Each(epoch => Cancel(cancel, epoch == last)), cancel.Token, Checkpoint)
            );

            Assert.Equal(whole, Trainer.Train(data, options, checkpoint: Checkpoint).ToContents().Vectors.ToArray());
            File.Delete(Checkpoint);
        }
    }

    [Fact]
    public void A_checkpoint_of_an_older_version_is_told_as_that()
    {
        File.WriteAllBytes(Checkpoint, [(byte)'S', (byte)'C', (byte)'K', (byte)'1', .. new byte[100]]);

        Assert.Contains("another version", Refused(Checkpoint).Message);
        Assert.True(File.Exists(Checkpoint));
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_left_alone()
    {
        File.WriteAllText(Checkpoint, "{\"event_id\":\"a\"}\n");

        Assert.Contains("no checkpoint", Refused(Checkpoint).Message);
        Assert.Equal("{\"event_id\":\"a\"}\n", File.ReadAllText(Checkpoint));
    }

    [Fact]
    public void A_place_where_none_can_be_written_is_told_before_training()
    {
        string nowhere = Path.Combine(_directory.FullName, "no", "checkpoint");

        Assert.Contains(nowhere, Refused(nowhere).Message);
        Assert.Contains(_directory.FullName, Refused(_directory.FullName).Message);
    }

    [Fact]
    public void An_empty_file_is_a_start()
    {
        File.WriteAllText(Checkpoint, "");

        Assert.True(
            Trainer
                .Train(SmallData.Chain(), SmallData.Options() with { Epochs = 1 }, checkpoint: Checkpoint)
                .Report.Steps > 0
        );
    }

    /// <summary>Hours of training are not lost to a disk that is full when the bundle is written.</summary>
    [Fact]
    public void A_checkpoint_is_kept_until_the_bundle_is_written()
    {
        string bundle = Path.Combine(_directory.FullName, "bundle");
        File.WriteAllText(bundle, "in the way");
        TrainedModel Train() =>
            Trainer.Train(SmallData.Chain(), SmallData.Options() with { Epochs = 1 }, checkpoint: Checkpoint);
        var trained = Train();

        Assert.ThrowsAny<Exception>(() => trained.WriteBundle(bundle));
        File.Delete(bundle);
        Assert.Equal(trained.ToContents().Vectors.ToArray(), Train().ToContents().Vectors.ToArray());
        trained.WriteBundle(bundle);

        Assert.False(File.Exists(Checkpoint));
    }

    private static StreamRecException Refused(string checkpoint) =>
        Assert.Throws<StreamRecException>(() =>
            Trainer.Train(
                SmallData.Chain(),
                SmallData.Options(),
                new Each(_ => throw new InvalidOperationException("It trained.")),
                checkpoint: checkpoint
            )
        );

    private static void Cancel(CancellationTokenSource source, bool now)
    {
        if (now)
        {
            source.Cancel();
        }
    }

    /// <summary>Users of 66 events: most of them stay at one item, some jump about; a batch is one of them.</summary>
    private static SequenceData EasyAndHard()
    {
        var random = new Random(3);
        return SequenceData.From(
            Enumerable
                .Range(0, 16)
                .SelectMany(user =>
                    Enumerable
                        .Range(0, 66)
                        .Select(at => new ClickEvent(
                            $"{at:00}",
                            $"u{user:00}",
                            user % 4 == 0 ? $"i{random.Next(40):00}" : $"i{user:00}",
                            "click",
                            1000L * at
                        ))
                )
        );
    }

    private sealed class Each(Action<int> epoch) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => epoch(value.Epoch);
    }
}
