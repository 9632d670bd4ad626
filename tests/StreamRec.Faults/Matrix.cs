using System.Text.Json;
using StreamRec.Faults.Rows;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults;

/// <summary>The servers of a run of the matrix, and how a row is run and judged.</summary>
internal sealed class Matrix : IAsyncDisposable
{
    public const string Passed = "ok";

    private readonly KafkaServer _kafka;
    private readonly RedisServer _redis;
    private readonly bool _own;

    /// <summary>On servers of somebody else's, which are left running.</summary>
    public Matrix(KafkaServer kafka, RedisServer redis)
        : this(kafka, redis, own: false) { }

    private Matrix(KafkaServer kafka, RedisServer redis, bool own) => (_kafka, _redis, _own) = (kafka, redis, own);

    public static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

    public static IEnumerable<Row> Rows =>
        Workers
            .Rows.Concat(Brokers.Rows)
            .Concat(Logs.Rows)
            .Concat(Stores.Rows)
            .Concat(Halts.Rows)
            .Concat(Loads.Rows)
            .Concat(Swaps.Rows)
            .OrderBy(row => row.Number);

    /// <summary>On three brokers and a Redis of its own.</summary>
    public static async Task<Matrix> StartAsync() =>
        new(await KafkaServer.StartAsync(nodes: 3), await RedisServer.StartAsync("--appendonly", "yes"), own: true);

    public async Task<Outcome> RunAsync(Row row, int repetitions)
    {
        long events = 0,
            lost = 0,
            duplicated = 0,
            stale = 0;
        double seconds = 0;
        List<string> observed = [];
        for (var i = 0; i < repetitions; i++)
        {
            var redis = row.OwnRedis is null
                ? _redis
                : await RedisServer.StartAsync(row.OwnRedis.Append("--loglevel").Append("notice"));
            try
            {
                await using var stage = new Stage(_kafka, redis, await SmallBundle.PathAsync(), $"row-{row.Number}");
                await stage.OpenAsync(row.Brokers, row.Topic);
                var recovered = await row.RunAsync(stage);
                var verdict = await stage.JudgeAsync(row.Journal, row.Committed);
                (events, lost, duplicated, stale) = (
                    events + verdict.Events,
                    lost + verdict.Lost + verdict.Dropped,
                    duplicated + verdict.Duplicated,
                    stale + verdict.Stale + verdict.Mixed
                );
                seconds = Math.Max(seconds, recovered.TotalSeconds);
                observed.AddRange(stage.Observed);
                if (!verdict.Holds || stage.Observed.Count == 0)
                {
                    return Made(
                        verdict.Holds ? "O: the fault was not seen" : string.Join("; ", verdict.Faults.Take(5))
                    );
                }
            }
            catch (Exception fault)
            {
                await Console.Error.WriteLineAsync($"row {row.Number}, repetition {i + 1}: {fault}");
                return Made($"{fault.GetType().Name}: {fault.Message.Split('\n')[0]}");
            }
            finally
            {
                if (redis != _redis)
                {
                    await redis.DisposeAsync();
                }
            }
        }
        return Made(Passed);

        Outcome Made(string verdict) =>
            new(
                row.Number,
                row.Fault,
                repetitions,
                events,
                Summary(observed),
                lost,
                duplicated,
                stale,
                Math.Round(seconds, 1),
                verdict
            );
    }

    public static string Line(Outcome o) =>
        $"| {o.Row} | {o.Fault} | {o.Repetitions} | {o.Events} | {o.Observed} | {o.Lost} | {o.Duplicated} | "
        + $"{o.Stale} | {o.RecoveryS:F1} | {o.Verdict} |";

    public async ValueTask DisposeAsync()
    {
        if (_own)
        {
            await _kafka.DisposeAsync();
            await _redis.DisposeAsync();
        }
    }

    private static string Summary(List<string> observed) =>
        string.Join(
            "; ",
            observed.CountBy(what => what).Select(pair => pair.Value == 1 ? pair.Key : $"{pair.Key} ×{pair.Value}")
        );
}
