using StreamRec.Models;

namespace StreamRec.Registry.Stores;

/// <summary>A bundle as a registry has it.</summary>
/// <param name="Bytes">Of all its files.</param>
internal sealed record StoredBundle(string Digest, DateTimeOffset Pushed, long Bytes)
{
    public string Short => Digest[..BundleDigest.Short];
}

/// <summary>A bundle of a registry, and what its manifest says.</summary>
internal sealed record RegisteredBundle(StoredBundle Stored, BundleManifest Manifest)
{
    public string Digest => Stored.Digest;

    public string ModelId => Manifest.ModelId;
}
