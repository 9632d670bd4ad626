using System.CommandLine;
using StreamRec.Commands;

var root = new RootCommand("StreamRec: click events from Kafka become fresh top-N lists in Redis.")
{
    TrainCommand.Create(),
    ProduceCommand.Create(),
    WorkCommand.Create(),
    LookupCommand.Create(),
};
return await CommandRunner.RunAsync(root, args);
