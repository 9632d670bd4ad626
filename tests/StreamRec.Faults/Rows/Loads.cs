using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Kafka.Producing;
using StreamRec.Redis;
using StreamRec.Redis.Connection;
using StreamRec.Sequences;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.Faults.Rows;

/// <summary>Rows about much: more events than a worker can take, and more users than it can hold.</summary>
internal static class Loads
{
    private const int Seconds = 120;
    private const double PerSecond = 2_500;
    private const int SlowMs = 250;

    /// <summary>What the client may fetch ahead (16 MiB), what waits before the batches, and some room.</summary>
    private const double GrowthMiB = 48;

    private const int MoreHandles = 16;

    private const int Known = 1_000_000,
        PerUser = 3,
        Clicks = 3_000;
    private const double StartLimitS = 15;

    public static IEnumerable<Row> Rows =>
        [
            new(38, "overload: 2 minutes of 5 times what a slow worker takes, then two quick ones", OverloadAsync),
            new(39, "a worker starts on 1,000,000 known users", StartAsync)
            {
                OwnRedis = ["--maxmemory-policy", "noeviction"],
            },
        ];

    private static async Task<TimeSpan> OverloadAsync(Stage stage)
    {
        stage.Settings = stage.Settings with
        {
            Environment = new Dictionary<string, string>(stage.Settings.Environment)
            {
                ["STREAMREC__KAFKA__max.poll.interval.ms"] = "10000",
            },
        };
        // Four partitions, 32 records a batch: at most 512 a second.
        var slow = await stage.StartedAsync($"before-encode:*:wait={SlowMs};lost:*:say;revoked:*:say");
        var clock = Stopwatch.StartNew();
        var sending = stage.Traffic.SendAsync((int)(Seconds * PerSecond), PerSecond);
        List<double> resident = [];
        List<int> handles = [];
        foreach (var share in new[] { 0.2, 0.6, 0.99 })
        {
            await Wait.UntilAsync(
                $"{share:P0} are sent",
                () => stage.Traffic.Sent >= share * Seconds * PerSecond,
                3 * Stage.Limit
            );
            resident.Add(slow.ResidentMiB);
            handles.Add(slow.Handles);
        }
        await sending;
        var worked = (await stage.Oracle.NextAsync()).Sum();
        var ratio = (double)stage.Traffic.Sent / worked;
        if (
            ratio < 4
            || resident[2] > resident[0] + GrowthMiB
            || handles[2] > handles[0] + MoreHandles
            || slow.Output.Contains("fail point lost", StringComparison.Ordinal)
            || slow.Output.Contains("fail point revoked", StringComparison.Ordinal)
        )
        {
            throw new InvalidOperationException(
                $"{ratio:F1} times as many came as were worked; "
                    + $"resident {string.Join(", ", resident)} MiB, {string.Join(", ", handles)} handles; "
                    + "or the worker was put out of its group"
            );
        }
        stage.Observe(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{stage.Traffic.Sent / clock.Elapsed.TotalSeconds:F0} events a second came, "
                    + $"{worked / clock.Elapsed.TotalSeconds:F0} were worked"
            )
        );
        stage.Observe(
            string.Create(
                CultureInfo.InvariantCulture,
                $"resident after 24 s, 72 s, 120 s: {resident[0]:F0}, {resident[1]:F0}, {resident[2]:F0} MiB, "
                    + $"{handles[0]}, {handles[1]}, {handles[2]} handles; it stayed in its group"
            )
        );
        clock.Restart();
        await stage.StartedAsync();
        await stage.StartedAsync();
        await stage.StopAsync(slow);
        await stage.SettledAsync(3 * Stage.Limit);
        await stage.StopAllAsync();
        return clock.Elapsed;
    }

    private static async Task<TimeSpan> StartAsync(Stage stage)
    {
        using var traffic = new Traffic(stage.Kafka.Bootstrap, stage.Name, seed: 39, users: Known);
        await LoadAsync(stage);
        stage.StatesInAll = Known;
        var (seconds, touched) = (new List<double>(), new HashSet<string>());
        for (var start = 0; start < 2; start++)
        {
            for (var i = 0; i < Clicks; i++)
            {
                Click(stage, traffic, touched);
            }
            traffic.Flush();
            var before = (await stage.Oracle.NextAsync()).Sum(n => Math.Max(0, n));
            var clock = Stopwatch.StartNew();
            var worker = stage.Start();
            await Wait.UntilAsync(
                "the first batch is written",
                async () => (await stage.Oracle.NextAsync()).Sum(n => Math.Max(0, n)) > before,
                Stage.Limit,
                () => worker.Output
            );
            seconds.Add(clock.Elapsed.TotalSeconds);
            await stage.SettledAsync();
            stage.Observe(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"first batch {seconds[^1]:F1} s after the process began, "
                        + $"{Clicks} events of as many users after {clock.Elapsed.TotalSeconds:F1} s, "
                        + $"{worker.ResidentMiB:F0} MiB resident"
                )
            );
            await (start == 0 ? stage.KillAsync(worker) : stage.StopAsync(worker));
        }
        if (seconds.Max() > StartLimitS)
        {
            throw new InvalidOperationException($"the first batch came after {seconds.Max():F1} s");
        }
        return TimeSpan.FromSeconds(seconds.Max());
    }

    private static void Click(Stage stage, Traffic traffic, HashSet<string> touched)
    {
        var click = traffic.NextEvent();
        if (touched.Add(click.UserId))
        {
            stage.Deleted.AddRange(Before(click.UserId));
        }
        traffic.Send(click);
    }

    /// <summary>A state of three events for every user, as the product writes it.</summary>
    private static async Task LoadAsync(Stage stage)
    {
        var (keys, sequence) = (new StoreKeys(stage.Name), new UserSequence());
        for (var i = 0; i < PerUser; i++)
        {
            var click = Event("", i);
            // Their records are of today: users who were idle for a year would be forgotten.
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            sequence.Apply(
                EventText.Of(new ClickEvent(click.EventId, "", click.ItemId, "click", click.TimeMs)),
                i,
                0,
                now,
                new SequenceOptions()
            );
        }
        var state = StateCodec.Encode(sequence);
        var written = new List<Task>();
        for (var user = 0; user < Known; user++)
        {
            var name = $"u{user:D6}";
            var partition = new PartitionIdentity(stage.Name, Owner(name), "", Stage.Partitions, "");
            written.Add(stage.Database.StringSetAsync(keys.State(partition, name), state));
            if (written.Count == 10_000)
            {
                await Task.WhenAll(written);
                written.Clear();
            }
        }
        await Task.WhenAll(written);
        stage.Observe(FormattableString.Invariant($"{Known:N0} states of {state.Length} bytes"));
    }

    /// <summary>The records that such a state would be of.</summary>
    private static IEnumerable<LoggedRecord> Before(string user) =>
        Enumerable
            .Range(0, PerUser)
            .Select(i => new LoggedRecord(
                Owner(user),
                i,
                Event(user, i).TimeMs,
                System.Text.Encoding.UTF8.GetBytes(user),
                System.Text.Encoding.UTF8.GetBytes(Event(user, i).ToJson()),
                []
            ));

    // A little before the traffic's own.
    private static DataEvent Event(string user, int number) =>
        new($"old-{number}", user, $"i{number + 1:D6}", 1_699_999_000_000L + number);

    private static int Owner(string user) =>
        Murmur2.Partition(System.Text.Encoding.UTF8.GetBytes(user), Stage.Partitions);
}
