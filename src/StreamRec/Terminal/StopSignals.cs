using System.Globalization;
using System.Runtime.InteropServices;

namespace StreamRec.Terminal;

/// <summary>
/// Ctrl-C, SIGTERM and a terminal that closes: what runs is asked to stop. A second Ctrl-C ends the process at once.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public StopSignals()
    {
        PosixSignal[] signals = HangupIsIgnored()
            ? [PosixSignal.SIGINT, PosixSignal.SIGTERM]
            : [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        foreach (var signal in signals)
        {
            _registrations.Add(
                PosixSignalRegistration.Create(
                    signal,
                    context =>
                    {
                        context.Cancel = !(_stop.IsCancellationRequested && context.Signal == PosixSignal.SIGINT);
                        Stop();
                    }
                )
            );
        }
    }

    public CancellationToken Token => _stop.Token;

    public void Stop() => _stop.Cancel();

    /// <summary>Ends so long after the first signal.</summary>
    public async Task OverAsync(TimeSpan grace)
    {
        await Task.Delay(Timeout.Infinite, Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Delay(grace);
    }

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _stop.Dispose();
    }

    /// <summary>As under nohup: whoever ignores the signal for us wants us to go on.</summary>
    private static bool HangupIsIgnored()
    {
        const string Field = "SigIgn:";
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status")
                .FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal))
                is { } ignored
            && ulong.TryParse(
                ignored.AsSpan(Field.Length).Trim(),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture,
                out var mask
            )
            && (mask & 1) != 0;
    }
}
