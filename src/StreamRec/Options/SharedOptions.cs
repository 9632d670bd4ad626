using System.CommandLine;
using System.Text.Json;
using StreamRec.Input;
using StreamRec.Settings;

namespace StreamRec.Options;

/// <summary>Options that mean the same wherever they apply.</summary>
internal static class SharedOptions
{
    public const string SetName = "--set",
        ConfigName = "--config",
        PlanName = "--plan";
    public const string HalfSetting = "--set wants NAME=VALUE, without blanks around the =.";

    public static Option<string> Events() =>
        new("--events") { Description = "File of events, one JSON object a line.", Required = true };

    public static Option<string> Split()
    {
        var split = new Option<string>("--split")
        {
            Description =
                "What is left out of training, for `evaluate`: "
                + "none, leave-one-out (each user's last event), time (the newest 20 %) "
                + "or session (the newest tenth of the sequences, whole).",
            DefaultValueFactory = _ => TrainingInput.None,
        };
        split.AcceptOnlyFromAmong(
            TrainingInput.None,
            TrainingInput.LeaveOneOut,
            TrainingInput.Time,
            TrainingInput.Session
        );
        return split;
    }

    // No defaults here: what is not given comes from appsettings.json or the environment.
    public static Option<string?> Bootstrap() => Of(nameof(ServerOptions.Bootstrap), new ServerOptions());

    public static Option<string?> Redis() => Of(nameof(ServerOptions.Redis), new ServerOptions());

    public static Option<string?> Prefix() => Of(nameof(ServerOptions.Prefix), new ServerOptions());

    public static Option<string?> Partitioner() => Of(nameof(ServerOptions.Partitioner), new ServerOptions());

    /// <summary>The options of where a worker works: a command that looks at it takes the same.</summary>
    public static Option<string?>[] Place() =>
        [
            .. new[]
            {
                nameof(WorkOptions.Topic),
                nameof(WorkOptions.Group),
                nameof(WorkOptions.Bootstrap),
                nameof(WorkOptions.Redis),
                nameof(WorkOptions.Prefix),
                nameof(WorkOptions.DeadLetterTopic),
            }.Select(setting => Of(setting, new WorkOptions())),
        ];

    /// <summary>An option for a setting, named as it is, with hyphens between the words.</summary>
    public static Option<string?> Of(string setting, ServerOptions defaults)
    {
        var about = Setting.Of(defaults.GetType()).First(known => known.Name == setting);
        static string Name(string setting) => "--" + JsonNamingPolicy.KebabCaseLower.ConvertName(setting);
        var option = new Option<string?>(Name(setting), [.. EarlierNames.Of(setting).Select(Name)])
        {
            Description = about.Describe(defaults),
        };
        if (about.About.Choices.Count > 0)
        {
            option.AcceptOnlyFromAmong([.. about.About.Choices]);
        }
        return option;
    }

    public static Option<string[]> Set() =>
        new(SetName)
        {
            Description =
                "NAME=VALUE: any of the settings below, such as RedisTls=true or Kafka:security.protocol=ssl; "
                + "may be repeated. "
                + "Secrets belong in the environment (docs/security.md).",
        };

    /// <summary>What was given, by setting: --set comes later, and wins.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Given(
        ParseResult parsed,
        Option<string[]> set,
        params Option<string?>[] options
    )
    {
        foreach (var option in options)
        {
            if (parsed.GetValue(option) is { } value)
            {
                yield return KeyValuePair.Create(
                    option.Name.Replace("-", "", StringComparison.Ordinal),
                    (string?)value
                );
            }
        }
        foreach (var pair in parsed.GetValue(set) ?? [])
        {
            var end = pair.IndexOf('=', StringComparison.Ordinal);
            yield return end > 0
                ? KeyValuePair.Create(pair[..end], (string?)pair[(end + 1)..])
                : throw new StreamRecException(HalfSetting, FaultKind.Usage);
        }
    }

    /// <summary>What was given of all options of `work`, by a command that takes the same.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Given(ParseResult parsed, Command work)
    {
        foreach (var flag in work.Options.OfType<Option<bool>>().Where(parsed.GetValue))
        {
            yield return KeyValuePair.Create(flag.Name.Replace("-", "", StringComparison.Ordinal), (string?)"true");
        }
        var set = work.Options.OfType<Option<string[]>>().Single(option => option.Name == SetName);
        foreach (var pair in Given(parsed, set, [.. work.Options.OfType<Option<string?>>()]))
        {
            yield return pair;
        }
    }

    public static Option<string?> Types(string or) =>
        new("--types") { Description = $"Event types to take, commas between. {or}" };

    public static Option<string?> Items() =>
        new("--items")
        {
            Description =
                "File of items, as `catalogue import jsonl` takes it: one JSON object a line with item_id, categories, "
                + "attributes. The bundle has the categories, for `work --dial`, and what makes vectors of items that "
                + "are new, if that surely beats their likeness to a user's last items.",
        };

    public static Option<bool> Json() =>
        new("--json") { Description = "Print the result as one JSON object on one line, for machines." };
}
