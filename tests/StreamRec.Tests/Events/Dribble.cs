namespace StreamRec.Tests.Events;

/// <summary>Gives a few bytes at a time.</summary>
internal sealed class Dribble(byte[] bytes, Random random, int most = 300) : MemoryStream(bytes)
{
    public override int Read(byte[] buffer, int offset, int count) =>
        base.Read(buffer, offset, Math.Min(count, random.Next(1, most)));
}
