namespace StreamRec.Numerics.Matrices;

/// <summary>
/// Runs the parts of an action side by side, on the caller and on pool threads, without allocating. One call at a time.
/// A call returns when every helper is done, so that no helper can meet the next call's parts.
/// </summary>
public sealed class WorkerTeam
{
    private readonly Helper[] _helpers;
    private readonly CountdownEvent _busy = new(1);
    private Action<int> _action = static _ => { };
    private Exception? _fault;
    private int _parts,
        _next;

    /// <param name="most">Threads at most, the caller's included.</param>
    public WorkerTeam(int most) =>
        _helpers = [.. Enumerable.Range(1, Math.Max(0, most - 1)).Select(_ => new Helper(this))];

    /// <summary>
    /// Runs the action for 0 to <paramref name="parts"/> − 1; the first exception is thrown again when all have ended.
    /// </summary>
    public void Run(int parts, Action<int> action)
    {
        (_action, _parts, _next, _fault) = (action, parts, 0, null);
        var helpers = Math.Min(_helpers.Length, parts - 1);
        _busy.Reset(helpers + 1);
        for (var at = 0; at < helpers; at++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_helpers[at], preferLocal: false);
        }
        Work();
        _busy.Wait();
        if (_fault is { } fault)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }
    }

    private void Work()
    {
        try
        {
            int part;
            while ((part = Interlocked.Increment(ref _next) - 1) < _parts)
            {
                _action(part);
            }
        }
        catch (Exception fault)
        {
            Interlocked.CompareExchange(ref _fault, fault, null);
        }
        finally
        {
            _busy.Signal();
        }
    }

    private sealed class Helper(WorkerTeam team) : IThreadPoolWorkItem
    {
        public void Execute() => team.Work();
    }
}
