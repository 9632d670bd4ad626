using StreamRec.Client;

await using var reader = await ListReader.ConnectAsync(args[0], new() { ReadTimeout = TimeSpan.FromSeconds(5) });

var result = await reader.ReadAsync(args[1]);
Console.WriteLine($"{result.Source} {result.Reason} {string.Join(' ', result.Items)}");
