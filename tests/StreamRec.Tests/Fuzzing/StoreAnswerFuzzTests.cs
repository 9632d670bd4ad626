using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Redis.Store;
using Xunit.Abstractions;

namespace StreamRec.Tests.Fuzzing;

/// <summary>
/// Answers of the store's scripts with fields of wrong types, missing, or too many: an answer that is safe, or none.
/// </summary>
public sealed class StoreAnswerFuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 100_000;

    /// <summary>An exception with its trace.</summary>
    private const long MostBytes = 32_768;

    private static readonly string[] s_texts =
    [
        "OK",
        "FENCED",
        "CONFLICT",
        "NOMETA",
        "MISMATCH",
        "",
        "0",
        "-1",
        "-2",
        "1.5",
        "1e3",
        " 7",
        "+7",
        "nan",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "2147483648",
        "group",
        "\0",
        "ü",
        new string('9', 2_000),
    ];

    [Fact]
    public void Answers_of_any_shape_are_read_safely()
    {
        var read = 0;
        var replay =
            Environment.GetEnvironmentVariable("STREAMREC_FUZZ") is { } given
            && given.StartsWith("answer:", StringComparison.Ordinal)
                ? ulong.Parse(given[7..], null)
                : (ulong?)null;
        for (var seed = replay ?? 0; seed < (replay + 1 ?? Inputs); seed++)
        {
            try
            {
                read += Try(seed) ? 1 : 0;
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException(
                    $"STREAMREC_FUZZ=answer:{seed} replays this: {fault.GetType().Name}: {fault.Message}",
                    fault
                );
            }
        }
        output.WriteLine($"answer: {Inputs} inputs, {read} of them read");
        Assert.True(replay is not null || read is > Inputs / 100 and < Inputs);
    }

    private static bool Try(ulong seed)
    {
        var random = new FuzzRandom(seed);
        var kind = random.Below(3);
        var answer = Answer(kind, ref random);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            switch (kind)
            {
                case 0 when StoreAnswers.Claim(answer, Guid.Empty) is ClaimAnswer.Granted granted:
                    Assert.True(
                        granted.Claim.Number > 0
                            && granted.Next.Offset >= 0
                            && granted.Next.Epoch >= -1
                            && granted.Generation >= 0
                            && granted.Seq >= 0
                    );
                    break;
                case 1:
                    var states = StoreAnswers.States(answer, 2);
                    Assert.Equal(2, states.States.Count);
                    Assert.True(states.At is { Offset: >= -1, Seq: >= -1 });
                    break;
                case 2 when StoreAnswers.Step(answer) is StepAnswer.Conflict conflict:
                    Assert.True(conflict.At is { Offset: >= -1, Seq: >= -1 });
                    break;
            }
            return true;
        }
        catch (AmbiguousStoreException fault)
        {
            Assert.NotEmpty(fault.Message);
            return false;
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytes);
        }
    }

    private static RedisResult Answer(int kind, ref FuzzRandom random)
    {
        List<RedisResult> parts = kind switch
        {
            0 => [Text("OK"), Text("1700000000000"), Text("42"), Text("3"), Text("0"), Text("17")],
            1 => [Text("42"), Text("17"), Text("state"), RedisResult.Create(RedisValue.Null)],
            _ => [Text("CONFLICT"), Text("42"), Text("17")],
        };
        for (var changes = random.Below(4); changes > 0; changes--)
        {
            var at = random.Below(parts.Count);
            switch (random.Below(4))
            {
                case 0 when parts.Count > 0:
                    parts.RemoveAt(at);
                    break;
                case 1:
                    parts.Insert(at, Any(ref random, 2));
                    break;
                default:
                    if (parts.Count > 0)
                    {
                        parts[at] = Any(ref random, 2);
                    }
                    break;
            }
        }
        return random.Below(50) == 0 ? Any(ref random, 2) : RedisResult.Create([.. parts]);
    }

    private static RedisResult Any(ref FuzzRandom random, int depth)
    {
        switch (random.Below(6))
        {
            case 0:
                return RedisResult.Create(RedisValue.Null);
            case 1:
                return RedisResult.Create((RedisValue)(long)random.Next(), ResultType.Integer);
            case 2 when depth > 0:
                var inner = new RedisResult[random.Below(3)];
                for (var i = 0; i < inner.Length; i++)
                {
                    inner[i] = Any(ref random, depth - 1);
                }
                return RedisResult.Create(inner);
            case 3:
                return RedisResult.Create((RedisValue)new byte[] { 0xFF, 0xC0, (byte)random.Next() });
            default:
                return Text(s_texts[random.Below(s_texts.Length)]);
        }
    }

    private static RedisResult Text(string text) => RedisResult.Create((RedisValue)text);
}
