using System.Diagnostics;
using System.Text;

namespace StreamRec.Testing.Servers;

/// <summary>
/// A process that a test started: its output, its signals. Killed when disposed, and when the test's own process ends.
/// </summary>
internal class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public ServerProcess(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        Watchdog.Watch(Id);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Command = $"{Path.GetFileName(file)} {string.Join(' ', start.ArgumentList)}";
    }

    public string Command { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>128 + the signal where one ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>All that was written to both outputs so far.</summary>
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

    /// <summary>Peak resident memory, in MiB; 0 once it is gone.</summary>
    public double PeakMiB => FromStatus("VmHWM:");

    public double ResidentMiB => FromStatus("VmRSS:");

    /// <summary>Open files and sockets.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length;

    public void Kill() => Signals.Send(Id, Signals.Kill);

    public void Pause() => Signals.Send(Id, Signals.Stop);

    public void Resume() => Signals.Send(Id, Signals.Continue);

    public void Terminate() => Signals.Send(Id, Signals.Terminate);

    public bool IsStopped => Signals.StateOf(Id) == 'T';

    /// <summary>Waits for the end, and for the last of its output.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var timer = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"`{Command}` did not end within {limit.TotalSeconds:F0} s:\n{Output}");
        }
        return _process.ExitCode;
    }

    /// <summary>Waits until the output holds a text; fails at once if the process ends without it.</summary>
    public Task SaysAsync(string text, TimeSpan limit) =>
        Wait.UntilAsync(
            $"`{Command}` says \"{text}\"",
            () =>
                Output.Contains(text, StringComparison.Ordinal)
                || (
                    HasExited && !Output.Contains(text, StringComparison.Ordinal)
                        ? throw new InvalidOperationException($"`{Command}` ended with {ExitCode}:\n{Output}")
                        : false
                ),
            limit,
            () => Output
        );

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            // A stopped process takes this signal too.
            _process.Kill();
            _process.WaitForExit();
        }
        Watchdog.Forget(Id);
        _process.Dispose();
        GC.SuppressFinalize(this);
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

    private double FromStatus(string name)
    {
        try
        {
            var line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith(name, StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) / 1024.0;
        }
        catch (Exception fault) when (fault is IOException or InvalidOperationException)
        {
            return 0;
        }
    }
}
