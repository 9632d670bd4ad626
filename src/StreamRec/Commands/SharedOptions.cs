using System.CommandLine;

namespace StreamRec.Commands;

/// <summary>Options that mean the same wherever they apply.</summary>
internal static class SharedOptions
{
    public static Option<string> Events() => new("--events") { Description = "File of events, one JSON object a line.", Required = true };

    public static Option<string> Bootstrap() => new("--bootstrap")
    {
        Description = "Kafka bootstrap servers, host:port.", DefaultValueFactory = _ => "localhost:9092",
    };

    public static Option<string> Redis() => new("--redis")
    {
        Description = "Redis, host:port.", DefaultValueFactory = _ => "localhost:6379",
    };

    public static Option<string> Prefix() => new("--prefix")
    {
        Description = "First part of every Redis key.", DefaultValueFactory = _ => "streamrec",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object for machines." };
}
