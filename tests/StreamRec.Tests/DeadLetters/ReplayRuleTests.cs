using StreamRec.DeadLetters;
using StreamRec.Events;

namespace StreamRec.Tests.DeadLetters;

public sealed class ReplayRuleTests
{
    private const long Now = 1_800_000_000_000,
        Then = 1_700_000_000_000;
    private static readonly ReplayRule s_rule = new("clicks", All: false, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("stray_partition", Then)]
    [InlineData("key_mismatch", Then)]
    [InlineData("time_ahead", Now)]
    [InlineData("record_time_missing", Now)]
    public void What_a_new_record_cures_is_published_under_its_users_key(string reason, long time)
    {
        var verdict = s_rule.Of(Of(reason, Event(Then)), Now);

        Assert.Null(verdict.Skipped);
        Assert.Equal("u", System.Text.Encoding.UTF8.GetString(verdict.Key));
        Assert.Equal(time, verdict.TimestampMs);
    }

    [Fact]
    public void What_would_come_straight_back_is_not_published_unless_it_is_asked_for()
    {
        var broken = Of("malformed_json", "no event"u8.ToArray());
        var ahead = Of("time_ahead", Event(Now + 7_200_000));

        Assert.Equal(ReplayRule.ComesBack, s_rule.Of(broken, Now).Skipped);
        Assert.Equal(ReplayRule.ComesBack, s_rule.Of(ahead, Now).Skipped);
        var asked = (s_rule with { All = true }).Of(broken, Now);
        Assert.Null(asked.Skipped);
        Assert.Equal(broken.Key, asked.Key);
    }

    [Fact]
    public void A_letter_that_is_not_whole_or_of_another_topic_is_never_published()
    {
        var all = s_rule with { All = true };
        var whole = Of("stray_partition", Event(Then));

        Assert.Equal(ReplayRule.Cut, all.Of(whole with { IsCut = true }, Now).Skipped);
        Assert.Equal(
            ReplayRule.OtherTopic,
            all.Of(whole with { Source = whole.Source with { Topic = "other" } }, Now).Skipped
        );
    }

    [Fact]
    public void Every_reason_that_is_cured_is_one_of_the_contract() =>
        Assert.Subset(
            Enum.GetValues<EventReason>().Select(reason => reason.Code()).ToHashSet(),
            ReplayRule.Cured.ToHashSet()
        );

    private static Letter Of(string reason, byte[] value) =>
        new("0:1", Now, reason, "why", new("clicks", "uuid", 3, 7), Then, false, "wrong"u8.ToArray(), value);

    private static byte[] Event(long time) =>
        System.Text.Encoding.UTF8.GetBytes(
            $$"""{"event_id":"e","user_id":"u","item_id":"i","type":"view","ts":{{time}}}"""
        );
}
