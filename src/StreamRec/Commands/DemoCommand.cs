using System.CommandLine;
using StreamRec.Demo;
using StreamRec.Options;

namespace StreamRec.Commands;

/// <summary>`streamrec demo`: the main job, from nothing.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seconds = new Option<double?>("--seconds")
        {
            Description = "End after so long of live traffic, with a summary. Default: when stopped.",
        };
        var rate = new Option<double>("--rate") { Description = "Clicks a second.", DefaultValueFactory = _ => 200 };
        var seed = new Option<int>("--seed")
        {
            Description = "Of the shop's traffic and the training.",
            DefaultValueFactory = _ => 1,
        };
        var json = new Option<bool>("--json") { Description = "Print plain lines, and one JSON object as the last." };
        var bootstrap = new Option<string?>("--bootstrap")
        {
            Description = "Kafka, host:port, instead of the embedded broker.",
        };
        var redis = new Option<string?>("--redis") { Description = "Redis, host:port, instead of the embedded store." };
        var prefix = SharedOptions.Prefix();
        var set = SharedOptions.Set();
        var command = new Command("demo", "A generated shop: train on its past, then keep live shoppers' lists fresh.")
        {
            seconds,
            rate,
            seed,
            json,
            bootstrap,
            redis,
            prefix,
            set,
        };
        command.SetAction(
            async (parsed, cancel) =>
            {
                var demo = new DemoRun(
                    new DemoOptions(
                        parsed.GetValue(seconds),
                        parsed.GetValue(rate),
                        parsed.GetValue(seed),
                        parsed.GetValue(json),
                        parsed.GetValue(bootstrap),
                        parsed.GetValue(redis),
                        SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, bootstrap, redis, prefix))
                    )
                );
                return (int)(await demo.RunAsync(cancel) ? ExitCode.Success : ExitCode.NotBetter);
            }
        );
        return command;
    }
}
