using StreamRec.Files;

namespace StreamRec.Import;

/// <summary>
/// The file that a command writes: all of it or none. What is written lies beside it as FILE.partial until <see
/// cref="Complete"/>; a symbolic link stays, and the file behind it is written. A pipe, a device or standard output
/// (<c>-</c>) is written straight.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private static readonly string[] s_standardOutput = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

    private readonly string _name;
    private readonly string? _target;
    private readonly string? _partial;
    private readonly Stream _stream;
    private bool _complete;

    /// <param name="input">The file that is being read: it is never written over, whatever its name here.</param>
    /// <exception cref="StreamRecException">It cannot be written, or is the input.</exception>
    public OutputFile(string path, string input, CancellationToken cancel)
    {
        _name = path;
        try
        {
            IsStandardOutput = s_standardOutput.Contains(path);
            if (IsStandardOutput)
            {
                _stream = Console.OpenStandardOutput();
            }
            else if (Directory.Exists(path) || Path.EndsInDirectorySeparator(path))
            {
                throw new StreamRecException($"--output '{path}' is a directory: give a file in it.", FaultKind.Usage);
            }
            else if (FileStatus.Of(path) is { IsRegular: false })
            {
                _stream = Waiting.For(
                    () => new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0),
                    cancel
                );
            }
            else
            {
                // The whole path: what a link says is relative to the link's own directory.
                var full = Path.GetFullPath(path);
                _target = new FileInfo(full).LinkTarget is null
                    ? full
                    : File.ResolveLinkTarget(full, returnFinalTarget: true)!.FullName;
                if (IsSame(_target, input))
                {
                    throw new StreamRecException(
                        $"--output '{path}' is the file that is read ('{input}'): give " + "another.",
                        FaultKind.Usage
                    );
                }
                _partial = _target + ".partial";
                if (IsSame(_partial, input))
                {
                    throw new StreamRecException(
                        $"--output '{path}' is written as '{_partial}' until it is whole, and that is the file that is "
                            + "read: give another.",
                        FaultKind.Usage
                    );
                }
                _stream = Create(_target, _partial);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault(fault, FaultKind.Usage);
        }
        Stream = new BufferedStream(new Told(this), 1 << 16);
    }

    public bool IsStandardOutput { get; }

    /// <summary>Faults of writing come as <see cref="StreamRecException"/>.</summary>
    public Stream Stream { get; }

    /// <summary>All is written: the file takes its name.</summary>
    public void Complete()
    {
        Stream.Flush();
        try
        {
            if (_partial is not null)
            {
                ((FileStream)_stream).Flush(flushToDisk: true);
                _stream.Dispose();
                File.Move(_partial, _target!, overwrite: true);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Fault(fault, FaultKind.Failure);
        }
        _complete = true;
    }

    public void Dispose()
    {
        // Not the buffer: what is in it of an output that failed is not wanted.
        _stream.Dispose();
        if (!_complete && _partial is not null)
        {
            File.Delete(_partial);
        }
    }

    private static FileStream Create(string target, string partial)
    {
        UnixFileMode? mode = null;
        if (File.Exists(target))
        {
            // A file that may not be written is not replaced either.
            using var there = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            mode = OperatingSystem.IsWindows() ? null : File.GetUnixFileMode(target);
        }
        // Nobody else writes it: of two imports into one file the second is refused.
        var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        if (mode is { } kept && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(stream.SafeFileHandle, kept);
        }
        return stream;
    }

    private static bool IsSame(string output, string input)
    {
        var name = input == InputFile.StandardInput ? "/dev/stdin" : input;
        return FileStatus.Of(output) is { } there ? FileStatus.Of(name) == there : Path.GetFullPath(name) == output;
    }

    private StreamRecException Fault(Exception fault, FaultKind kind) =>
        new($"--output '{_name}' cannot be written: {fault.Message.TrimEnd('.')}.", kind);

    private sealed class Told(OutputFile file) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                file._stream.Write(buffer);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw file.Fault(fault, FaultKind.Failure);
            }
        }

        public override void Flush() => file._stream.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
