using System.Globalization;
using Xunit.Abstractions;

namespace StreamRec.Tests.Fuzzing;

/// <summary>
/// Feeds a target with seeded inputs. A fault tells target and seed; <c>STREAMREC_FUZZ=TARGET:SEED</c> runs that input
/// alone, and <c>STREAMREC_FUZZ_TIMES=10</c> runs ten times as many, others than before.
/// </summary>
internal static class FuzzRun
{
    /// <summary>How often, in inputs, the bytes around the input are changed, to see whether they are read.</summary>
    private const int SurroundEvery = 8;

    public static void Run(FuzzTarget target, int inputs, ITestOutputHelper output)
    {
        if (Environment.GetEnvironmentVariable("STREAMREC_FUZZ") is { Length: > 0 } replay)
        {
            var parts = replay.Split(':');
            if (parts[0] == target.Name)
            {
                One(target, ulong.Parse(parts[1], CultureInfo.InvariantCulture), surround: true);
            }
            return;
        }
        var times = int.Parse(
            Environment.GetEnvironmentVariable("STREAMREC_FUZZ_TIMES") ?? "1",
            CultureInfo.InvariantCulture
        );
        // The first call allocates what is kept: tables, static fields.
        One(target, ulong.MaxValue, surround: false, measure: false);
        long parsed = 0,
            count = (long)inputs * times;
        for (var i = times > 1 ? inputs : 0L; i < count; i++)
        {
            parsed += One(target, (ulong)i, surround: i % SurroundEvery == 0) ? 1 : 0;
        }
        output.WriteLine($"{target.Name}: {count} inputs, {parsed} of them parsed");
        Assert.InRange(parsed, count / 100, count * 99 / 100);
    }

    private static bool One(FuzzTarget target, ulong seed, bool surround, bool measure = true)
    {
        var input = target.Corpus.Make(seed);
        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var parsed = target.Parse(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            var bound = target.FixedBytes + target.BytesPerByte * input.Length;
            Assert.True(
                !measure || allocated <= bound,
                $"{allocated} bytes allocated for {input.Length} bytes of input; the bound is {bound}"
            );
            if (surround)
            {
                var again = target.Parse(Surrounded(input));
                Assert.True(
                    parsed is null ? again is null : again is not null && target.Same(parsed, again),
                    "what stands behind the input was read"
                );
            }
            if (parsed is not null)
            {
                target.Check(parsed);
            }
            return parsed is not null;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException(
                $"STREAMREC_FUZZ={target.Name}:{seed} replays this: {fault.GetType().Name}: {fault.Message}\ninput: "
                    + $"{Convert.ToHexString(input.AsSpan(0, Math.Min(400, input.Length)))}",
                fault
            );
        }
    }

    /// <summary>The input amid bytes that go on where it ends.</summary>
    private static ReadOnlyMemory<byte> Surrounded(byte[] input)
    {
        var wide = new byte[input.Length * 2 + 32];
        input.CopyTo(wide, 16);
        input.AsSpan().CopyTo(wide.AsSpan(16 + input.Length));
        return wide.AsMemory(16, input.Length);
    }
}
