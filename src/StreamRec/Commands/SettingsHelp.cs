using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using StreamRec.Options;
using StreamRec.Settings;
using StreamRec.Training.Options;

namespace StreamRec.Commands;

/// <summary>The help of a command, and below it all that it takes from files and the environment.</summary>
internal sealed class SettingsHelp(HelpAction options) : SynchronousCommandLineAction
{
    /// <summary>A command with this option takes the worker's settings.</summary>
    private const string WorkersOption = "--list-size";

    /// <summary>Who asks for help is not told what is missing.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parsed)
    {
        var code = options.Invoke(parsed);
        var command = parsed.CommandResult.Command;
        var output = parsed.InvocationConfiguration.Output;
        foreach (var option in command.Options)
        {
            if (option.Name is SharedOptions.ConfigName or SharedOptions.PlanName)
            {
                Write(output, $"Options in the JSON of {option.Name}:", ModelConfig.Settings, new ModelOptions());
            }
            else if (option.Name == SharedOptions.SetName)
            {
                var settings = command.Options.Any(other => other.Name == WorkersOption)
                    ? new WorkOptions()
                    : new ServerOptions();
                Write(
                    output,
                    "Settings, by --set NAME=VALUE, STREAMREC__NAME in the environment, "
                        + $"or the section {SettingSources.Section} of appsettings.json;\n"
                        + "durations are 500ms, 30s, 5m, 12h, 30d or hh:mm:ss:",
                    Setting.Of(settings.GetType()),
                    settings
                );
            }
        }
        return code;
    }

    private static void Write(TextWriter output, string title, IReadOnlyList<Setting> settings, object defaults)
    {
        output.WriteLine($"\n{title}");
        var width = settings.Max(setting => setting.Name.Length);
        foreach (var setting in settings)
        {
            output.WriteLine($"  {setting.Name.PadRight(width)}  {setting.Describe(defaults)}");
        }
    }
}
