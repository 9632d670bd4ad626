using System.Diagnostics;

namespace StreamRec.Bench;

/// <summary>A process that was started here and is stopped here; its output is kept.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int TicksPerSecond = 100;

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => child.Keep(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Keep(line.Data);
        try
        {
            child._process.Start();
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new StreamRecException(
                $"{file} cannot be started ({fault.Message}). Install it, or name a running server.",
                FaultKind.Unreachable
            );
        }
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    public bool HasExited => _process.HasExited;

    public int EndCode => _process.ExitCode;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <param name="who">What it is, as the subject of a sentence.</param>
    /// <exception cref="StreamRecException">It ended by itself; the message is its last words.</exception>
    public void ThrowIfEnded(string who)
    {
        if (HasExited)
        {
            throw new StreamRecException($"{who} ended with exit code {EndCode}: {LastWords}", FaultKind.Failure);
        }
    }

    /// <summary>The last lines of its output, in one.</summary>
    public string LastWords => string.Join(' ', Lines.TakeLast(3));

    /// <summary>
    /// CPU seconds so far of all its threads, user and system, from the operating system; not of processes that it
    /// started.
    /// </summary>
    public double CpuSeconds
    {
        get
        {
            // The command, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11]) + double.Parse(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>The largest resident size so far, in MiB.</summary>
    public double PeakMib => StatusMib("VmHWM");

    /// <summary>The resident size now, in MiB.</summary>
    public double ResidentMib => StatusMib("VmRSS");

    /// <summary>SIGTERM, then waits for the end.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
            using var late = new CancellationTokenSource(limit);
            try
            {
                await _process.WaitForExitAsync(late.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            lock (_lines)
            {
                _lines.Add(line);
            }
        }
    }

    private double StatusMib(string field) =>
        double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status")
                .First(line => line.StartsWith(field))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]
        ) / 1024;
}
