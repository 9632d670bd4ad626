using System.Text.Json;
using StreamRec.Faults;
using StreamRec.Faults.Rows;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

// The fault matrix: real brokers, real Redis, real workers; a row is counted only if its fault was seen and every
// oracle held.
var options = MatrixOptions.Parse(args);
if (options is null)
{
    Console.Error.WriteLine("usage: StreamRec.Faults [--rows 1,2,…|ci|swap] [--repetitions N] [--swaps N] [--json]");
    return 2;
}
if (Installed.WhyNoServers is { } why || Installed.KafkaHome is null || Installed.RedisServer is null)
{
    Console.Error.WriteLine(
        $"Skipped: {Installed.WhyNoServers ?? "the matrix kills its servers, so it needs its own"}."
    );
    return 0;
}
await using var matrix = await Matrix.StartAsync();
Swaps.Count = options.Swaps;
var failed = 0;
foreach (var row in Matrix.Rows.Where(row => options.Rows.Count == 0 || options.Rows.Contains(row.Number)))
{
    var outcome = await matrix.RunAsync(row, options.Repetitions);
    failed += outcome.Verdict == Matrix.Passed ? 0 : 1;
    Console.WriteLine(options.Json ? JsonSerializer.Serialize(outcome, Matrix.Json) : Matrix.Line(outcome));
}
return failed == 0 ? 0 : 1;
