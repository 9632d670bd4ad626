namespace StreamRec.Registry.Stores;

/// <summary>
/// Where bundles lie, each under its digest: the SHA-256 of its manifest's bytes, which name every other file's. What
/// is there once is never changed.
/// </summary>
internal interface IBundleStore
{
    /// <summary>For messages.</summary>
    string Name { get; }

    /// <summary>Where they lie; null: in no directory.</summary>
    string? Directory { get; }

    /// <summary>All bundles that are whole.</summary>
    Task<IReadOnlyList<StoredBundle>> ListAsync(CancellationToken cancel);

    /// <summary>Null where it is not there.</summary>
    Task<byte[]?> ReadAsync(string digest, string file, CancellationToken cancel);

    /// <summary>Copies a file out.</summary>
    /// <exception cref="StreamRecException">It is not there.</exception>
    Task CopyAsync(string digest, string file, string to, CancellationToken cancel);

    /// <summary>
    /// Puts a file in, all or nothing, unless these very bytes are there. A bundle is there once its manifest is, which
    /// comes last.
    /// </summary>
    /// <param name="sha256">Of the file, in hex.</param>
    Task PutAsync(string digest, string file, string from, string sha256, CancellationToken cancel);

    /// <summary>Takes a bundle away, its manifest first.</summary>
    Task DeleteAsync(string digest, CancellationToken cancel);
}
