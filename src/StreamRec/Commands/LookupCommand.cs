using System.CommandLine;
using System.Globalization;
using StreamRec.Client;
using StreamRec.Events;
using StreamRec.Input;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis.Connection;

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
        var watch = new Option<bool>("--watch")
        {
            Description = "Print the list again whenever it changes, until stopped.",
        };
        var json = SharedOptions.Json();
        var set = SharedOptions.Set();
        var command = new Command("lookup", "Read a user's list.") { user, redis, prefix, watch, json, set };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(user) is { Length: > 0 } given
                    ? given
                    : throw new StreamRecException("USER is empty: give a user's id.", FaultKind.Usage);
                var servers = SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, redis, prefix));
                await using var connection = await RedisConnection.ConnectAsync(
                    servers.RedisSettings(),
                    cancel: cancel
                );
                var reader = new ListReader(connection, servers.Prefix);
                try
                {
                    if (parsed.GetValue(watch))
                    {
                        await foreach (var changed in reader.WatchAsync(name, s_watchInterval, cancel))
                        {
                            if (!Show(name, changed, parsed.GetValue(json)))
                            {
                                Console.Error.WriteLine($"{None(name).Message} Waiting for one.");
                            }
                        }
                        return (int)ExitCode.Success;
                    }
                    return Show(name, await reader.ReadAsync(name, cancel), parsed.GetValue(json))
                        ? (int)ExitCode.Success
                        : throw None(name);
                }
                catch (OperationCanceledException) when (parsed.GetValue(watch) && cancel.IsCancellationRequested)
                {
                    return (int)ExitCode.Success;
                }
                catch (InvalidDataException fault)
                {
                    throw new StreamRecException(
                        $"The list of user '{Excerpt.Of(name)}' cannot be read: {Excerpt.Of(fault.Message)}",
                        FaultKind.Input
                    );
                }
                catch (Exception fault) when (RedisRefusal.IsOfRedis(fault))
                {
                    throw RedisRefusal.Of(fault, servers.RedisSettings());
                }
            }
        );
        return command;
    }

    private static bool Show(string user, PublishedList? list, bool json)
    {
        if (list is null)
        {
            return false;
        }
        Console.WriteLine(json ? list.ToJson() : Describe(user, list));
        return true;
    }

    private static StreamRecException None(string user) =>
        new(
            $"There is neither a list of user '{Excerpt.Of(user)}' nor a popular one. "
                + "Did a worker run with this --redis and --prefix?",
            FaultKind.Input
        );

    /// <summary>For people: ids are whoever's who wrote the events, and nothing in them reaches the terminal.</summary>
    internal static string Describe(string user, PublishedList list)
    {
        user = Excerpt.Of(user);
        var whose =
            list.IsPopular && list.LastEvent is null ? $"user {user} has no list yet; this is the popular one"
            : list.IsSeen ? $"user {user} has seen every item; these are they again"
            : $"user {user}";
        var fresh = list.LastEvent is { } last
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", last event {Excerpt.Of(last.Id)} of "
                    + $"{DateTimeOffset.FromUnixTimeMilliseconds(last.TimeMs):yyyy-MM-dd HH:mm:ss.fff}Z"
            )
            : "";
        var items = list
            .Items.Zip(list.Scores)
            .Select(
                (pair, rank) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(rank + 1).ToString().PadLeft(4)}  {Excerpt.Of(pair.First).PadRight(20)} {pair.Second:F5}"
                    )
            );
        return $"{whose}: {list.Items.Count} items, model {Excerpt.Of(list.Model)}{fresh}\n" + string.Join('\n', items);
    }
}
