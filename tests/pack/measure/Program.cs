using System.Diagnostics;
using StackExchange.Redis;
using StreamRec.Client;

// Times reads of Redis at args[0], then stops its process, args[1], and times answers while it is stopped.
const int Users = 1_000;
const int Rounds = 15;
const int Stopped = 200;

var users = Enumerable.Range(0, Users).Select(user => $"u{user:d4}").ToArray();
await using var redis = await ConnectionMultiplexer.ConnectAsync(args[0]);
var database = redis.GetDatabase();
var items = string.Join(',', Enumerable.Range(0, 100).Select(item => $"\"sku-{item:d4}\""));
var scores = string.Join(',', Enumerable.Range(0, 100).Select(item => $"{100 - item}.00000"));
foreach (var user in users)
{
    await database.StringSetAsync(
        $"streamrec:list:{user}",
        $$"""{"format":1,"kind":"model","model":"m","items":[{{items}}],"scores":[{{scores}}],"written_at":1}"""
    );
}
await using var patient = await ListReader.ConnectAsync(args[0], new() { ReadTimeout = TimeSpan.FromSeconds(30) });
List<double> single = [],
    many = [],
    raw = [];
for (var round = 0; round < Rounds; round++)
{
    single.Add(
        await TimeAsync(async () =>
        {
            foreach (var user in users)
            {
                await patient.ReadAsync(user);
            }
        })
    );
    many.Add(await TimeAsync(() => patient.ReadManyAsync(users)));
    raw.Add(
        await TimeAsync(async () =>
        {
            var batch = database.CreateBatch();
            var gets = Array.ConvertAll(users, user => batch.StringGetAsync($"streamrec:list:{user}"));
            batch.Execute();
            await Task.WhenAll(gets);
        })
    );
}
Console.WriteLine(
    $"{Users} users, median of {Rounds}: one by one {Median(single):f1} ms, ReadManyAsync {Median(many):f1} ms "
        + $"({Median(single) / Median(many):f1} times as fast); GETs in one batch, lists not read, {Median(raw):f1} ms"
);

await using var reader = await ListReader.ConnectAsync(args[0], new() { LastKnownUsers = Users });
for (var read = 0; read < Users; read++)
{
    // Until each was read within its time.
    while ((await reader.ReadAsync(users[read])).Source != ListSource.Own) { }
}
await SignalAsync("STOP");
var told = new SortedDictionary<string, int>(StringComparer.Ordinal);
List<double> times = [];
for (var read = 0; read < Stopped; read++)
{
    ListResult? answer = null;
    times.Add(await TimeAsync(async () => answer = await reader.ReadAsync(users[read])));
    var label = $"{answer!.Source} {answer.Reason}";
    told[label] = told.GetValueOrDefault(label) + 1;
}
await SignalAsync("CONT");

// What the machine makes of 50 ms by itself.
List<double> delays = [];
for (var delay = 0; delay < Stopped; delay++)
{
    delays.Add(await TimeAsync(() => Task.Delay(50)));
}
times.Sort();
delays.Sort();
Console.WriteLine(
    $"Redis stopped, {Stopped} reads: p50 {times[Stopped / 2]:f1} ms, p99 {times[Stopped * 99 / 100]:f1} ms, "
        + $"longest {times[^1]:f1} ms; {string.Join(", ", told.Select(pair => $"{pair.Key} {pair.Value}"))}; "
        + $"a delay of 50 ms: p50 {delays[Stopped / 2]:f1} ms, p99 {delays[Stopped * 99 / 100]:f1} ms"
);

static async Task<double> TimeAsync(Func<Task> what)
{
    var began = Stopwatch.GetTimestamp();
    await what();
    return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
}

static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

async Task SignalAsync(string signal)
{
    using var kill = Process.Start("kill", [$"-{signal}", args[1]]);
    await kill.WaitForExitAsync();
}
