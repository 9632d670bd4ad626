using System.CommandLine;
using System.ComponentModel;
using StreamRec.Terminal;

namespace StreamRec.Commands;

/// <summary>Runs the chosen command, and turns faults into one message and a documented exit code.</summary>
internal static class CommandRunner
{
    /// <summary>After a signal a command has so long to end by itself: longer than the worker's drain.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(45);

    /// <summary>
    /// 128 and SIGPIPE's number: whoever read what was printed has gone, as in `streamrec … | head -1`.
    /// </summary>
    private const int ReaderLeft = 141;

    /// <summary>Set: an unexpected fault is shown with its stack trace.</summary>
    private const string TraceVariable = "STREAMREC_TRACE";

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        using var signals = new StopSignals();
        StandardOutput.Open(readerLeft: signals.Stop);
        try
        {
            var parsed = CommandTree.Read(root, args);
            var running = parsed.InvokeAsync(
                new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                signals.Token
            );
            var first = await Task.WhenAny(running, signals.OverAsync(s_grace));
            var code =
                first == running
                    ? await running
                    : await InterruptedAsync(CommandTree.Typed(parsed.CommandResult.Command));
            return StandardOutput.ReaderLeft ? ReaderLeft : code;
        }
        catch (Exception) when (StandardOutput.ReaderLeft)
        {
            return ReaderLeft;
        }
        catch (Exception fault) when (signals.Token.IsCancellationRequested && IsStop(fault))
        {
            return await InterruptedAsync($"streamrec {args[0]}");
        }
        catch (StreamRecException fault)
            when (signals.Token.IsCancellationRequested && fault.InnerException is OperationCanceledException)
        {
            // It knows better what is left to do.
            await Console.Error.WriteLineAsync($"streamrec: {fault.Message}");
            return (int)ExitCode.Interrupted;
        }
        catch (Exception fault)
        {
            var (message, code) = Explain(fault);
            await Console.Error.WriteLineAsync($"streamrec: {message}");
            return (int)code;
        }
    }

    private static async Task<int> InterruptedAsync(string command)
    {
        await Console.Error.WriteLineAsync($"streamrec: `{command}` was stopped before it was done. Run it again.");
        return (int)ExitCode.Interrupted;
    }

    private static bool IsStop(Exception fault) =>
        fault is OperationCanceledException
        || (fault is AggregateException several && several.Flatten().InnerExceptions.All(IsStop));

    private static (string Message, ExitCode Code) Explain(Exception fault) =>
        fault switch
        {
            StreamRecException own => (own.Message, CodeOf(own.Kind)),
            _ when ServerFault.Of(fault) is { } told => (told.Message, CodeOf(told.Kind)),
            FileNotFoundException
            or DirectoryNotFoundException
            or PathTooLongException
            or UnauthorizedAccessException => (fault.Message, ExitCode.Usage),
            IOException => (fault.Message, ExitCode.Failure),
            OutOfMemoryException => (
                "This machine has not the memory for what is asked: lower the numbers of the options.",
                ExitCode.Failure
            ),
            Win32Exception => ($"A program that is needed does not start: {fault.Message}", ExitCode.Usage),
            _ => (Unexpected(fault), ExitCode.Failure),
        };

    internal static ExitCode CodeOf(FaultKind kind) =>
        kind switch
        {
            FaultKind.Usage => ExitCode.Usage,
            FaultKind.Input => ExitCode.BadInput,
            FaultKind.Unreachable => ExitCode.Unreachable,
            FaultKind.Halted => ExitCode.Halted,
            _ => ExitCode.Failure,
        };

    private static string Unexpected(Exception fault)
    {
        var cause = fault.InnerException ?? fault;
        return Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 }
            ? $"unexpected fault: {fault}"
            : $"unexpected fault: {cause.GetType().Name}: {cause.Message} This is a bug: "
                + $"please report it with what {TraceVariable}=1 adds.";
    }
}
