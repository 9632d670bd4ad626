using StreamRec.Status;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Status;

public sealed class WorkStatusTests
{
    private static readonly PartitionStatus s_worked = new(0, 10, 10),
        s_behind = new(1, 4, 10),
        s_unknown = new(2, null, 10);

    [Theory]
    [InlineData(0, false, "stopped")]
    [InlineData(1, true, "rebalancing")]
    [InlineData(1, false, "working")]
    [InlineData(null, false, "working")]
    public void The_phase_is_what_the_group_does(int? members, bool rebalancing, string phase) =>
        Assert.Equal(phase, WorkPhase.Of(false, rebalancing, members, [s_worked, s_behind]));

    [Fact]
    public void The_phase_tells_what_was_never_begun_and_what_is_all_done()
    {
        Assert.Equal("new", WorkPhase.Of(false, false, 0, [s_unknown]));
        Assert.Equal("current", WorkPhase.Of(false, false, 2, [s_worked]));
        Assert.Equal("recovering", WorkPhase.Of(true, false, 0, [s_worked]));
    }

    [Fact]
    public void What_is_not_known_is_not_told_as_0()
    {
        Assert.Equal(6, Of(s_worked, s_behind).Lag);
        Assert.Null(Of(s_worked, s_unknown).Lag);
        Assert.Contains("lag unknown", Of(s_unknown).ToText());
    }

    [Fact]
    public void What_machines_read_is_as_the_schema_says()
    {
        var json = Of(s_behind, s_unknown with { Note = "why" }).ToJson();

        Assert.True(ContractFiles.IsValid("cli/status.schema.json", json), json);
        Assert.Equal(
            """{"topic":"t","group":"g","phase":"working","lag":null,"members":1,"model":"m","de"""
                + """ad_letter_topic":"d","dead_letters":3,"partitions":[{"partition":1,"next":4,"end":10,"lag":6},"""
                + """{"partition":2,"next":null,"end":10,"note":"why","lag":null}]}""",
            json
        );
    }

    private static WorkStatus Of(params PartitionStatus[] partitions) =>
        new()
        {
            Topic = "t",
            Group = "g",
            Phase = WorkPhase.Working,
            Members = 1,
            Model = "m",
            DeadLetterTopic = "d",
            DeadLetters = 3,
            Partitions = partitions,
        };
}
