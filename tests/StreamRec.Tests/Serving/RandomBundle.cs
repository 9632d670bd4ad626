using StreamRec.Models;
using StreamRec.Training.Runs;

namespace StreamRec.Tests.Serving;

/// <summary>A bundle with random weights, in a directory of its own.</summary>
internal sealed class RandomBundle : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public RandomBundle(int window, int items = 50, int dimension = 16, int seed = 3, params SegmentItems[] segments)
    {
        BundleWriter.Write(
            _directory,
            MeasuringModel.Random(items, dimension, window, 1, seed).ToContents() with
            {
                Segments = segments,
            }
        );
        Bundle = Bundle.Load(_directory);
    }

    public Bundle Bundle { get; }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
