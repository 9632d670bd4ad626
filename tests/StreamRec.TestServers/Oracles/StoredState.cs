namespace StreamRec.TestServers;

/// <summary>Reads a state as schemas/state.md describes it, by other code than the product's.</summary>
internal static class StoredState
{
    public static FoldedUser Parse(byte[] bytes)
    {
        var at = 0;
        ulong Unsigned()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = bytes[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return value;
                }
            }
        }
        long Signed()
        {
            var value = Unsigned();
            return (long)(value >> 1) ^ -(long)(value & 1);
        }
        string Text()
        {
            var length = (int)Unsigned();
            at += length;
            return System.Text.Encoding.UTF8.GetString(bytes, at - length, length);
        }
        (long TimeMs, string EventId) Key((long TimeMs, string EventId) previous)
        {
            var time = previous.TimeMs + (long)Unsigned();
            var shared = (int)Unsigned();
            return (time, previous.EventId[..shared] + Text());
        }

        if (bytes[at++] != 1)
        {
            throw new InvalidDataException("not a state of version 1");
        }
        var user = new FoldedUser { LastOffset = Signed() };
        Signed();
        Signed();
        user.Accepted = (long)Unsigned();
        var previous = (TimeMs: 0L, EventId: "");
        if (bytes[at++] != 0)
        {
            user.Floor = previous = Key(previous);
        }
        for (var left = Unsigned(); left > 0; left--)
        {
            previous = Key(previous);
            user.Events.Add(new(previous.TimeMs, previous.EventId, Text()));
            if (bytes[at++] == 0)
            {
                Text();
            }
        }
        return at == bytes.Length ? user : throw new InvalidDataException("bytes follow the state");
    }
}
