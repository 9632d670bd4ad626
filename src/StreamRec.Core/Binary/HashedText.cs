using System.Security.Cryptography;

namespace StreamRec.Binary;

/// <summary>A text, and the short hash that stands for it where the text would be long.</summary>
/// <param name="Text">The same in every worker that means the same.</param>
public sealed record HashedText(string Text)
{
    /// <summary>64 bits of its SHA-256, in hex: nobody chooses the texts, so no two meet by design.</summary>
    public string Hash { get; } =
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Text)).AsSpan(0, sizeof(long)));
}
