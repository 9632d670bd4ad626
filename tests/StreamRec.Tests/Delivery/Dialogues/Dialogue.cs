using System.Globalization;
using System.Text;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Dialogues;

/// <summary>Inputs and decisions as people read them.</summary>
internal static class Dialogue
{
    /// <summary>What a partition was told, and what it decided.</summary>
    public static string Line(in PartitionInput input, IEnumerable<PartitionDecision> decisions) =>
        Text(input) + string.Concat(decisions.Select(d => " → " + Text(d)));

    public static string Text(in PartitionInput input)
    {
        var text = new StringBuilder(input.Kind.ToString());
        switch (input.Kind)
        {
            case PartitionInputKind.ClaimGranted:
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" claim={input.Claim.Number} n={input.Offset} epoch={input.Epoch} seq={input.Seq}"
                );
                break;
            case PartitionInputKind.ClaimOutdated or PartitionInputKind.ModelReady:
                text.Append(CultureInfo.InvariantCulture, $" promotion={input.Promotion}");
                break;
            case PartitionInputKind.ClaimRefused:
                text.Append(CultureInfo.InvariantCulture, $" {input.Reason}");
                break;
            case PartitionInputKind.Fetched:
                text.Append(CultureInfo.InvariantCulture, $" offset={input.Offset} epoch={input.Epoch}");
                break;
            case PartitionInputKind.EndOfPartition:
                text.Append(CultureInfo.InvariantCulture, $" at={input.Offset}");
                break;
            case PartitionInputKind.OutOfRange:
                text.Append(CultureInfo.InvariantCulture, $" log={input.Offset}..{input.End}");
                break;
            case PartitionInputKind.GapChecked:
                text.Append(CultureInfo.InvariantCulture, $" {input.Verdict}");
                if (input.Verdict == GapVerdict.Retention)
                {
                    text.Append(CultureInfo.InvariantCulture, $" start={input.Offset}");
                }
                break;
            case PartitionInputKind.BatchDue:
                text.Append(input.NeedsStates ? " states missing" : " states in memory");
                break;
            case PartitionInputKind.StatesAnswered or PartitionInputKind.StepConflict:
                text.Append(CultureInfo.InvariantCulture, $" n={input.Offset} seq={input.Seq}");
                break;
            case PartitionInputKind.DirtyLoaded:
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" n={input.Offset} seq={input.Seq} {(input.More ? "some" : "none")}"
                );
                break;
            case PartitionInputKind.Published:
                text.Append(input.More ? " some" : " all");
                break;
        }
        return text.ToString();
    }

    public static string Text(in PartitionDecision decision)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"{decision.From.Offset}..{decision.To.Offset}");
        var text = decision.Kind switch
        {
            PartitionDecisionKind.SeekTo or PartitionDecisionKind.StoreOffset => string.Create(
                CultureInfo.InvariantCulture,
                $"{decision.Kind} {decision.To.Offset} epoch={decision.To.Epoch}"
            ),
            PartitionDecisionKind.CheckGap
            or PartitionDecisionKind.CountGap
            or PartitionDecisionKind.CountLost
            or PartitionDecisionKind.ReadStates
            or PartitionDecisionKind.Compute
            or PartitionDecisionKind.WriteStep
            or PartitionDecisionKind.RetryStep => $"{decision.Kind} {range}",
            PartitionDecisionKind.PublishLists or PartitionDecisionKind.LoadDirty => string.Create(
                CultureInfo.InvariantCulture,
                $"{decision.Kind} n={decision.From.Offset}"
            ),
            PartitionDecisionKind.Halt => $"Halt {decision.Reason}",
            _ => decision.Kind.ToString(),
        };
        return decision.Delayed ? text + " (delayed)" : text;
    }
}
