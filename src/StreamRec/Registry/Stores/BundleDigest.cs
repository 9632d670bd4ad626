using System.Security.Cryptography;

namespace StreamRec.Registry.Stores;

/// <summary>What a bundle is called in a registry: the SHA-256 of its manifest's bytes, in hex.</summary>
internal static class BundleDigest
{
    public const int Length = 64;

    /// <summary>Of the short form that tables show and commands take.</summary>
    public const int Short = 12,
        LeastPrefix = 6;

    public static string Of(ReadOnlySpan<byte> manifest) => Convert.ToHexStringLower(SHA256.HashData(manifest));

    public static bool Is(string text) => text.Length == Length && IsHex(text);

    public static bool IsHex(string text) => text.All(char.IsAsciiHexDigitLower);
}
