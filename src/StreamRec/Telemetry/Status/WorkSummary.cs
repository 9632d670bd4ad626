using System.Text.Json;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Telemetry.Status;

/// <summary>What a worker did from its start to its end, for machines: schemas/cli/work.schema.json.</summary>
internal static class WorkSummary
{
    public static string Json(WorkerStatus last) =>
        JsonSerializer.Serialize(
            new
            {
                topic = last.Topic,
                group = last.Group,
                model = last.Model?.Id,
                halt = last.Halt == HaltReason.None ? null : last.Halt.ToString(),
                records = last.Sum(p => p.Records),
                steps = last.Sum(p => p.Steps),
                lists = last.Sum(p => p.Lists),
                events = new
                {
                    accepted = last.Outcomes.Accepted,
                    unknown_items = last.Outcomes.Unknown,
                    duplicates = last.Outcomes.Duplicates,
                    late = last.Outcomes.Late,
                    other_types = last.Outcomes.Unwanted,
                },
                dead_letters = last.Outcomes.DeadLetters,
                lost_offsets = last.Sum(p => p.LostOffsets),
                partitions = last
                    .Partitions.Where(p => p.Next is not null)
                    .Select(p => new { partition = p.Partition, next = p.Next }),
            }
        );
}
