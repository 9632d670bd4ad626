using System.Runtime.InteropServices;
using System.Text;
using Spectre.Console;

namespace StreamRec.Terminal;

/// <summary>
/// What the process prints: UTF-8 whatever the locale, whole lines where it is no terminal, and a reader that went away
/// is noticed, which the runtime's own console keeps to itself.
/// </summary>
internal static partial class StandardOutput
{
    /// <summary>Wider than any table: nothing is cut for a width that a file does not have.</summary>
    private const int NoWidth = 10_000;

    private static Action s_readerLeft = () => { };

    /// <summary>Whether what was printed last could not arrive, since its reader has closed the pipe.</summary>
    public static bool ReaderLeft { get; private set; }

    /// <param name="readerLeft">Called once, when the reader of this process's output has gone.</param>
    public static void Open(Action readerLeft)
    {
        s_readerLeft = readerLeft;
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        if (!Console.IsOutputRedirected)
        {
            return;
        }
        if (!OperatingSystem.IsWindows())
        {
            Console.SetOut(new StreamWriter(new Descriptor(), utf8) { AutoFlush = true });
        }
        AnsiConsole.Console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Interactive = InteractionSupport.No,
                Out = new AnsiConsoleOutput(Console.Out),
                Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            }
        );
        AnsiConsole.Profile.Width = NoWidth;
    }

    private static void TellReaderLeft()
    {
        if (!ReaderLeft)
        {
            ReaderLeft = true;
            s_readerLeft();
        }
    }

    /// <summary>
    /// File descriptor 1. A FileStream would write at a place of its own where output and errors share a file.
    /// </summary>
    private sealed partial class Descriptor : Stream
    {
        private const int Output = 1,
            Interrupted = 4,
            BrokenPipe = 32,
            Milliseconds = 100;
        private const short Writable = 4;

        /// <summary>EAGAIN of Linux and of macOS: whoever shares the pipe has made it non-blocking.</summary>
        private static readonly int[] s_later = [11, 35];

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

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var written = WriteSome(Output, bytes, bytes.Length);
                if (written >= 0)
                {
                    bytes = bytes[(int)written..];
                    continue;
                }
                var error = Marshal.GetLastPInvokeError();
                if (s_later.Contains(error))
                {
                    var wanted = new Polled { Descriptor = Output, Events = Writable };
                    _ = Poll(ref wanted, 1, Milliseconds);
                }
                else if (error != Interrupted)
                {
                    if (error == BrokenPipe)
                    {
                        TellReaderLeft();
                    }
                    throw new IOException(
                        $"What is printed cannot be written: {Marshal.GetPInvokeErrorMessage(error)}."
                    );
                }
            }
        }

        public override void Flush() { }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
        private static partial nint WriteSome(int descriptor, ReadOnlySpan<byte> bytes, nint count);

        [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
        private static partial int Poll(ref Polled polled, nuint count, int milliseconds);

        [StructLayout(LayoutKind.Sequential)]
        private struct Polled
        {
            public int Descriptor;
            public short Events;
            public short Found;
        }
    }
}
