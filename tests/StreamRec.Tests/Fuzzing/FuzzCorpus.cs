namespace StreamRec.Tests.Fuzzing;

/// <summary>What inputs are made of: valid inputs, and the tokens of their language.</summary>
internal sealed record FuzzCorpus(IReadOnlyList<byte[]> Valid, IReadOnlyList<byte[]> Tokens)
{
    private const int MostSteps = 6;
    private const int MostBytes = 1 << 17;

    /// <summary>Values at which lengths, offsets and counts go wrong.</summary>
    private static readonly ulong[] s_edges =
    [
        0,
        1,
        2,
        127,
        128,
        129,
        255,
        256,
        9_999,
        10_000,
        10_001,
        65_535,
        65_536,
        int.MaxValue,
        (ulong)int.MaxValue + 1,
        uint.MaxValue,
        long.MaxValue,
        (ulong)long.MaxValue + 1,
        ulong.MaxValue - 1,
        ulong.MaxValue,
    ];

    /// <summary>
    /// One input: a valid one, changed in a few places. Every 64th is left valid, every 64th is noise.
    /// </summary>
    public byte[] Make(ulong seed)
    {
        var random = new FuzzRandom(seed);
        var input = Pick(ref random);
        switch (random.Below(64))
        {
            case 0:
                return [.. input];
            case 1:
                return Noise(ref random, random.Below(200));
        }
        List<byte> bytes = [.. input];
        for (var steps = 1 + random.Below(MostSteps); steps > 0 && bytes.Count < MostBytes; steps--)
        {
            Change(bytes, ref random);
        }
        return [.. bytes];
    }

    private void Change(List<byte> bytes, ref FuzzRandom random)
    {
        var at = random.Below(bytes.Count + 1);
        var length = Math.Min(
            random.Below(2) == 0 ? 1 + random.Below(4) : random.Below(bytes.Count + 1),
            bytes.Count - at
        );
        switch (random.Below(10))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Below(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next();
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                // A splice: the rest is another input's.
                var other = Pick(ref random);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(random.Below(other.Length + 1)));
                break;
            case 6:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Varint(s_edges[random.Below(s_edges.Length)]));
                break;
            case 7:
                bytes.InsertRange(at, Noise(ref random, 1 + random.Below(16)));
                break;
            default:
                if (Tokens.Count > 0)
                {
                    bytes.RemoveRange(at, random.Below(2) * length);
                    bytes.InsertRange(at, Tokens[random.Below(Tokens.Count)]);
                }
                break;
        }
    }

    private byte[] Pick(ref FuzzRandom random) => Valid[random.Below(Valid.Count)];

    private static byte[] Noise(ref FuzzRandom random, int length)
    {
        var noise = new byte[length];
        for (var i = 0; i < length; i++)
        {
            noise[i] = (byte)random.Next();
        }
        return noise;
    }

    private static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }
        return [.. bytes, (byte)value];
    }
}
