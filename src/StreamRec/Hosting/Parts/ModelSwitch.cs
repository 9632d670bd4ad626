using StreamRec.Registry.Loading;
using StreamRec.Telemetry.Status;

namespace StreamRec.Hosting.Parts;

/// <summary>What else of a worker follows the model.</summary>
/// <param name="Partitions">Of the topic.</param>
/// <param name="PrepareAsync">Before a model becomes live: what its lists name is written.</param>
/// <param name="Live">It is: partitions that waited for the promotion go on.</param>
/// <param name="PublishAsync">Writes what is no user's own; whether it was written.</param>
internal sealed record ModelSwitch(
    int Partitions,
    Func<LoadedModel, CancellationToken, Task> PrepareAsync,
    Action<ServedModel, long> Live,
    Func<CancellationToken, Task<bool>> PublishAsync
);
