using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StreamRec.Commands;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Commands;

public sealed class WorkCommandTests
{
    [Fact]
    public Task A_worker_that_cannot_start_says_why_in_one_line() =>
        EndsAsync(ExitCode.BadInput, "streamrec: /nowhere", []);

    [Fact]
    public async Task An_address_for_metrics_that_is_taken_is_told_in_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        await EndsAsync(
            ExitCode.Usage,
            $"streamrec: --metrics is '{listener.LocalEndpoint}', where this process cannot listen",
            ["--metrics", $"{listener.LocalEndpoint}"]
        );
    }

    [Fact]
    public async Task With_json_stdout_is_for_what_was_done_alone()
    {
        var (code, output, _) = await RunAsync(["--json"]);

        Assert.Equal((int)ExitCode.BadInput, code);
        Assert.True(ContractFiles.IsValid("cli/work.schema.json", output), output);
    }

    private static async Task EndsAsync(ExitCode code, string said, string[] further)
    {
        var (ended, output, error) = await RunAsync(further);

        Assert.Equal((int)code, ended);
        Assert.StartsWith(said, error);
        Assert.DoesNotContain('\n', error);
        Assert.DoesNotContain("   at ", output);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] further)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "streamrec.dll"),
            "work",
            "--bundle",
            "/nowhere",
            "--topic",
            "t",
            "--group",
            "g",
            .. further,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var work = Process.Start(start)!;
        var output = work.StandardOutput.ReadToEndAsync();
        var error = (await work.StandardError.ReadToEndAsync()).TrimEnd();
        await work.WaitForExitAsync();
        return (work.ExitCode, await output, error);
    }
}
