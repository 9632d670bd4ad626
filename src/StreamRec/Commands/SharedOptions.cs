using System.CommandLine;

namespace StreamRec.Commands;

/// <summary>Options that mean the same wherever they apply.</summary>
internal static class SharedOptions
{
    public const string HalfSetting = "--set wants NAME=VALUE, without blanks around the =.";

    public static Option<string> Events() => new("--events") { Description = "File of events, one JSON object a line.", Required = true };

    public static Option<string> Split()
    {
        var split = new Option<string>("--split")
        {
            Description = "What is left out of training, for `evaluate`: none, leave-one-out (each user's last event), time (the newest 20 %) "
                + "or session (the newest tenth of the sequences, whole).",
            DefaultValueFactory = _ => TrainingData.None,
        };
        split.AcceptOnlyFromAmong(TrainingData.None, TrainingData.LeaveOneOut, TrainingData.Time, TrainingData.Session);
        return split;
    }

    // No defaults here: what is not given comes from appsettings.json or the environment.
    public static Option<string?> Bootstrap() => new("--bootstrap") { Description = "Kafka bootstrap servers, host:port. Default localhost:9092." };

    public static Option<string?> Redis() => new("--redis") { Description = "Redis, host:port. Default localhost:6379." };

    public static Option<string?> Prefix() => new("--prefix") { Description = "First part of every Redis key. Default streamrec." };

    public static Option<string?> Partitioner() => new("--partitioner")
    {
        Description = "How producers choose partitions: murmur2 (default), crc32 or any.",
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "NAME=VALUE: any setting, such as RedisTls=true or Kafka:security.protocol=ssl; secrets belong in the environment (docs/security.md).",
    };

    /// <summary>What was given, by setting; options are named as settings are, but for hyphens.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed, Option<string[]> set, params Option<string?>[] options)
    {
        foreach (var option in options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                yield return KeyValuePair.Create(option.Name.Replace("-", "", StringComparison.Ordinal), (string?)value);
            }
        }
        foreach (var pair in parsed.GetValue(set) ?? [])
        {
            var end = pair.IndexOf('=', StringComparison.Ordinal);
            yield return end > 0
                ? KeyValuePair.Create(pair[..end], (string?)pair[(end + 1)..])
                : throw new StreamRecException(HalfSetting, ExitCode.Usage);
        }
    }

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object for machines." };
}
