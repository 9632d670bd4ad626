using System.IO.Compression;
using System.IO.Pipes;
using System.Text;
using StreamRec.Files;

namespace StreamRec.Tests.Files;

public sealed class InputFileTests : IDisposable
{
    private static readonly byte[] s_text = System.Text.Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Range(0, 30_000).Select(i => $"{i * 7919 % 10007},ü\n"))
    );

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-input-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Gzip_of_one_member_or_several_is_unpacked()
    {
        Assert.Equal(s_text, Read(Write(Gzip(s_text))));
        Assert.Equal([.. s_text, .. s_text], Read(Write([.. Gzip(s_text), .. Gzip(s_text)])));
        Assert.Empty(Read(Write(Gzip([]))));
    }

    [Fact]
    public void Gzip_that_is_cut_short_anywhere_or_damaged_is_no_end()
    {
        var packed = Gzip(s_text);
        foreach (
            var length in new[] { packed.Length - 1, packed.Length - 8, packed.Length - 9, packed.Length / 2, 12, 9 }
        )
        {
            Assert.Contains(
                "cut short",
                Assert.Throws<StreamRecException>(() => Read(Write(packed[..length]))).Message
            );
        }
        packed[packed.Length / 2] ^= 0x55;
        Assert.Equal(FaultKind.Input, Assert.Throws<StreamRecException>(() => Read(Write(packed))).Kind);
    }

    [Fact]
    public void Gzip_with_other_bytes_behind_it_is_told_as_that() =>
        Assert.Contains(
            "followed by other bytes",
            Assert.Throws<StreamRecException>(() => Read(Write([.. Gzip(s_text), .. "trailer"u8]))).Message
        );

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void Utf16_with_its_mark_becomes_utf8(string name)
    {
        var encoding = System.Text.Encoding.GetEncoding(name);

        Assert.Equal(
            [.. "\uFEFF"u8, .. s_text],
            Read(Write([.. encoding.GetPreamble(), .. encoding.GetBytes(System.Text.Encoding.UTF8.GetString(s_text))]))
        );
    }

    [Fact]
    public void Utf16_without_its_mark_is_named()
    {
        Assert.Contains("UTF-16", Refusal(System.Text.Encoding.Unicode.GetBytes("user,item\n")));
        Assert.Contains("UTF-16BE", Refusal(System.Text.Encoding.BigEndianUnicode.GetBytes("user,item\n")));
    }

    [Theory]
    [InlineData("PK\u0003\u0004\u0014\0\0\0[Content_Types].xml", "Excel")]
    [InlineData("PK\u0003\u0004\u0014\0\0\0a.csv", "unzip -p")]
    [InlineData("PAR1\u0015\u0004", "Parquet")]
    [InlineData("BZh91AY&SY", "bzip2")]
    [InlineData("ORC\u000a\u0003\0", "ORC")]
    [InlineData("SQLite format 3\0", "SQLite")]
    [InlineData("abc\0def\0", "NUL")]
    public void What_is_no_text_is_refused_as_what_it_is(string head, string named)
    {
        Assert.Contains(named, Refusal(System.Text.Encoding.Latin1.GetBytes(head)));
        Assert.Contains(named, Refusal(Gzip(System.Text.Encoding.Latin1.GetBytes(head))));
    }

    [Theory]
    [InlineData("ORCID,item,ts\n")]
    [InlineData("PAR1 PAR2 ü\n")]
    [InlineData("BZh-7,a\r\n")]
    public void Text_that_begins_as_another_kind_of_file_does_is_text(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);

        Assert.Equal(bytes, Read(Write(bytes)));
    }

    [Fact]
    public void A_directory_and_a_file_that_is_not_there_are_told()
    {
        Assert.Contains(
            "directory",
            Assert.Throws<StreamRecException>(() => InputFile.Open(_directory.FullName)).Message
        );
        Assert.Contains(
            "no such file",
            Assert.Throws<StreamRecException>(() => InputFile.Open("no-such-file")).Message
        );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pipe_gives_the_same_as_a_file(bool packed)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var writing = Task.Run(() =>
        {
            using (pipe)
            {
                pipe.Write(packed ? Gzip(s_text) : s_text);
            }
        });

        var read = Read($"/dev/fd/{pipe.GetClientHandleAsString()}", pipe.DisposeLocalCopyOfClientHandle);

        await writing;
        Assert.Equal(s_text, read);
    }

    [Fact]
    public void A_wait_for_a_pipe_ends_with_its_token()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using var cancel = new CancellationTokenSource();
        pipe.Write("12345678"u8);
        using var file = InputFile.Open($"/dev/fd/{pipe.GetClientHandleAsString()}", cancel.Token);
        Assert.Equal(8, file.Stream.Read(new byte[100]));

        var waiting = Task.Run(() => file.Stream.Read(new byte[100]));
        cancel.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => waiting.GetAwaiter().GetResult());
        pipe.Write("x"u8);
    }

    private string Refusal(byte[] bytes) =>
        Assert.Throws<StreamRecException>(() => InputFile.Open(Write(bytes))).Message;

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_directory.FullName, "file");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Read(string path, Action? opened = null)
    {
        using var file = InputFile.Open(path);
        opened?.Invoke();
        using var all = new MemoryStream();
        file.Stream.CopyTo(all);
        return all.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }
}
