namespace StreamRec.Testing.Servers;

/// <summary>The product's own commands, each as a process.</summary>
internal static class Streamrec
{
    public static ServerProcess Start(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    ) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "streamrec.dll"), .. arguments], environment);

    /// <summary>
    /// Runs a command to its end and returns its output; fails with it where the exit code is another than expected.
    /// </summary>
    public static async Task<string> RunAsync(
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        int expected = 0,
        double minutes = 5
    )
    {
        using var process = Start(arguments, environment);
        var code = await process.ExitAsync(TimeSpan.FromMinutes(minutes));
        return code == expected
            ? process.Output
            : throw new InvalidOperationException(
                $"`{process.Command}` ended with {code}, not {expected}:\n{process.Output}"
            );
    }

    /// <summary>Runs the first command that the message of a halt names.</summary>
    public static Task<string> RecoverAsync(string said, WorkerSettings settings)
    {
        var start = said.IndexOf("`streamrec recover", StringComparison.Ordinal);
        var command = said[(start + 1)..said.IndexOf('`', start + 1)].Split(' ');
        return RunAsync([
            .. command.Skip(1),
            "--bootstrap",
            settings.Bootstrap,
            "--redis",
            settings.Redis,
            "--prefix",
            settings.Prefix,
        ]);
    }
}
