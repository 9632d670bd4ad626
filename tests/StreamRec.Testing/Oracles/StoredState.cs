using System.Globalization;

namespace StreamRec.Testing.Oracles;

/// <summary>Reads a state as schemas/state.md describes it, by other code than the product's.</summary>
internal ref struct StoredState(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public static FoldedUser Parse(ReadOnlySpan<byte> bytes) => new StoredState(bytes).User();

    private FoldedUser User()
    {
        if (Next() != 1)
        {
            throw new InvalidDataException("not a state of version 1");
        }
        var flags = Next();
        var unit = (flags & 2) != 0 ? 1000 : 1;
        var user = new FoldedUser { Accepted = (long)Varint(), LastOffset = Zigzag() };
        Zigzag();
        Zigzag();
        var (time, id, item) = (0L, "", "");
        if ((flags & 1) != 0)
        {
            var form = Next() & 7;
            time += (long)Varint() * unit;
            id = Text(form, id);
            user.Floor = (time, id);
        }
        for (var left = Varint(); left > 0; left--)
        {
            var tag = Next();
            time += (long)Varint() * unit;
            id = Text(tag & 7, id);
            item = Text(tag >> 3 & 7, item);
            if ((tag & 64) != 0 && Next() == 0)
            {
                Take((int)Varint());
            }
            user.Events.Add(new(time, id, item));
        }
        return _at == _bytes.Length ? user : throw new InvalidDataException("bytes follow the state");
    }

    private string Text(int form, string before)
    {
        switch (form)
        {
            case 0:
                var shared = before[..(int)Varint()];
                return shared + System.Text.Encoding.UTF8.GetString(Take((int)Varint()));
            case 1:
                var digits = 0;
                while (digits < Math.Min(19, before.Length) && char.IsAsciiDigit(before[^(digits + 1)]))
                {
                    digits++;
                }
                var number = long.Parse(before[^digits..], CultureInfo.InvariantCulture) + Zigzag();
                return before[..^digits] + number.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
            case 2:
                return Varint().ToString(CultureInfo.InvariantCulture);
            case 3 or 4:
                var hex = Convert.ToHexString(Take(16));
                var uuid = $"{hex[..8]}-{hex[8..12]}-{hex[12..16]}-{hex[16..20]}-{hex[20..]}";
                return form == 3 ? uuid.ToLowerInvariant() : uuid;
            case 5 or 6:
                var start = before[..(int)Varint()];
                var rest = Convert.ToHexString(Take((int)Varint()));
                return start + (form == 5 ? rest.ToLowerInvariant() : rest);
            default:
                throw new InvalidDataException($"form {form} is reserved");
        }
    }

    private byte Next() => _bytes[_at++];

    private ReadOnlySpan<byte> Take(int length)
    {
        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Next();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private long Zigzag()
    {
        var value = Varint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }
}
