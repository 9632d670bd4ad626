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
        var bundle = new Option<string?>("--bundle")
        {
            Description =
                "Keep the shop's model in this folder, and use the one that is there. "
                + "Default: a temporary folder.",
        };
        var prepare = new Option<bool>("--prepare")
        {
            Description = "Make the topic and the model of --bundle, and end: for workers that start next.",
        };
        var noWorker = new Option<bool>("--no-worker")
        {
            Description = "The shoppers alone: workers elsewhere make their lists, with the model of --bundle.",
        };
        var http = new Option<string>(ListenAddress.Page)
        {
            Description = "Serve the worker's page there, to this machine alone: an address of loopback and a port.",
            DefaultValueFactory = _ => "127.0.0.1:0",
        };
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
            bundle,
            prepare,
            noWorker,
            http,
            prefix,
            set,
        };
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(prepare) && parsed.GetValue(noWorker))
            {
                parsed.AddError("--prepare and --no-worker exclude each other: one makes what the other needs.");
            }
        });
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
                        parsed.GetValue(bundle),
                        parsed.GetValue(prepare) ? DemoPart.Preparation
                            : parsed.GetValue(noWorker) ? DemoPart.Traffic
                            : DemoPart.Whole,
                        parsed.GetRequiredValue(http),
                        SettingsReader.Read<ServerOptions>(SharedOptions.Given(parsed, set, bootstrap, redis, prefix))
                    )
                );
                return (int)(await demo.RunAsync(cancel) ? ExitCode.Success : ExitCode.NotBetter);
            }
        );
        return command;
    }
}
