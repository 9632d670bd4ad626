using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models promote`.</summary>
internal static class ModelsPromoteCommand
{
    public static Command Create()
    {
        var id = ModelsPlace.Id();
        var (by, why) = (ModelsPlace.By(), ModelsPlace.Why());
        var force = new Option<bool>("--force")
        {
            Description = "Promote also where workers are not ready: their partitions stand until they are.",
        };
        var expect = new Option<long?>("--expect")
        {
            Description = "The promotion that must be live now, of `streamrec models list`. Default: the one that is.",
        };
        return ModelsCommand.With(
            "promote",
            "Make a bundle live: workers go over to it, and no list of the one before is written any more.",
            [id, by, why, force, expect],
            async (parsed, place, json, cancel) =>
            {
                var bundle = await place.Bundles.FindAsync(parsed.GetRequiredValue(id), cancel);
                var live = (await place.Pointer.ReadAsync(cancel)).Live;
                if (parsed.GetValue(expect) is { } expected && expected != (live?.Promotion ?? 0))
                {
                    throw new StreamRecException(
                        $"MOVED: promotion {live?.Promotion ?? 0} is live, and not {expected}.",
                        FaultKind.Input
                    );
                }
                var done = await place.Promoter.RunAsync(
                    (bundle.Digest, bundle.ModelId),
                    live,
                    (parsed.GetValue(by)!, parsed.GetValue(why)!, Kinds.Promote),
                    parsed.GetValue(force),
                    cancel
                );
                Tell(done, json);
            }
        );
    }

    /// <summary>What became of it, to people, and to machines where asked for.</summary>
    internal static void Tell(Promotion done, bool json)
    {
        Console.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Model {done.Live.Model} ({done.Live.Digest[..BundleDigest.Short]}) is live by promotion "
                    + $"{done.Live.Promotion}: {done.Followed} workers serve it, and {done.Sealed} partitions are "
                    + $"sealed, after {done.Took.TotalMilliseconds:F0} ms."
            )
        );
        if (done.Behind.Count > 0)
        {
            Console.Error.WriteLine(
                $"Not yet: {Promoter.Names(done.Behind, done.Live.Digest)}. Their partitions wait for it."
            );
        }
        if (done.Gone.Count > 0)
        {
            Console.Error.WriteLine($"Gone meanwhile: {string.Join("; ", done.Gone.Select(worker => worker.Name))}.");
        }
        if (json)
        {
            Console.WriteLine(Json(done));
        }
    }

    internal static string Json(Promotion done) =>
        JsonSerializer.Serialize(
            new
            {
                promotion = done.Live.Promotion,
                kind = done.Kind,
                digest = done.Live.Digest,
                model = done.Live.Model,
                workers = done.Followed,
                behind = done.Behind.Select(worker => worker.Name),
                gone = done.Gone.Select(worker => worker.Name),
                @sealed = done.Sealed,
                milliseconds = (long)done.Took.TotalMilliseconds,
            }
        );
}
