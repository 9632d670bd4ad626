using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamRec.Options;

namespace StreamRec.Configuration;

/// <summary>`streamrec config`: what is set, by what, and what can be set.</summary>
internal static class ConfigCommand
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <param name="work">The worker's command, whose options are taken here too.</param>
    public static Command Create(Command work)
    {
        var reference = new Command("reference", "Print all settings as Markdown: docs/configuration.md.");
        reference.SetAction(_ => Console.Out.Write(SettingsReference.Write(work)));
        return new Command("config", "See how the worker would be set, and by what.") { Show(work), reference };
    }

    private static Command Show(Command work)
    {
        var json = SharedOptions.Json();
        var show = new Command(
            "show",
            "Print every setting's value and where it was given; secrets are masked. Takes the options of `work`."
        )
        {
            json,
        };
        foreach (var option in work.Options.Where(option => option.Name != json.Name))
        {
            show.Add(option);
        }
        show.SetAction(parsed => Show(SharedOptions.Given(parsed, work), parsed.GetValue(json)));
        return show;
    }

    private static int Show(IEnumerable<KeyValuePair<string, string?>> given, bool json)
    {
        var (options, settings) = SettingsReader.Explain(
            given,
            Directory.GetCurrentDirectory(),
            SettingSources.Variables()
        );
        Console.WriteLine(json ? Json(settings) : Text(settings));
        // What `work` would refuse is refused here too, below what it was set to.
        options.Validate();
        _ = options.KafkaSettings();
        _ = options.RedisSettings().Options();
        return 0;
    }

    internal static string Json(IEnumerable<EffectiveSetting> settings) =>
        JsonSerializer.Serialize(
            new
            {
                Settings = settings.Select(setting => new
                {
                    setting.Name,
                    Value = setting.Shown,
                    Masked = setting.IsMasked,
                    Source = JsonNamingPolicy.SnakeCaseLower.ConvertName(setting.Source.ToString()),
                    setting.Where,
                }),
            },
            s_json
        );

    private static string Text(IReadOnlyList<EffectiveSetting> settings)
    {
        var name = settings.Max(setting => setting.Name.Length);
        var value = Math.Min(40, settings.Max(setting => setting.Shown.Length));
        return string.Join(
            '\n',
            settings.Select(setting =>
                $"{setting.Name.PadRight(name)}  {setting.Shown.PadRight(value)}  {setting.Where}"
            )
        );
    }
}
