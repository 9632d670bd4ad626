using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace StreamRec.Models;

/// <summary>
/// A sample of the events that a model was trained on, as trained.u32 holds it: the events with the least hashes,
/// 16,384 at most. It tells of an event that one has whether it was trained on, if the event's hash is in the sample's
/// range.
/// </summary>
/// <remarks>
/// The hash is the SHA-256 of user id, 255, item id, 255 and the time in milliseconds as decimal digits. Its first 8
/// bytes decide on the sample, the next 4 are kept: too few to find out an event by trying all that there could be.
/// </remarks>
public sealed class TrainedEvents
{
    /// <summary>Events in a sample at most.</summary>
    public const int MostEvents = 16_384;

    internal const int MostBytes = sizeof(ulong) + (MostEvents * sizeof(uint));
    private readonly ulong _limit;
    private readonly HashSet<uint> _marks;

    private TrainedEvents(ulong limit, HashSet<uint> marks) => (_limit, _marks) = (limit, marks);

    /// <summary>
    /// The bytes of trained.u32: the largest hash of the sample, then the events' marks in ascending order,
    /// little-endian.
    /// </summary>
    public static byte[] Write(IEnumerable<(string UserId, string ItemId, long TimeMs)> events)
    {
        // The event with the largest hash comes first, so that it can go.
        var sample = new PriorityQueue<uint, ulong>(Comparer<ulong>.Create((x, y) => y.CompareTo(x)));
        var limit = ulong.MaxValue;
        foreach ((var userId, var itemId, var timeMs) in events)
        {
            var (hash, mark) = Hash(userId, itemId, timeMs);
            if (hash > limit)
            {
                continue;
            }
            sample.Enqueue(mark, hash);
            if (sample.Count > MostEvents)
            {
                sample.Dequeue();
                sample.TryPeek(out _, out limit);
            }
        }
        uint[] marks = [.. sample.UnorderedItems.Select(item => item.Element).Order()];
        var bytes = new byte[sizeof(ulong) + (marks.Length * sizeof(uint))];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, limit);
        for (var at = 0; at < marks.Length; at++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(sizeof(ulong) + (at * sizeof(uint))), marks[at]);
        }
        return bytes;
    }

    /// <summary>Whether the event was trained on; null where the sample cannot tell.</summary>
    public bool? Holds(string userId, string itemId, long timeMs)
    {
        var (hash, mark) = Hash(userId, itemId, timeMs);
        return hash <= _limit ? _marks.Contains(mark) : null;
    }

    internal static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TrainedEvents? trained)
    {
        trained = null;
        if (bytes.Length < sizeof(ulong) || bytes.Length % sizeof(uint) != 0)
        {
            return false;
        }
        var marks = new HashSet<uint>();
        for (var at = sizeof(ulong); at < bytes.Length; at += sizeof(uint))
        {
            marks.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
        }
        trained = new TrainedEvents(BinaryPrimitives.ReadUInt64LittleEndian(bytes), marks);
        return true;
    }

    private static (ulong Hash, uint Mark) Hash(string userId, string itemId, long timeMs)
    {
        // No byte of UTF-8 is 255: it parts the three.
        byte[] text =
        [
            .. System.Text.Encoding.UTF8.GetBytes(userId),
            255,
            .. System.Text.Encoding.UTF8.GetBytes(itemId),
            255,
            .. System.Text.Encoding.UTF8.GetBytes(timeMs.ToString(CultureInfo.InvariantCulture)),
        ];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, hash);
        return (
            BinaryPrimitives.ReadUInt64LittleEndian(hash),
            BinaryPrimitives.ReadUInt32LittleEndian(hash[sizeof(ulong)..])
        );
    }
}
