using System.Globalization;
using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Redis.Store;

/// <summary>
/// Reads what the scripts of <see cref="StoreScripts"/> answer. Whatever stands in meta, by whoever's hand, becomes an
/// answer: a claim of it is refused, and a read or a step of it fits no position, so that a claim follows.
/// </summary>
internal static class StoreAnswers
{
    private const long NoPosition = -1;

    /// <exception cref="AmbiguousStoreException">It is no answer of the script.</exception>
    public static ClaimAnswer Claim(RedisResult answer, Guid claimId)
    {
        var parts = Parts(answer);
        switch (Text(parts[0]))
        {
            case "NOMETA":
                return new ClaimAnswer.NoMeta();
            case "OUTDATED" when parts.Length >= 2 && Number(parts[1], 1, long.MaxValue) is { } promotion:
                return new ClaimAnswer.Outdated(promotion);
            case "MISMATCH" when parts.Length >= 4 && FieldOf(Text(parts[1])) is { } field:
                return new ClaimAnswer.Mismatch(field, Text(parts[2]), Text(parts[3]));
            case "OK" when parts.Length >= 6:
                return
                    Number(parts[1], 1, long.MaxValue) is { } claim
                    && Number(parts[2], 0, long.MaxValue) is { } next
                    && Number(parts[3], -1, int.MaxValue) is { } epoch
                    && Number(parts[4], 0, int.MaxValue) is { } generation
                    && Number(parts[5], 0, long.MaxValue) is { } seq
                    ? new ClaimAnswer.Granted(
                        new Claim(claim, claimId),
                        new LogPosition(next, (int)epoch),
                        (int)generation,
                        seq
                    )
                    : new ClaimAnswer.Mismatch(
                        MetaField.Unreadable,
                        $"claim '{Text(parts[1])}', next '{Text(parts[2])}', epoch '{Text(parts[3])}', "
                            + $"generation '{Text(parts[4])}', seq '{Text(parts[5])}'",
                        ""
                    );
            default:
                throw Stranger(answer);
        }
    }

    /// <inheritdoc cref="Claim"/>
    public static StatesAnswer States(RedisResult answer, int users)
    {
        var parts = Parts(answer);
        if (parts.Length != users + 2)
        {
            throw Stranger(answer);
        }
        var states = new byte[]?[users];
        for (var i = 0; i < users; i++)
        {
            // What is no text is no state either: it stands as an empty one, which is refused by its user's name.
            states[i] =
                parts[i + 2].IsNull ? null
                : parts[i + 2].Length >= 0 ? []
                : (byte[]?)parts[i + 2];
        }
        return new StatesAnswer(Place(parts[0], parts[1]), states);
    }

    /// <summary>
    /// Without meta there is no place: it equals none that a worker is at, so nothing that was read is used.
    /// </summary>
    public static StorePlace Place(RedisResult next, RedisResult seq) =>
        new(Number(next, 0, long.MaxValue) ?? NoPosition, Number(seq, 0, long.MaxValue) ?? NoPosition);

    /// <inheritdoc cref="Claim"/>
    public static StepAnswer Step(RedisResult answer)
    {
        var parts = Parts(answer);
        return Text(parts[0]) switch
        {
            "OK" when parts.Length >= 2 && Number(parts[1], 0, long.MaxValue) is { } seq => new StepAnswer.Applied(
                seq,
                parts.Length > 2 ? Number(parts[2], 0, long.MaxValue) ?? 0 : 0
            ),
            "OUTDATED" when parts.Length >= 2 && Number(parts[1], 1, long.MaxValue) is { } promotion =>
                new StepAnswer.Outdated(promotion),
            "FENCED" => new StepAnswer.Fenced(),
            "CONFLICT" => new StepAnswer.Conflict(
                parts.Length > 2 ? Place(parts[1], parts[2]) : new(NoPosition, NoPosition)
            ),
            _ => throw Stranger(answer),
        };
    }

    /// <summary>Meta that a script cannot even work with: another type of key, or text where it counts.</summary>
    public static ClaimAnswer? Refusal(Exception? fault) =>
        fault is RedisServerException { Message: var message }
        && (
            message.StartsWith("WRONGTYPE", StringComparison.Ordinal)
            || message.StartsWith("ERR user_script", StringComparison.Ordinal)
        )
            ? new ClaimAnswer.Mismatch(MetaField.Unreadable, message, "")
            : null;

    // As the scripts name the fields of meta.
    private static MetaField? FieldOf(string name) =>
        name switch
        {
            "group" => MetaField.Group,
            "topic_uuid" => MetaField.TopicId,
            "partitions" => MetaField.Partitions,
            "settings" => MetaField.Settings,
            "recovering" => MetaField.Recovery,
            _ => null,
        };

    private static RedisResult[] Parts(RedisResult answer) =>
        answer.Length > 0 ? (RedisResult[])answer! : throw Stranger(answer);

    private static string Text(RedisResult part) => part.IsNull || part.Length >= 0 ? "" : (string?)part ?? "";

    private static long? Number(RedisResult part, long least, long most) =>
        long.TryParse(Text(part), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number >= least
        && number <= most
            ? number
            : null;

    private static AmbiguousStoreException Stranger(RedisResult answer) =>
        new(
            $"Redis gave an answer that is none of the script's (of {Math.Max(1, answer.Length)} parts): "
                + "is a proxy in between?"
        );
}
