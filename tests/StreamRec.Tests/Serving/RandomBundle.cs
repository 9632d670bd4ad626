using StreamRec.Models;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Serving;

/// <summary>A bundle with random weights, in a directory of its own.</summary>
internal sealed class RandomBundle : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    /// <param name="categories">Of an item; null: the bundle has none.</param>
    public RandomBundle(
        int window,
        int items = 50,
        int dimension = 16,
        int seed = 3,
        Func<int, string[]>? categories = null,
        params SegmentItems[] segments
    )
    {
        BundleWriter.Write(
            _directory,
            MeasuringModel.Random(items, dimension, window, 1, seed).ToContents() with
            {
                Segments = segments,
                Categories = categories is null
                    ? null
                    :
                    [
                        [],
                        .. Enumerable.Range(1, items).Select(categories),
                    ],
            }
        );
        Bundle = Bundle.Load(_directory);
    }

    public Bundle Bundle { get; }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
