using System.CommandLine;
using StreamRec.Commands;
using StreamRec.Demo;

var root = new RootCommand("StreamRec: click events from Kafka become fresh top-N lists in Redis.")
{
    DemoCommand.Create(),
    ImportCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    SweepCommand.Create(),
    ProduceCommand.Create(),
    WorkCommand.Create(),
    RecoverCommand.Create(),
    LookupCommand.Create(),
    BenchCommand.Create(),
};
return await CommandRunner.RunAsync(root, args);
