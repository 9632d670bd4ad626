using System.IO.Compression;
using StreamRec.Evaluation;

namespace StreamRec.Tests.Evaluation;

public sealed class PrefixFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}.gz");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Prefixes_may_be_packed()
    {
        using (var packed = new GZipStream(File.Create(_path), CompressionLevel.Fastest))
        {
            packed.Write("1 2\t3\n"u8);
        }
        var only = Assert.Single(PrefixFile.Read(_path, int.Parse));

        Assert.Equal([1, 2], only.History.ToArray());
        Assert.Equal(3, only.Target);
    }
}
