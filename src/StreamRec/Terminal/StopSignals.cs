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
        // What this process was started to ignore, as SIGHUP under nohup, .NET goes on ignoring.
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
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
}
