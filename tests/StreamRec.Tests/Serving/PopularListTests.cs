using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Serving;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Serving;

/// <summary>What a worker writes for users without a list.</summary>
public sealed class PopularListTests : IDisposable
{
    private static readonly ServingOptions s_options = new() { ListSize = 4 };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_bundle_that_forgets_orders_the_lists_by_what_it_did_not_forget()
    {
        // Of what is forgotten the one that was there more often comes first.
        var bundle = Write(new long[] { 0, 9, 10, 8, 7, 6 }, new[] { 0f, 0, 0, 1.5f, 0, 4 });

        var (all, segment) = Lists(bundle);

        Assert.Equal(Ids(bundle, 5, 3, 2, 1), all.Items);
        Assert.Equal([4, 1.5f, 0, 0], all.Scores);
        Assert.Equal(Ids(bundle, 2, 5, 3, 1), segment.Items);
        Assert.Equal([9, 2, .75f, 0], segment.Scores);
    }

    [Fact]
    public void A_bundle_that_does_not_orders_them_by_its_counts()
    {
        var bundle = Write(new long[] { 0, 10, 9, 8, 7, 6 }, default);

        var (all, segment) = Lists(bundle);

        Assert.Equal(Ids(bundle, 1, 2, 3, 4), all.Items);
        Assert.Equal([10, 9, 8, 7f], all.Scores);
        Assert.Equal(Ids(bundle, 2, 1, 3, 4), segment.Items);
        Assert.Equal([9, 5, 4, 3.5f], segment.Scores);
    }

    private static string[] Ids(Bundle bundle, params int[] items) => Array.ConvertAll(items, at => bundle.ItemIds[at]);

    private static (PublishedList All, PublishedList Segment) Lists(Bundle bundle)
    {
        using var models = TestEncoders.Live(bundle, s_options);
        var made = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1).Popular();
        return (PublishedList.Parse(made.All), PublishedList.Parse(Assert.Single(made.Segments).List));
    }

    private Bundle Write(long[] counts, float[]? popularity)
    {
        var path = Path.Combine(_directory.FullName, "model");
        BundleWriter.Write(
            path,
            MeasuringModel.Random(5, 16, 4, 1, 3).ToContents() with
            {
                Counts = counts,
                Popularity = popularity,
                Segments = [new("age:25-34", 60, 700, .5f, [2], [9])],
            }
        );
        return Bundle.Load(path);
    }
}
