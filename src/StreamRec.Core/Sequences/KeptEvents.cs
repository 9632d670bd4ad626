using System.Buffers;
using System.Buffers.Binary;
using StreamRec.Events;
using StreamRec.Numerics.Memory;

namespace StreamRec.Sequences;

/// <summary>Events in an order that others decide on, in two arrays without a reference in them.</summary>
/// <remarks>
/// A worker keeps millions of events for long. As objects, each one that comes would write references into old ones,
/// and every collection of the young objects would have to look for them: 80 ms of standing still where it now takes a
/// few.
/// </remarks>
internal sealed class KeptEvents
{
    /// <summary>
    /// Room to begin with. Arrays that grow are young objects that old ones refer to, and so cost the collector most.
    /// </summary>
    internal const int LeastEvents = 16,
        LeastBytes = 512;

    private const long Second = 1_000;

    private Entry[] _entries = [];

    // The texts of each event, one behind the other; between them those of events that are gone.
    private byte[] _texts = [];
    private int _used;

    public int Count { get; private set; }

    public KeptView this[int index]
    {
        get
        {
            ref readonly var entry = ref _entries.AsSpan(0, Count)[index];
            return new KeptView
            {
                TimeMs = entry.TimeMs,
                EventId = IdOf(entry),
                ItemId = _texts.AsSpan(entry.Start + entry.IdBytes, entry.ItemBytes),
                Type =
                    entry.Code != EventTypes.OtherCode
                        ? EventTypes.Utf8Of(entry.Code)
                        : _texts.AsSpan(entry.Start + entry.IdBytes + entry.ItemBytes, entry.TypeBytes),
            };
        }
    }

    /// <summary>
    /// An event's id as memory, for where a span cannot go: after the next <see cref="Insert"/> it may show other
    /// bytes.
    /// </summary>
    public ReadOnlyMemory<byte> IdOf(int index)
    {
        ref readonly var entry = ref _entries.AsSpan(0, Count)[index];
        return _texts.AsMemory(entry.Start, entry.IdBytes);
    }

    /// <summary>Whether all times are whole seconds.</summary>
    public bool InSeconds
    {
        get
        {
            // From the newest on: the others were looked at before.
            for (var i = Count - 1; i >= 0; i--)
            {
                if (_entries[i].TimeMs % Second != 0)
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>Where an event with this id stands, from <paramref name="first"/> on; -1 for nowhere.</summary>
    public int Find(ReadOnlySpan<byte> id, int first)
    {
        var tail = TailOf(id);
        for (var i = first; i < Count; i++)
        {
            ref readonly var entry = ref _entries[i];
            if (entry.Tail == tail && IdOf(entry).SequenceEqual(id))
            {
                return i;
            }
        }
        return -1;
    }

    /// <summary>
    /// Asks ahead for the entries, among which an event's id is looked for, and for the end of the texts.
    /// </summary>
    public void Prefetch()
    {
        CpuPrefetch.Of(_entries, 0, Count + 1);
        CpuPrefetch.Of(_texts, _used, 1);
    }

    /// <summary>
    /// Copies an event in before the one at <paramref name="index"/>. A text of more than 255 bytes overflows.
    /// </summary>
    public void Insert(int index, in KeptView kept)
    {
        var code = EventTypes.CodeOf(kept.Type);
        var entry = new Entry
        {
            TimeMs = kept.TimeMs,
            Tail = TailOf(kept.EventId),
            IdBytes = checked((byte)kept.EventId.Length),
            ItemBytes = checked((byte)kept.ItemId.Length),
            TypeBytes = code == EventTypes.OtherCode ? checked((byte)kept.Type.Length) : (byte)0,
            Code = code,
        };
        if (_used + entry.Bytes <= _texts.Length)
        {
            entry.Start = _used;
            Write(kept, entry, _texts.AsSpan(_used));
        }
        else
        {
            entry.Start = MoveTogether(kept, entry);
        }
        _used = entry.Start + entry.Bytes;
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(LeastEvents, 2 * Count));
        }
        _entries.AsSpan(index, Count - index).CopyTo(_entries.AsSpan(index + 1));
        _entries[index] = entry;
        Count++;
    }

    /// <summary>Takes the first ones out.</summary>
    public void RemoveFirst(int count)
    {
        _entries.AsSpan(count, Count - count).CopyTo(_entries);
        Count -= count;
    }

    public void Clear() => (Count, _used) = (0, 0);

    private ReadOnlySpan<byte> IdOf(in Entry entry) => _texts.AsSpan(entry.Start, entry.IdBytes);

    private static void Write(in KeptView kept, in Entry entry, Span<byte> to)
    {
        kept.EventId.CopyTo(to);
        kept.ItemId.CopyTo(to[entry.IdBytes..]);
        kept.Type[..entry.TypeBytes].CopyTo(to[(entry.IdBytes + entry.ItemBytes)..]);
    }

    // Into a larger array unless a third of this one becomes free, so that each byte is moved a few times at most. The
    // new event's texts may lie in the array themselves, and so go with the others. Returns where they are.
    private int MoveTogether(in KeptView kept, in Entry last)
    {
        var live = last.Bytes;
        foreach (ref readonly var entry in _entries.AsSpan(0, Count))
        {
            live += entry.Bytes;
        }
        var moved = ArrayPool<byte>.Shared.Rent(live);
        var at = 0;
        foreach (ref var entry in _entries.AsSpan(0, Count))
        {
            _texts.AsSpan(entry.Start, entry.Bytes).CopyTo(moved.AsSpan(at));
            entry.Start = at;
            at += entry.Bytes;
        }
        Write(kept, last, moved.AsSpan(at));
        if (live > _texts.Length / 3 * 2)
        {
            _texts = new byte[Math.Max(LeastBytes, 2 * live)];
        }
        moved.AsSpan(0, live).CopyTo(_texts);
        ArrayPool<byte>.Shared.Return(moved);
        return at;
    }

    // The last eight bytes, in which ids differ as a rule, so that nearly all others are told apart by one comparison.
    private static ulong TailOf(ReadOnlySpan<byte> id)
    {
        if (id.Length >= sizeof(ulong))
        {
            return BinaryPrimitives.ReadUInt64LittleEndian(id[^sizeof(ulong)..]);
        }
        ulong tail = 0;
        foreach (var next in id)
        {
            tail = (tail << 8) | next;
        }
        return tail;
    }

    private struct Entry
    {
        public long TimeMs;
        public ulong Tail;
        public int Start;
        public byte IdBytes;
        public byte ItemBytes;

        /// <summary>0 for a type that has a code.</summary>
        public byte TypeBytes;
        public byte Code;

        public readonly int Bytes => IdBytes + ItemBytes + TypeBytes;
    }
}
