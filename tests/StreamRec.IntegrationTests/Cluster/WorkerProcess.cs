using System.Diagnostics;
using System.Text;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>A command of the product as a process, killed when disposed.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public WorkerProcess(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "streamrec.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Waits for the thing itself; fails at once if the process ends before.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!await HoldsAsync(holds))
        {
            if (clock.Elapsed > limit || _process.HasExited)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:F0} s: {what}. The worker said: {Output}");
            }
            await Task.Delay(100);
        }
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        await _process.WaitForExitAsync(timer.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks for a clean end (SIGTERM) and returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"])!;
        return await ExitAsync(TimeSpan.FromMinutes(1));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    // A store that is failing over refuses the test's own questions too.
    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (Exception fault) when (fault is StackExchange.Redis.RedisException or TimeoutException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            lock (_output)
            {
                _output.AppendLine(text);
            }
        }
    }
}
