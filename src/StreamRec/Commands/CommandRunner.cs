using System.CommandLine;

namespace StreamRec.Commands;

/// <summary>Runs the chosen command, and turns faults into one message and a documented exit code.</summary>
internal static class CommandRunner
{
    /// <summary>After SIGTERM or Ctrl-C a command has so long to end by itself: longer than the worker's drain.</summary>
    private static readonly TimeSpan s_termination = TimeSpan.FromSeconds(45);

    /// <summary>Set: an unexpected fault is shown with its stack trace.</summary>
    private const string TraceVariable = "STREAMREC_TRACE";

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            // What stands behind half a setting may be its value, and a secret.
            if (args.Zip(args.Skip(1)).Any(pair => pair.First == "--set" && !pair.Second.Contains('=')))
            {
                await Console.Error.WriteLineAsync($"streamrec: {SharedOptions.HalfSetting}");
                return (int)ExitCode.Usage;
            }
            // A command that is not known is told as that, not as one that is missing too.
            var stray = parsed.UnmatchedTokens.Count > 0 && parsed.CommandResult.Command == root;
            foreach (var error in stray ? parsed.Errors.TakeLast(1) : parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"streamrec: {error.Message}");
            }
            await Console.Error.WriteLineAsync("See `streamrec --help`, or `streamrec COMMAND --help`.");
            return (int)ExitCode.Usage;
        }
        using var cancel = new CancellationTokenSource();
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_termination },
                cancel.Token);
        }
        catch (Exception fault) when (ServerFault.Of(fault) is { } told)
        {
            await Console.Error.WriteLineAsync($"streamrec: {told.Message}");
            return (int)told.Code;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"streamrec: {fault.Message}");
            return (int)ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            return (int)ExitCode.Success;
        }
        catch (Exception fault)
        {
            var cause = fault.InnerException ?? fault;
            var trace = Environment.GetEnvironmentVariable(TraceVariable) is { Length: > 0 };
            await Console.Error.WriteLineAsync(
                $"streamrec: unexpected fault: {(trace ? fault : $"{cause.GetType().Name}: {cause.Message}")}"
                + (trace ? "" : $" This is a bug: please report it with what {TraceVariable}=1 adds."));
            return (int)ExitCode.Failure;
        }
    }
}
