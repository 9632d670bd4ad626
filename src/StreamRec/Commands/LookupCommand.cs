using System.CommandLine;
using System.Text.Json;
using StackExchange.Redis;
using StreamRec.Redis;
using StreamRec.Settings;

namespace StreamRec.Commands;

/// <summary>`streamrec lookup`: one user's list, as a reader sees it.</summary>
internal static class LookupCommand
{
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromMilliseconds(200);

    public static Command Create()
    {
        var user = new Argument<string>("user") { Description = "The user's id." };
        var redis = SharedOptions.Redis();
        var prefix = SharedOptions.Prefix();
        var watch = new Option<bool>("--watch") { Description = "Print the list again whenever it changes, until stopped." };
        var json = SharedOptions.Json();
        var set = SharedOptions.Set();
        var command = new Command("lookup", "Read a user's list.") { user, redis, prefix, watch, json, set };
        command.SetAction(async (parsed, cancel) =>
        {
            var servers = SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, redis, prefix));
            await using var connection = await RedisConnection.ConnectAsync(servers.RedisSettings());
            return await RunAsync(
                connection.GetDatabase(), new StoreKeys(servers.Prefix), parsed.GetRequiredValue(user),
                parsed.GetValue(watch), parsed.GetValue(json), cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IDatabase redis, StoreKeys keys, string user, bool watch, bool json, CancellationToken cancel)
    {
        string? last = null;
        using var timer = new PeriodicTimer(s_watchInterval);
        do
        {
            string? list = await redis.StringGetAsync(keys.List(user));
            list ??= await redis.StringGetAsync(keys.Popular);
            if (list is null)
            {
                throw new StreamRecException(
                    $"There is neither a list of user '{user}' nor a popular one. Did a worker run with this --redis and --prefix?",
                    ExitCode.BadInput);
            }
            if (list != last)
            {
                Console.WriteLine(json ? list : Describe(user, list));
                last = list;
            }
        }
        while (watch && await timer.WaitForNextTickAsync(cancel));
        return (int)ExitCode.Success;
    }

    private static string Describe(string user, string list)
    {
        using var document = JsonDocument.Parse(list);
        var root = document.RootElement;
        var popular = root.GetProperty("kind").GetString() == "popular";
        var items = root.GetProperty("items").EnumerateArray().Zip(root.GetProperty("scores").EnumerateArray())
            .Select((pair, rank) => $"{rank + 1,4}  {pair.First.GetString(),-20} {pair.Second.GetRawText()}");
        return $"{(popular ? $"user {user} has no list; the popular one" : $"user {user}")}, model {root.GetProperty("model").GetString()}\n"
            + string.Join('\n', items);
    }
}
