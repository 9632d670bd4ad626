using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Telemetry.Status;

public sealed class WorkSummaryTests
{
    [Fact]
    public void What_was_done_is_told_as_the_schema_says()
    {
        var json = WorkSummary.Json(
            new WorkerStatus
            {
                At = DateTimeOffset.UnixEpoch,
                Topic = "clicks",
                Group = "g",
                Model = new ServedModel("m", 300, "by step"),
                Halt = HaltReason.Fork,
                Partitions = [Of(0, null), Of(1, 12) with { Records = 9, Steps = 2, Lists = 7 }],
                Outcomes = new Outcomes(5, 1, 1, 0, 0, new Dictionary<string, long> { ["json"] = 2 }),
            }
        );

        Assert.True(ContractFiles.IsValid("cli/work.schema.json", json), json);
        Assert.Equal(
            """{"topic":"clicks","group":"g","model":"m","halt":"Fork","records":9,"steps":2,"lists":7,"ev"""
                + """ents":{"accepted":6,"unknown_items":1,"duplicates":1,"late":0,"other_types":0},"dead_lett"""
                + """ers":{"json":2},"lost_offsets":0,"partitions":[{"partition":1,"next":12}]}""",
            json
        );
    }

    private static PartitionStatus Of(int partition, long? next) =>
        new(partition, PartitionPhase.Ready, 0, next, 0, false, null, new Dictionary<string, long>());
}
