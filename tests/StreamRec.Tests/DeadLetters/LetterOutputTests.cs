using Confluent.Kafka;
using StreamRec.DeadLetters;
using StreamRec.Events;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.DeadLetters;

/// <summary>What is printed of letters: whatever bytes they hold, a terminal obeys none of them.</summary>
public sealed class LetterOutputTests
{
    private static readonly Message<byte[], byte[]> s_hostile = new()
    {
        Key = [0x1b, (byte)']', 0xff],
        Value = [.. "\u001b[2Jü\u202e\n"u8, 0xc3],
        Timestamp = new Timestamp(1_767_225_600_000, TimestampType.CreateTime),
        Headers = new Headers { { "streamrec.reason", "bad\u0007"u8.ToArray() } },
    };

    [Fact]
    public void A_letter_is_shown_whole_and_safe() =>
        Assert.Equal(
            """
            streamrec.reason: bad\u0007
            key: \u001b]\xff
            value: \u001b[2Jü\u202e\u000a\xc3
            """,
            ShowCommand.Text(s_hostile)
        );

    [Fact]
    public void A_long_letter_is_shown_to_its_end()
    {
        var value = new byte[70_000];
        Array.Fill(value, (byte)'x');

        Assert.Equal(value.Length, Excerpt.Whole(value).Length);
    }

    [Fact]
    public void What_machines_read_is_as_the_schema_says()
    {
        Assert.Equal(
            """{"written_at":1767225600000,"headers":[{"name":"streamrec.reason","value":"bad\u0007"}],"""
                + "\"key_base64\":\"G13/\",\"value_base64\":\"G1sySsO84oCuCsM=\"}",
            Valid("dead-letters-show", ShowCommand.Json(s_hostile))
        );
        Assert.Equal(
            """{"topic":"dl","letters":[{"place":"0:2","written_at":2,"reason":"empty","message":"m","key":"k","to"""
                + """pic":"clicks","topic_uuid":"id","partition":3,"offset":7,"cut":false}],"reasons":{"empty":2}}""",
            Valid("dead-letters-list", LetterList.Of([Letter(2), Letter(1)], limit: 1).ToJson("dl"))
        );
        var counts = new ReplayCounts();
        counts.Replay("stray_partition");
        counts.Skip(ReplayRule.Cut);
        Assert.Equal(
            """{"topic":"clicks","dry_run":true,"replayed":1,"reasons":{"stray_partition":1},"skipped":{"cut":1}}""",
            Valid("dead-letters-replay", ReplayCommand.Json("clicks", dryRun: true, counts))
        );
    }

    [Fact]
    public void A_list_counts_all_and_shows_the_newest_last()
    {
        var lines = LetterList.Of([Letter(3), Letter(1), Letter(2)], limit: 2).ToText().Split('\n');

        Assert.StartsWith("0:2 ", lines[0]);
        Assert.StartsWith("0:3 ", lines[1]);
        Assert.Equal("3 dead letters: 3 empty", lines[2]);
    }

    private static Letter Letter(long at) =>
        new($"0:{at}", at, "empty", "m", new("clicks", "id", 3, 7), 5, false, "k"u8.ToArray(), "v"u8.ToArray());

    private static string Valid(string schema, string json)
    {
        Assert.True(ContractFiles.IsValid($"cli/{schema}.schema.json", json), json);
        return json;
    }
}
