using System.Text;

namespace StreamRec.Files;

/// <summary>
/// A file that is read once, from its beginning to its end: a regular file, a pipe, or <c>-</c> for standard input.
/// gzip is unpacked on the way, UTF-16 with a byte order mark becomes UTF-8; what holds no text is refused as what it
/// is.
/// </summary>
public sealed class InputFile : IDisposable
{
    /// <summary>The name of standard input.</summary>
    public const string StandardInput = "-";

    private readonly Source _source;
    private readonly HeadedStream _text;

    private InputFile(string name, Source source, HeadedStream text)
    {
        (Name, _source, _text) = (name, source, text);
        Stream = new Told(text, name);
    }

    /// <summary>As it was given.</summary>
    public string Name { get; }

    /// <summary>The text. Faults of reading come as <see cref="StreamRecException"/>.</summary>
    public Stream Stream { get; }

    /// <summary>The text's first bytes, up to 1 KiB.</summary>
    public ReadOnlySpan<byte> Head => _text.Head;

    /// <summary>How much has been read, 0–1; null where nobody knows how much there is.</summary>
    public double? Share => _source.Size is { } size and > 0 ? Math.Min(1, (double)_source.BytesRead / size) : null;

    /// <exception cref="StreamRecException">It is not there, cannot be opened, or is no text.</exception>
    public static InputFile Open(string path, CancellationToken cancel = default)
    {
        try
        {
            var source = new Source(Waiting.For(() => Raw(path), cancel), cancel);
            // Whoever pipes events in one by one is answered at once.
            var text = new HeadedStream(source, source.Size is null ? 8 : 1);
            if (text.Head.StartsWith<byte>([0x1F, 0x8B]))
            {
                text = new HeadedStream(new GzipStream(text));
            }
            if (Utf16(text.Head) is { } encoding)
            {
                text = new HeadedStream(
                    System.Text.Encoding.CreateTranscodingStream(text, encoding, System.Text.Encoding.UTF8)
                );
            }
            return FileKinds.Refused(text.Head) is { } what
                ? throw new StreamRecException($"'{path}' is {what}.", FaultKind.Input)
                : new InputFile(path, source, text);
        }
        catch (Exception fault) when (Fault(path, fault) is { } told)
        {
            throw told;
        }
    }

    public void Dispose() => Stream.Dispose();

    private static Stream Raw(string path) =>
        path switch
        {
            StandardInput => Console.OpenStandardInput(),
            _ when Directory.Exists(path) => throw new IOException("it is a directory"),
            // In large pieces: those who read have buffers of their own.
            _ => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan),
        };

    /// <summary>UTF-32 begins as UTF-16 does, and is left to be refused.</summary>
    private static UnicodeEncoding? Utf16(ReadOnlySpan<byte> head) =>
        head.StartsWith<byte>([0xFF, 0xFE]) && !head.StartsWith<byte>([0xFF, 0xFE, 0, 0])
            ? new UnicodeEncoding(false, true, true)
        : head.StartsWith<byte>([0xFE, 0xFF]) ? new UnicodeEncoding(true, true, true)
        : null;

    private static StreamRecException? Fault(string path, Exception fault) =>
        fault switch
        {
            FileNotFoundException or DirectoryNotFoundException => new(
                $"'{path}' cannot be read: there is no such " + "file.",
                FaultKind.Input
            ),
            IOException or UnauthorizedAccessException => new(
                $"'{path}' cannot be read: " + $"{fault.Message.TrimEnd('.')}.",
                FaultKind.Input
            ),
            InvalidDataException => new(
                $"'{path}' is gzip that is damaged, cut short, or followed by other bytes: "
                    + "it cannot be read to its end. `gzip -t` says which it is.",
                FaultKind.Input
            ),
            DecoderFallbackException => new(
                $"'{path}' begins as UTF-16, but holds bytes that are not.",
                FaultKind.Input
            ),
            _ => null,
        };

    /// <summary>The bytes as they lie there, counted.</summary>
    private sealed class Source : ReadStream
    {
        private readonly Stream _raw;
        private readonly CancellationToken _cancel;
        private readonly byte[] _waited;

        public Source(Stream raw, CancellationToken cancel)
        {
            (_raw, _cancel) = (raw, cancel);
            Size = raw.CanSeek ? raw.Length : null;
            _waited = Size is null ? new byte[1 << 16] : [];
        }

        public long? Size { get; }

        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var read = Size is null ? ReadWaiting(buffer) : _raw.Read(buffer);
            BytesRead += read;
            return read;
        }

        private int ReadWaiting(Span<byte> buffer)
        {
            var most = Math.Min(buffer.Length, _waited.Length);
            var read = Waiting.For(() => _raw.Read(_waited, 0, most), _cancel);
            _waited.AsSpan(0, read).CopyTo(buffer);
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            _raw.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Names the file in what goes wrong.</summary>
    private sealed class Told(Stream text, string name) : ReadStream
    {
        public override int Read(Span<byte> buffer)
        {
            try
            {
                return text.Read(buffer);
            }
            catch (Exception fault) when (Fault(name, fault) is { } told)
            {
                throw told;
            }
        }

        protected override void Dispose(bool disposing)
        {
            text.Dispose();
            base.Dispose(disposing);
        }
    }
}
