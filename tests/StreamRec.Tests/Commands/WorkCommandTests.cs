using System.Diagnostics;
using StreamRec.Commands;

namespace StreamRec.Tests.Commands;

public sealed class WorkCommandTests
{
    [Fact]
    public async Task A_worker_that_cannot_start_says_why_in_one_line()
    {
        using var work = Process.Start(
            new ProcessStartInfo("dotnet")
            {
                ArgumentList =
                {
                    Path.Combine(AppContext.BaseDirectory, "streamrec.dll"),
                    "work",
                    "--bundle",
                    "/nowhere",
                    "--topic",
                    "t",
                    "--group",
                    "g",
                },
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        var output = work.StandardOutput.ReadToEndAsync();
        var error = (await work.StandardError.ReadToEndAsync()).TrimEnd();
        await work.WaitForExitAsync();

        Assert.Equal((int)ExitCode.BadInput, work.ExitCode);
        Assert.StartsWith("streamrec: /nowhere", error);
        Assert.DoesNotContain('\n', error);
        Assert.DoesNotContain("   at ", await output);
    }
}
