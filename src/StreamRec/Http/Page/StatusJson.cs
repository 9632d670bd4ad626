using System.Text.Json;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Events;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http.Page;

/// <summary>The worker's status as the page takes it: docs/page.md names the fields.</summary>
/// <param name="names">Where items' names come from; null: nowhere.</param>
/// <param name="playground">Whether clicks may be published from the page.</param>
internal sealed class StatusJson(string? names, bool playground, Func<HitRates>? hits)
{
    public byte[] Write(WorkerStatus status, Second second) =>
        JsonAnswer.Write(json =>
        {
            json.WriteNumber("at", status.At.ToUnixTimeMilliseconds());
            json.WriteString("topic", status.Topic);
            json.WriteString("group", status.Group);
            json.WriteString("phase", status.Phase.Code());
            json.WriteNumber("phase_since", status.PhaseSince.ToUnixTimeMilliseconds());
            json.WriteBoolean("standby", status.Standby);
            json.WriteOrNull("halt", status.Halt == HaltReason.None ? null : status.Halt.ToString());
            json.WriteOrNull("names", names);
            json.WriteBoolean("playground", playground);
            json.WritePropertyName("second");
            second.Write(json);
            WriteTotals(json, status);
            WriteOutcomes(json, status.Outcomes);
            WriteModel(json, status);
            WriteHits(json);
            WritePartitions(json, status);
            WriteWaits(json, status);
            WriteConditions(json, status.Ready);
        });

    private static void WriteTotals(Utf8JsonWriter json, WorkerStatus status)
    {
        json.WriteStartObject("totals");
        json.WriteNumber("records", status.Sum(p => p.Records));
        json.WriteNumber("batches", status.Sum(p => p.Steps));
        json.WriteNumber("lists", status.Sum(p => p.Lists));
        json.WriteNumber("fenced", status.Sum(p => p.Fenced));
        json.WriteNumber("conflicts", status.Sum(p => p.Conflicts));
        json.WriteNumber("outdated", status.Sum(p => p.Outdated));
        json.WriteNumber("unanswered", status.Sum(p => p.Unanswered));
        json.WriteNumber("lost", status.Sum(p => p.LostOffsets));
        json.WriteEndObject();
    }

    private static void WriteOutcomes(Utf8JsonWriter json, Outcomes outcomes)
    {
        json.WriteStartObject("outcomes");
        json.WriteNumber("known", outcomes.Known);
        json.WriteNumber("unknown", outcomes.Unknown);
        json.WriteNumber("duplicates", outcomes.Duplicates);
        json.WriteNumber("late", outcomes.Late);
        json.WriteNumber("unwanted", outcomes.Unwanted);
        json.WriteStartObject("dead_letters");
        foreach (var (reason, count) in outcomes.DeadLetters)
        {
            json.WriteNumber(reason, count);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, WorkerStatus status)
    {
        if (status.Model is { } model)
        {
            json.WriteStartObject("model");
            json.WriteString("id", model.Id);
            json.WriteNumber("items", model.Items);
            json.WriteString("encoded", model.Encoded);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("model");
        }
        WriteModels(json, status.Models);
        if (status.Catalogue is { } catalogue)
        {
            json.WriteStartObject("catalogue");
            json.WriteOrNull("offset", catalogue.Version?.Offset);
            json.WriteNumber("items", catalogue.Items);
            json.WriteNumber("unreadable", catalogue.Unreadable);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("catalogue");
        }
    }

    private static void WriteModels(Utf8JsonWriter json, ModelsStatus? models)
    {
        if (models is null)
        {
            json.WriteNull("models");
            return;
        }
        json.WriteStartObject("models");
        json.WriteNumber("promotion", models.Promotion);
        json.WriteOrNull("digest", models.Digest);
        json.WriteNumber("swaps", models.Swaps);
        json.WriteNumber("refused", models.Refused);
        json.WriteOrNull("awaited", models.Awaited is { } awaited ? Excerpt.Of(awaited) : null);
        json.WriteOrNull("fault", models.Fault is { } fault ? Excerpt.Of(fault) : null);
        if (models.Staged is { } staged)
        {
            json.WriteStartObject("staged");
            json.WriteString("digest", staged.Digest);
            json.WriteString("model", staged.Model);
            json.WriteString("state", staged.State);
            json.WriteOrNull("reason", staged.Reason is { } reason ? Excerpt.Of(reason) : null);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("staged");
        }
        json.WriteEndObject();
    }

    private void WriteHits(Utf8JsonWriter json)
    {
        if (hits?.Invoke() is not { Cases: > 0 } rates)
        {
            json.WriteNull("hit_rate");
            return;
        }
        static double? Known(double rate) => double.IsFinite(rate) ? rate : null;
        json.WriteStartObject("hit_rate");
        json.WriteOrNull("model", Known(rates.Model));
        json.WriteOrNull("markov", Known(rates.Markov));
        json.WriteOrNull("popularity", Known(rates.Popularity));
        json.WriteNumber("cases", rates.Cases);
        json.WriteEndObject();
    }

    private static void WritePartitions(Utf8JsonWriter json, WorkerStatus status)
    {
        json.WriteStartArray("partitions");
        foreach (var partition in status.Partitions)
        {
            json.WriteStartObject();
            json.WriteNumber("partition", partition.Partition);
            json.WriteBoolean("assigned", partition.IsAssigned);
            json.WriteString("phase", partition.Phase.ToString());
            json.WriteOrNull("lag", partition.Lag);
            json.WriteOrNull("next", partition.Next);
            json.WriteNumber("pending", partition.Pending);
            json.WriteBoolean("held", partition.IsHeld);
            json.WriteNumber("records", partition.Records);
            json.WriteOrNull("error", partition.LastError is { } error ? Excerpt.Of(error) : null);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteWaits(Utf8JsonWriter json, WorkerStatus status)
    {
        json.WriteStartArray("waiting");
        foreach (var (partition, what) in status.Waiting)
        {
            json.WriteStartObject();
            json.WriteOrNull("partition", partition);
            json.WriteString("reason", what.Reason.Code());
            json.WriteNumber("seconds", (long)what.For.TotalSeconds);
            json.WriteOrNull("error", what.Error is { } error ? Excerpt.Of(error) : null);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteConditions(Utf8JsonWriter json, IReadOnlyList<Condition> conditions)
    {
        json.WriteStartArray("ready");
        foreach (var condition in conditions)
        {
            json.WriteStartObject();
            json.WriteString("name", condition.Name);
            json.WriteBoolean("ok", condition.Holds);
            json.WriteNumber("since", condition.Since.ToUnixTimeMilliseconds());
            json.WriteOrNull("why", condition.Why);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

/// <summary>Fields that may be null.</summary>
internal static class NullableFields
{
    public static void WriteOrNull(this Utf8JsonWriter json, string name, string? value) =>
        json.WriteString(name, value);

    public static void WriteOrNull(this Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static void WriteOrNull(this Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, Math.Round(number, 6));
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
