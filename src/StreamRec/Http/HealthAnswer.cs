using System.Globalization;
using System.Text.Json;
using StreamRec.Telemetry.Status;

namespace StreamRec.Http;

/// <summary>What is answered on health: whether all conditions hold, each with since when. Asks nobody.</summary>
internal static class HealthAnswer
{
    /// <summary>A status is taken each second; an older one says that whoever takes it hangs.</summary>
    private static readonly TimeSpan s_stale = StatusBoard.StoreLimit;

    /// <summary>Whether the process is to be let live.</summary>
    public static (bool Holds, byte[] Json) Live(WorkerStatus status, DateTimeOffset now) =>
        Answer(status, status.Live, StatusBoard.TurnLimit, now);

    /// <summary>Whether the worker is of use now.</summary>
    public static (bool Holds, byte[] Json) Ready(WorkerStatus status, DateTimeOffset now) =>
        Answer(status, status.Ready, s_stale, now);

    private static (bool, byte[]) Answer(
        WorkerStatus status,
        IReadOnlyList<Condition> conditions,
        TimeSpan oldest,
        DateTimeOffset now
    )
    {
        var age = now - status.At;
        Condition[] all =
        [
            .. conditions,
            new("status", age <= oldest, status.At, age <= oldest ? null : $"nothing was looked at for {age:c}"),
        ];
        var holds = all.All(condition => condition.Holds);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("ok", holds);
            json.WriteString("phase", status.Phase.Code());
            json.WriteString("phase_since", Time(status.PhaseSince));
            json.WriteBoolean("standby", status.Standby);
            json.WriteStartArray("conditions");
            foreach (var condition in all)
            {
                json.WriteStartObject();
                json.WriteString("name", condition.Name);
                json.WriteBoolean("ok", condition.Holds);
                json.WriteString("since", Time(condition.Since));
                if (condition.Why is { } why)
                {
                    json.WriteString("why", why);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return (holds, buffer.ToArray());
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
