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
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var user = new Argument<string>("user") { Description = "The user's id." };
        var redis = SharedOptions.Redis();
        var prefix = SharedOptions.Prefix();
        var segments = new Option<string?>("--segments")
        {
            Description =
                "What kinds of users this one is of, with commas between, the one that says most first: of a user "
                + "without a list that of the first segment that has one is shown.",
        };
        var watch = new Option<bool>("--watch")
        {
            Description = "Print the list again whenever it changes, until stopped.",
        };
        var similar = new Option<bool>("--similar")
        {
            Description = "USER is an item's id: read what is most like it, where workers write that.",
        };
        var json = SharedOptions.Json();
        var set = SharedOptions.Set();
        var command = new Command("lookup", "Read a user's list, or an item's.")
        {
            user,
            segments,
            similar,
            redis,
            prefix,
            watch,
            json,
            set,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(similar) && (parsed.GetValue(watch) || parsed.GetValue(segments) is not null))
            {
                parsed.AddError("--similar is of an item: --watch and --segments are of users.");
            }
        });
        command.SetAction(
            async (parsed, cancel) =>
            {
                var name = parsed.GetRequiredValue(user) is { Length: > 0 } given
                    ? given
                    : throw new StreamRecException("USER is empty: give a user's id.", FaultKind.Usage);
                var known = Segments(parsed.GetValue(segments));
                var servers = SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, redis, prefix));
                await using var connection = await RedisConnection.ConnectAsync(
                    servers.RedisSettings(),
                    cancel: cancel
                );
                var watching = parsed.GetValue(watch);
                // Who watches waits until Redis is back, who asks once is told.
                var reader = new ListReader(
                    connection,
                    new ListReaderOptions
                    {
                        Prefix = servers.Prefix,
                        ReadTimeout = s_limit,
                        ThrowOnOutage = !watching,
                    }
                );
                try
                {
                    if (parsed.GetValue(similar))
                    {
                        return ShowSimilar(name, await reader.ReadSimilarAsync(name, cancel), parsed.GetValue(json))
                            ? (int)ExitCode.Success
                            : throw NotSimilar(name);
                    }
                    if (watching)
                    {
                        await foreach (var changed in reader.WatchAsync(name, s_watchInterval, known, cancel))
                        {
                            if (!Show(changed, parsed.GetValue(json)))
                            {
                                Console.Error.WriteLine(
                                    changed.Reason == ListReason.NoList
                                        ? $"{None(name).Message} Waiting for one."
                                        : $"{servers.RedisSettings()} does not answer. Waiting."
                                );
                            }
                        }
                        return (int)ExitCode.Success;
                    }
                    return Show(await reader.ReadAsync(name, known, cancel), parsed.GetValue(json))
                        ? (int)ExitCode.Success
                        : throw None(name);
                }
                catch (OperationCanceledException) when (watching && cancel.IsCancellationRequested)
                {
                    return (int)ExitCode.Success;
                }
                catch (ListReadException fault)
                {
                    throw RedisRefusal.Of(
                        fault.InnerException ?? (fault.Reason == ListReason.TimedOut ? new TimeoutException() : fault),
                        servers.RedisSettings()
                    );
                }
            }
        );
        return command;
    }

    private static string[] Segments(string? text)
    {
        var segments = text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        return EventRules.Segments(segments) is { } error
            ? throw new StreamRecException(
                $"--segments is '{Excerpt.Of(text!)}': {error.Message} Give such as age:25-34,country:DE.",
                FaultKind.Usage
            )
            : segments;
    }

    private static bool Show(ListResult result, bool json) =>
        Show(result, json, $"user '{Excerpt.Of(result.UserId)}'", list => Describe(result.UserId, list));

    private static bool ShowSimilar(string item, ListResult result, bool json) =>
        Show(result, json, $"item '{Excerpt.Of(item)}'", list => DescribeSimilar(item, list));

    private static bool Show(ListResult result, bool json, string whose, Func<PublishedList, string> describe)
    {
        if (result.Reason == ListReason.Unreadable)
        {
            throw new StreamRecException(
                $"The list of {whose} cannot be read: {Excerpt.Of(result.Fault?.Message ?? "")}",
                FaultKind.Input
            );
        }
        if (result.List is not { } list)
        {
            return false;
        }
        Console.WriteLine(json ? list.ToJson() : describe(list));
        return true;
    }

    private static StreamRecException NotSimilar(string item) =>
        new(
            $"There is no list of what is like item '{Excerpt.Of(item)}'. Workers with --similar-items write one of "
                + "each item of their model. Did one run with this --redis and --prefix?",
            FaultKind.Input
        );

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
            list.IsPopular && list.Segment is { } segment
                ? $"user {user} has no list yet; this is what is popular in {Excerpt.Of(segment)}"
            : list.IsPopular && list.LastEvent is null ? $"user {user} has no list yet; this is the popular one"
            : list.IsSeen ? $"user {user} has seen every item; these are they again"
            : $"user {user}";
        var fresh = list.LastEvent is { } last
            ? string.Create(
                CultureInfo.InvariantCulture,
                $", last event {Excerpt.Of(last.Id)} of "
                    + $"{DateTimeOffset.FromUnixTimeMilliseconds(last.TimeMs):yyyy-MM-dd HH:mm:ss.fff}Z"
            )
            : "";
        return Lines($"{whose}: {list.Items.Count} items, model {Excerpt.Of(list.Model)}{fresh}", list);
    }

    private static string DescribeSimilar(string item, PublishedList list) =>
        Lines($"like item {Excerpt.Of(item)}: {list.Items.Count} items, model {Excerpt.Of(list.Model)}", list);

    private static string Lines(string head, PublishedList list)
    {
        var items = list
            .Items.Zip(list.Scores)
            .Select(
                (pair, rank) =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(rank + 1).ToString().PadLeft(4)}  {Excerpt.Of(pair.First).PadRight(20)} {pair.Second:F5}"
                    )
            );
        return head + "\n" + string.Join('\n', items);
    }
}
