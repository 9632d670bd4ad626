using StreamRec.Binary;
using StreamRec.Models;
using StreamRec.Serving;

namespace StreamRec.Registry.Loading;

/// <summary>A model that was loaded and tried, and what goes with it; whoever has it disposes of the model.</summary>
/// <param name="Options">What its lists are made with: of that the bundle says a part.</param>
/// <param name="Encoded">How users are encoded.</param>
internal sealed record LoadedModel(ServingModel Model, ServingOptions Options, string Encoded) : IDisposable
{
    public BundleManifest Manifest => Model.Bundle.Manifest;

    /// <summary>What shapes a list, beside the state, the bundle and the catalogue.</summary>
    public HashedText ListOptions { get; } = Options.OfLists();

    public void Dispose() => Model.Dispose();
}
