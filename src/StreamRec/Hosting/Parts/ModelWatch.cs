using Microsoft.Extensions.Logging;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>
/// Follows the pointer: loads what is staged beside what is live, and goes over to what is promoted. What cannot be
/// loaded is refused by name, and the model that is live serves on.
/// </summary>
/// <param name="first">What is live.</param>
/// <param name="self">What the worker says of itself, but for its models.</param>
internal sealed partial class ModelWatch(
    ModelPart model,
    LivePointer first,
    ModelSource source,
    BundleRegistry bundles,
    ModelPointer pointer,
    WorkerReports reports,
    WorkerReport self,
    ModelSwitch hooks,
    TimeSpan keepPrevious,
    TimeProvider time,
    ILogger log
) : IAsyncDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250),
        s_report = TimeSpan.FromSeconds(1),
        s_again = TimeSpan.FromSeconds(10);

    // Times twice each, up to some ten minutes.
    private const int MostDoublings = 6;

    private readonly Dictionary<string, Held> _held = [];
    private readonly Dictionary<string, Refusal> _refused = [];
    private LivePointer _live = first;
    private StagedPointer? _staged;
    private LivePointer? _wanted;
    private (string Digest, string Model, Task<LoadedModel> Task)? _loading;
    private long _swaps,
        _refusals;
    private long? _reported;
    private bool _changed;
    private string? _fault;
    private bool _unpublished = true;
    private volatile ModelsStatus? _status;
    private Task _running = Task.CompletedTask;

    /// <summary>As of the last look.</summary>
    public ModelsStatus Status => _status ?? Look();

    /// <summary>Follows until cancelled.</summary>
    public Task RunAsync(CancellationToken stop) => _running = FollowAllAsync(stop);

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAny(_running);
        foreach (var held in _held.Values)
        {
            held.Model.Dispose();
        }
        _loading?.Task.ContinueWith(
            late => late.Result.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    private async Task FollowAllAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_look, time);
        do
        {
            // What is live serves on, whatever of it fails; and whoever promotes sees that the worker is there.
            var (following, reporting) = (await FaultAsync(FollowAsync, stop), await FaultAsync(ReportAsync, stop));
            var fault = following ?? reporting;
            if (fault is not null && fault != _fault)
            {
                LogFault(log, fault);
            }
            _fault = fault;
            _status = Look();
        } while (await timer.WaitForNextTickAsync(stop));
    }

    private static async Task<string?> FaultAsync(Func<CancellationToken, Task> step, CancellationToken stop)
    {
        try
        {
            await step(stop);
            return null;
        }
        catch (StreamRecException fault)
        {
            return fault.Message;
        }
    }

    private async Task FollowAsync(CancellationToken stop)
    {
        var seen = await pointer.ReadAsync(stop);
        var isAskedAnew = seen.Staged is not null && seen.Staged != _staged;
        if (isAskedAnew)
        {
            // Who asks once more has mended something, and waits for an answer.
            _refused.Remove(seen.Staged!.Digest);
            _changed = true;
        }
        _staged = seen.Staged;
        var there = seen.Live?.Promotion ?? 0;
        if (seen.Live is { } promoted && promoted != _wanted)
        {
            _refused.Remove(promoted.Digest);
        }
        _wanted = there > _live.Promotion ? seen.Live : null;
        if (there < _live.Promotion && await pointer.RestoreAsync(there, _live, stop))
        {
            LogRestored(log, there, _live.Promotion, _live.Model);
        }
        _changed |= await TakeLoadedAsync();
        if (_wanted is { } wanted)
        {
            _changed |= await GoOverAsync(wanted, stop);
        }
        if (_staged is { } staged)
        {
            _changed |= IsLoaded(staged.Digest)
                ? isAskedAnew && RefuseUnlistable(staged.Digest, staged.Model)
                : await LoadAsync(staged.Digest, staged.Model, stop);
        }
        Release();
        if (_unpublished && await hooks.PublishAsync(stop))
        {
            _unpublished = false;
        }
    }

    private async Task ReportAsync(CancellationToken stop)
    {
        if (_changed || _reported is not { } last || time.GetElapsedTime(last) >= s_report)
        {
            (_reported, _changed) = (time.GetTimestamp(), false);
            await reports.WriteAsync(Report(), time.GetUtcNow(), stop);
        }
    }

    private async Task<bool> GoOverAsync(LivePointer to, CancellationToken stop)
    {
        if (to.Digest == _live.Digest)
        {
            model.Renumber(to.Promotion);
            Lives(to);
            return true;
        }
        if (!_held.TryGetValue(to.Digest, out var held))
        {
            return await LoadAsync(to.Digest, to.Model, stop);
        }
        if (RefuseUnlistable(to.Digest, to.Model))
        {
            return true;
        }
        await hooks.PrepareAsync(held.Model, stop);
        LoadedModel before;
        try
        {
            before = model.Switch(held.Model, to.Promotion);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Drop(to.Digest, held);
            Refuse(to.Digest, to.Model, Why(fault));
            return true;
        }
        _held.Remove(to.Digest);
        var was = _live;
        Lives(to);
        _swaps++;
        if (keepPrevious > TimeSpan.Zero)
        {
            _held[was.Digest] = new(before, time.GetUtcNow() + keepPrevious);
        }
        else
        {
            before.Dispose();
        }
        LogWentOver(log, was.Model, to.Model, to.Promotion, held.Model.Encoded);
        return true;
    }

    // First the model, then the partitions, which from now on have batches of no other.
    private void Lives(LivePointer now)
    {
        (_live, _wanted, _unpublished) = (now, null, true);
        hooks.Live(model.Served, now.Promotion);
    }

    /// <returns>Whether it has it, and cannot list anything with it.</returns>
    private bool RefuseUnlistable(string digest, string id)
    {
        if (!_held.TryGetValue(digest, out var held) || model.FaultOf(held.Model) is not { } fault)
        {
            return false;
        }
        Drop(digest, held);
        Refuse(digest, id, fault);
        return true;
    }

    private void Drop(string digest, Held held)
    {
        _held.Remove(digest);
        held.Model.Dispose();
    }

    private static string Why(Exception fault) =>
        fault is OutOfMemoryException ? "there is too little memory for it" : fault.Message.TrimEnd('.');

    private bool IsLoaded(string digest) => digest == _live.Digest || _held.ContainsKey(digest);

    /// <returns>Whether something is said of it that was not before.</returns>
    private async Task<bool> LoadAsync(string digest, string id, CancellationToken stop)
    {
        if (_loading is not null || (_refused.TryGetValue(digest, out var refusal) && !refusal.IsOver(time)))
        {
            return false;
        }
        await MakeRoomAsync(digest, stop);
        LogLoading(log, id, digest[..BundleDigest.Short]);
        _loading = (digest, id, source.LoadAsync(digest, stop));
        return true;
    }

    private async Task<bool> TakeLoadedAsync()
    {
        if (_loading is not { Task.IsCompleted: true } loading)
        {
            return false;
        }
        _loading = null;
        LoadedModel? loaded = null;
        try
        {
            loaded = await loading.Task;
            if (model.FaultOf(loaded) is { } unlistable)
            {
                throw new StreamRecException(unlistable, FaultKind.Input);
            }
            // Now, so that going over takes no time.
            model.Prepare(loaded);
            _held[loading.Digest] = new(loaded, null);
            _refused.Remove(loading.Digest);
            LogReady(log, loading.Model, loading.Digest[..BundleDigest.Short]);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            loaded?.Dispose();
            Refuse(loading.Digest, loading.Model, Why(fault));
        }
        return true;
    }

    private void Refuse(string digest, string id, string why)
    {
        var isNew = !_refused.TryGetValue(digest, out var before) || before.Why != why;
        _refused[digest] = new(why, time.GetTimestamp(), isNew ? 0 : before!.Times + 1);
        if (isNew)
        {
            _refusals++;
            LogRefused(log, id, digest[..BundleDigest.Short], why, _live.Model);
        }
    }

    // What was live before is kept only where there is room beside what is wanted.
    private async Task MakeRoomAsync(string digest, CancellationToken stop)
    {
        if (
            !_held.Values.Any(held => held.Until is not null)
            || await bundles.ManifestAsync(digest, stop) is not { } manifest
            || MemoryNeed.Fault(manifest, MemoryNeed.Free) is null
        )
        {
            return;
        }
        Release(held => held.Until is not null);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Optimized, blocking: false);
    }

    private void Release()
    {
        var now = time.GetUtcNow();
        // What was staged, and is no more, nobody waits for.
        Release(held => held.Until is { } until ? now >= until : true);
    }

    private void Release(Func<Held, bool> isOver)
    {
        foreach (var (digest, held) in _held.ToArray())
        {
            if (digest != _staged?.Digest && digest != _wanted?.Digest && isOver(held))
            {
                Drop(digest, held);
            }
        }
    }

    private WorkerReport Report()
    {
        var asked = _staged?.Digest ?? _wanted?.Digest ?? _live.Digest;
        return self with
        {
            Partitions = hooks.Partitions,
            Promotion = _live.Promotion,
            Digest = _live.Digest,
            Model = _live.Model,
            Loaded = [_live.Digest, .. _held.Keys],
            Asked = asked,
            AskedAt = _staged?.AtMs,
            State = StateOf(asked),
            Reason = IsLoaded(asked) ? null : ReasonOf(asked),
        };
    }

    private string StateOf(string digest) =>
        IsLoaded(digest) ? WorkerReport.Ready
        : _refused.ContainsKey(digest) ? WorkerReport.Refused
        : WorkerReport.Loading;

    private string? ReasonOf(string digest) => _refused.TryGetValue(digest, out var refusal) ? refusal.Why : null;

    private ModelsStatus Look()
    {
        var (made, ended) = source.Sessions;
        return new(
            _live.Promotion,
            _live.Digest,
            _staged is { } staged
                ? new(staged.Digest, staged.Model, StateOf(staged.Digest), ReasonOf(staged.Digest))
                : null,
            _swaps,
            _refusals,
            1 + _held.Count,
            made,
            ended,
            _wanted is { } wanted
                ? $"promotion {wanted.Promotion} of model {wanted.Model} is not live here: "
                    + (ReasonOf(wanted.Digest) ?? "it is being loaded")
                : null
        )
        {
            Fault = _fault,
        };
    }

    [LoggerMessage(50, LogLevel.Information, "Loading model {Model} ({Digest}) beside the live one.")]
    private static partial void LogLoading(ILogger log, string model, string digest);

    [LoggerMessage(51, LogLevel.Information, "Model {Model} ({Digest}) is ready.")]
    private static partial void LogReady(ILogger log, string model, string digest);

    [LoggerMessage(
        52,
        LogLevel.Information,
        "Went over from model {Before} to {Model} by promotion {Promotion}, encoded {Encoded}."
    )]
    private static partial void LogWentOver(ILogger log, string before, string model, long promotion, string encoded);

    [LoggerMessage(53, LogLevel.Error, "Model {Model} ({Digest}) was refused: {Why}. Model {Live} serves on.")]
    private static partial void LogRefused(ILogger log, string model, string digest, string why, string live);

    [LoggerMessage(
        54,
        LogLevel.Warning,
        "Redis had promotion {There}, and has lost {Promotion}: that was written back, and model {Model} serves on."
    )]
    private static partial void LogRestored(ILogger log, long there, long promotion, string model);

    [LoggerMessage(
        56,
        LogLevel.Warning,
        "The pointer to the live model cannot be followed: {Why} What is live serves on."
    )]
    private static partial void LogFault(ILogger log, string why);

    /// <param name="Until">Of what was live before; null: it is staged, or promoted.</param>
    private sealed record Held(LoadedModel Model, DateTimeOffset? Until);

    private sealed record Refusal(string Why, long At, int Times)
    {
        public bool IsOver(TimeProvider time) =>
            time.GetElapsedTime(At) >= s_again * (1 << Math.Min(Times, MostDoublings));
    }
}
