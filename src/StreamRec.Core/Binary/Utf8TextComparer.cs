using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace StreamRec.Binary;

/// <summary>
/// Compares texts as <see cref="StringComparer.Ordinal"/> does, and finds them by their UTF-8 bytes, which must be
/// valid.
/// </summary>
/// <remarks>Hashes differ from process to process, so that ids that collide are hard to choose.</remarks>
internal sealed class Utf8TextComparer
    : IEqualityComparer<string>,
        IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
{
    private const int StackBytes = 512;

    public static readonly Utf8TextComparer Instance = new();

    private Utf8TextComparer() { }

    public bool Equals(string? left, string? right) => string.Equals(left, right);

    public int GetHashCode([DisallowNull] string text)
    {
        var most = System.Text.Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > StackBytes ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[StackBytes];
        var hash = GetHashCode(bytes[..System.Text.Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        return hash;
    }

    public int GetHashCode(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        return hash.ToHashCode();
    }

    public bool Equals(ReadOnlySpan<byte> utf8, string text) =>
        utf8.Length >= text.Length
        && (System.Text.Ascii.Equals(utf8, text) || (!System.Text.Ascii.IsValid(utf8) && Create(utf8) == text));

    public string Create(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}
