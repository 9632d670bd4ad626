using System.CommandLine;
using System.Text.Json;
using StreamRec.Registry.Loading;
using StreamRec.Registry.Stores;
using StreamRec.Serving.Probes;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models push`.</summary>
internal static class ModelsPushCommand
{
    public static Command Create()
    {
        var directory = new Argument<string>("bundle") { Description = "Directory of the bundle." };
        return ModelsCommand.With(
            "push",
            "Try a bundle as a worker would, and put it into the registry.",
            [directory],
            async (parsed, place, json, cancel) =>
            {
                var from = parsed.GetRequiredValue(directory);
                using var loaded = await Task.Run(
                    () => new ModelLoader(place.Options).LoadTried(from, MemoryNeed.Free),
                    cancel
                );
                var made = loaded.Model.Bundle.Probe is null ? ProbeRun.Make(loaded.Model) : null;
                var (digest, isNew) = await place.Bundles.PushAsync(from, loaded.Manifest, made, cancel);
                Console.Error.WriteLine(
                    $"Bundle {digest[..BundleDigest.Short]} of model {loaded.Manifest.ModelId} "
                        + $"{(isNew ? "is" : "was already")} in the registry {place.Bundles.Name}."
                );
                Console.WriteLine(
                    json ? Json(digest, loaded.Manifest.ModelId, loaded.Manifest.Items, isNew, made is null) : digest
                );
            }
        );
    }

    internal static string Json(string digest, string model, int items, bool isNew, bool probeBrought) =>
        JsonSerializer.Serialize(
            new
            {
                digest,
                model,
                items,
                @new = isNew,
                probe = probeBrought ? "brought" : "made",
            }
        );
}
