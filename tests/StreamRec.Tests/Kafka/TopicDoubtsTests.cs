using StreamRec.Kafka.Topics;

namespace StreamRec.Tests.Kafka;

public sealed class TopicDoubtsTests
{
    private static readonly Dictionary<string, string> s_good = new()
    {
        ["cleanup.policy"] = "delete",
        ["retention.ms"] = "604800000",
        ["message.timestamp.type"] = "LogAppendTime",
    };

    [Fact]
    public void Good_topics_leave_no_doubt() => Assert.Empty(TopicDoubts.Of(("t", s_good), ("l", s_good)));

    [Theory]
    [InlineData("cleanup.policy", "compact", "compacted")]
    [InlineData("cleanup.policy", "compact,delete", "compacted")]
    [InlineData("retention.ms", "60000", "1 minutes")]
    [InlineData("message.timestamp.type", "CreateTime", "timestamps")]
    public void Each_setting_that_loses_events_is_named(string name, string value, string told)
    {
        var doubt = Assert.Single(TopicDoubts.Of(("clicks", With(name, value)), ("l", s_good)));

        Assert.Contains("'clicks'", doubt);
        Assert.Contains(told, doubt);
    }

    [Fact]
    public void A_compacted_topic_of_dead_letters_is_named() =>
        Assert.Contains(
            "'l' is compacted",
            Assert.Single(TopicDoubts.Of(("t", s_good), ("l", With("cleanup.policy", "compact"))))
        );

    [Theory]
    [InlineData("-1")]
    [InlineData("9223372036854775807")]
    public void A_topic_that_keeps_all_leaves_no_doubt(string retention) =>
        Assert.Empty(TopicDoubts.Of(("t", With("retention.ms", retention)), ("l", s_good)));

    [Fact]
    public void What_may_not_be_seen_is_told_once() =>
        Assert.Contains("DescribeConfigs", Assert.Single(TopicDoubts.Of(("t", null), ("l", null))));

    private static Dictionary<string, string> With(string name, string value) => new(s_good) { [name] = value };
}
