using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Onnx.Steps;
using StreamRec.Tests.Onnx;
using StreamRec.Training.Export;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Models;

/// <summary>What was hashed is what is used: a file that another takes the place of meanwhile is refused.</summary>
public sealed class VerifiedBytesTests : IDisposable
{
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_graph_that_changed_after_the_bundle_was_loaded_is_not_run()
    {
        var weights = StepBundles.Weights(ModelOptions.LstmAttention);
        var other = StepBundles.Weights(ModelOptions.LstmAttention, seed: 2);
        var bundle = StepBundles.Write(_directory, weights);
        // Both are of another model, which is as good as the one before.
        byte[] encoder = bundle.ReadEncoder();
        File.WriteAllBytes(bundle.StepPath!, StepExport.Write(other));
        RefusedAs(BundleFiles.Step, () => new StepModel(bundle));

        File.WriteAllBytes(bundle.EncoderPath, EncoderExport.Write(other));
        RefusedAs(BundleFiles.Encoder, () => new ServedEncoder(bundle));

        File.WriteAllBytes(bundle.EncoderPath, encoder);
        File.WriteAllBytes(bundle.StepPath!, StepExport.Write(weights));
        new ServedEncoder(bundle).Dispose();
    }

    [Theory]
    [InlineData(BundleFiles.Vectors)]
    [InlineData(BundleFiles.Biases)]
    [InlineData(BundleFiles.Counts)]
    [InlineData(BundleFiles.Popularity)]
    [InlineData(BundleFiles.Items)]
    [InlineData(BundleFiles.Trained)]
    public void A_file_that_changes_while_the_bundle_is_loaded_is_not_used(string name)
    {
        var manifest = BundleWriter.Write(
            _directory,
            new BundleContents
            {
                Dimension = 2,
                Window = 4,
                ItemIds = ["", "a", "b"],
                Vectors = new[] { 0f, 0f, 1f, 2f, 3f, 4f },
                Biases = new[] { 0f, .5f, -.5f },
                Counts = new long[] { 0, 7, 9 },
                Popularity = new[] { 0f, 1.5f, 2f },
                Encoder = new byte[] { 1, 2, 3 },
                Trained = TrainedEvents.Write([("u", "a", 1), ("u", "b", 2)]),
            }
        );
        var files = new BundleReader(_directory, manifest);
        files.VerifyAll();

        // As long as before, and as good.
        string path = files.PathOf(name);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.WriteAllBytes(path, bytes);

        RefusedAs(
            name,
            () =>
                name switch
                {
                    BundleFiles.Vectors => files.Floats(name, 2),
                    BundleFiles.Biases => files.Floats(name, 1),
                    BundleFiles.Counts => files.Counts(),
                    BundleFiles.Popularity => files.Popularity(),
                    BundleFiles.Items => files.ItemIds(),
                    _ => files.Trained(),
                }
        );
    }

    private static void RefusedAs(string name, Func<object> use)
    {
        var fault = Assert.Throws<StreamRecException>(use);
        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains($"{name}: its SHA-256 is not the one in the manifest", fault.Message);
    }
}
