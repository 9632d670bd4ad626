using System.CommandLine;
using StreamRec.Options;
using StreamRec.Redis.Connection;

namespace StreamRec.Status;

/// <summary>`streamrec status`: how far the work is, whoever does it.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var place = SharedOptions.Place();
        var watch = new Option<bool>("--watch") { Description = "Print it again every 2 s, until stopped." };
        var json = SharedOptions.Json();
        var set = SharedOptions.Set();
        var command = new Command("status", "See lag, members, model and dead letters, from Kafka and Redis alone.")
        {
            watch,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = SettingsReader.Read<WorkOptions>(SharedOptions.Given(parsed, set, place));
                options.ValidatePlace();
                await using var redis = await RedisConnection.ConnectAsync(options.RedisSettings(), cancel: cancel);
                using var reader = new StatusReader(options, redis);
                try
                {
                    await ShowAsync(reader, parsed.GetValue(watch), parsed.GetValue(json), cancel);
                }
                catch (OperationCanceledException) when (parsed.GetValue(watch) && cancel.IsCancellationRequested) { }
                return 0;
            }
        );
        return command;
    }

    private static async Task ShowAsync(StatusReader reader, bool watch, bool json, CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(s_interval);
        do
        {
            var status = await reader.ReadAsync(cancel);
            Console.WriteLine(json ? status.ToJson() : status.ToText());
        } while (watch && await timer.WaitForNextTickAsync(cancel));
    }
}
