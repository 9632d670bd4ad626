using System.CommandLine;
using System.Text.Json;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models stage`.</summary>
internal static class ModelsStageCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var id = ModelsPlace.Id();
        id.Arity = ArgumentArity.ZeroOrOne;
        var none = new Option<bool>("--none") { Description = "Let workers drop what is staged, in place of an ID." };
        var by = ModelsPlace.By();
        var wait = new Option<int>("--wait")
        {
            Description = "Wait so many seconds for the workers to have it; 0 does not wait.",
            DefaultValueFactory = _ => 120,
        };
        return ModelsCommand.With(
            "stage",
            "Let workers load a bundle beside the live one, and wait until they are ready.",
            [id, none, by, wait],
            async (parsed, place, json, cancel) =>
            {
                var asked = parsed.GetValue(id) ?? "";
                if (asked.Length == 0 != parsed.GetValue(none))
                {
                    throw new StreamRecException("Give a bundle's id, or --none.", FaultKind.Usage);
                }
                if (asked.Length == 0)
                {
                    var was = await place.Pointer.UnstageAsync(cancel);
                    Console.Error.WriteLine(was ? "Nothing is staged any more." : "Nothing was staged.");
                    Print(json, null, null, []);
                    return;
                }
                var bundle = await place.Bundles.FindAsync(asked, cancel);
                var at = await place.Pointer.StageAsync(bundle.Digest, bundle.ModelId, parsed.GetValue(by)!, cancel);
                var workers = await ReadyAsync(place, (bundle.Digest, at), parsed.GetValue(wait), cancel);
                Print(json, bundle.Digest, bundle.ModelId, workers);
                var unready = workers.Where(worker => !worker.Has(bundle.Digest)).ToList();
                if (unready.Count > 0 && parsed.GetValue(wait) > 0)
                {
                    throw new StreamRecException(
                        $"Bundle {bundle.Stored.Short} is staged, and {unready.Count} of {workers.Count} workers are "
                            + $"not ready: {Promoter.Names(unready, bundle.Digest)}. What is live serves on.",
                        FaultKind.Input
                    );
                }
                Console.Error.WriteLine(
                    $"Bundle {bundle.Stored.Short} of model {bundle.ModelId} is staged: "
                        + $"{workers.Count - unready.Count} of {workers.Count} workers are ready."
                );
            }
        );
    }

    internal static string Json(string? digest, string? model, IReadOnlyList<WorkerReport> workers) =>
        JsonSerializer.Serialize(
            new
            {
                digest,
                model,
                workers = workers.Select(worker => new
                {
                    worker = worker.Name,
                    state = worker.Has(digest!) ? WorkerReport.Ready
                    : worker.Asked == digest ? worker.State
                    : null,
                    reason = worker.Asked == digest ? worker.Reason : null,
                }),
            }
        );

    private static void Print(bool json, string? digest, string? model, IReadOnlyList<WorkerReport> workers)
    {
        if (json)
        {
            Console.WriteLine(Json(digest, model, workers));
        }
    }

    // Until each has it or has refused it.
    private static async Task<IReadOnlyList<WorkerReport>> ReadyAsync(
        ModelsPlace place,
        (string Digest, long At) staged,
        int seconds,
        CancellationToken cancel
    )
    {
        using var timer = new PeriodicTimer(s_look);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            // Those that wait for a first promotion load nothing before.
            var workers = (await place.Reports.ReadAsync(cancel)).Where(worker => worker.Promotion > 0).ToList();
            if (
                workers.All(worker => worker.Answers(staged.Digest, staged.At))
                || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds)
            )
            {
                return workers;
            }
            await timer.WaitForNextTickAsync(cancel);
        }
    }
}
