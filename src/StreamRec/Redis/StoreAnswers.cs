using System.Globalization;
using RESPite.Messages;
using StackExchange.Redis;
using StreamRec.Pipeline;

namespace StreamRec.Redis;

/// <summary>
/// Reads what the scripts of <see cref="StoreScripts"/> answer. Whatever stands in meta, by whoever's hand, becomes an answer:
/// a claim of it is refused, and a read or a step of it fits no position, so that a claim follows.
/// </summary>
internal static class StoreAnswers
{
    /// <summary>The field of a mismatch that says that meta cannot be read.</summary>
    public const string Unreadable = HaltExplanation.Unreadable;

    private const long NoPosition = -1;
    private static readonly StepAnswer s_applied = new StepAnswer.Applied();

    /// <exception cref="AmbiguousStoreException">It is no answer of the script.</exception>
    public static ClaimAnswer Claim(RespReader answer, Guid claimId)
    {
        var parts = Texts(answer);
        switch (parts[0])
        {
            case "NOMETA":
                return new ClaimAnswer.NoMeta();
            case "MISMATCH" when parts.Length >= 4:
                return new ClaimAnswer.Mismatch(parts[1], parts[2], parts[3]);
            case "OK" when parts.Length >= 5:
                return Number(parts[1], 1, long.MaxValue) is { } claim && Number(parts[2], 0, long.MaxValue) is { } next
                    && Number(parts[3], -1, int.MaxValue) is { } epoch && Number(parts[4], 0, int.MaxValue) is { } generation
                    ? new ClaimAnswer.Granted(new Claim(claim, claimId), new LogPosition(next, (int)epoch), (int)generation)
                    : new ClaimAnswer.Mismatch(
                        Unreadable, $"claim '{parts[1]}', next '{parts[2]}', epoch '{parts[3]}', generation '{parts[4]}'", "");
            default:
                throw Stranger(answer);
        }
    }

    /// <inheritdoc cref="Claim"/>
    public static StatesAnswer States(RespReader answer, int users)
    {
        if (Parts(answer) != users + 1)
        {
            throw Stranger(answer);
        }
        var memory = StateMemory.Of((int)answer.ProtocolBytesRemaining);
        var next = NextText(ref answer);
        for (var i = 0; i < users; i++)
        {
            Next(ref answer);
            memory.Add(ref answer);
            Skip(ref answer);
        }
        // Without meta there is no n: it equals no position, so nothing that was read is used.
        return new StatesAnswer(Number(next, 0, long.MaxValue) ?? NoPosition, memory.States, memory);
    }

    /// <inheritdoc cref="Claim"/>
    public static StepAnswer Step(RespReader answer)
    {
        var parts = Texts(answer);
        return parts[0] switch
        {
            "OK" => s_applied,
            "FENCED" => new StepAnswer.Fenced(),
            "CONFLICT" => new StepAnswer.Conflict(parts.Length > 1 ? Number(parts[1], 0, long.MaxValue) ?? NoPosition : NoPosition),
            _ => throw Stranger(answer),
        };
    }

    /// <summary>Meta that a script cannot even work with: another type of key, or text where it counts.</summary>
    public static ClaimAnswer? Refusal(Exception? fault) =>
        fault is RedisServerException { Message: var message }
        && (message.StartsWith("WRONGTYPE", StringComparison.Ordinal) || message.StartsWith("ERR user_script", StringComparison.Ordinal))
            ? new ClaimAnswer.Mismatch(Unreadable, message, "") : null;

    private static int Parts(in RespReader answer) => answer.IsAggregate && !answer.IsNull ? answer.AggregateLength() : 0;

    // An error within an answer is no more than a text.
    private static void Next(ref RespReader answer)
    {
        if (!answer.TryMoveNext(checkError: false))
        {
            throw Stranger(answer);
        }
    }

    // At least one. What is no text counts as an empty one.
    private static string[] Texts(RespReader answer)
    {
        var parts = new string[Parts(answer) is > 0 and var count ? count : throw Stranger(answer)];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = NextText(ref answer);
        }
        return parts;
    }

    private static string NextText(ref RespReader answer)
    {
        Next(ref answer);
        var text = answer.IsScalar && !answer.IsNull ? answer.ReadString() : null;
        Skip(ref answer);
        return text ?? "";
    }

    private static void Skip(ref RespReader answer)
    {
        if (answer.IsAggregate)
        {
            answer.SkipChildren();
        }
    }

    private static long? Number(string part, long least, long most) =>
        long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : null;

    private static AmbiguousStoreException Stranger(RespReader answer) =>
        new($"Redis gave an answer that is none of the script's (of {Math.Max(1, Parts(answer))} parts): is a proxy in between?");
}
