using System.CommandLine;
using System.Globalization;
using System.Text;
using StreamRec.Options;
using StreamRec.Settings;

namespace StreamRec.Configuration;

/// <summary>
/// The reference of all settings, as docs/configuration.md holds it: from the settings' own attributes.
/// </summary>
internal static class SettingsReference
{
    /// <summary>How the page is written anew.</summary>
    public const string Regenerate = "streamrec config reference > docs/configuration.md";

    private const string Head = $"""
        # Settings

        Every setting by its name, with the option of `streamrec work` where there is one, its form in the environment,
        its type, range and default. In `appsettings.json` they stand below `StreamRec`, on any command line behind
        `--set`. The order in which places win, and how values are written, stands in
        [operations.md](operations.md#settings); secrets and TLS in [security.md](security.md). `streamrec config show`
        prints what is in force, and by what.

        This page is written by the program: `{Regenerate}`.


        """;

    /// <summary>The setting that an option of `work` is of, by its name; null where it is of none.</summary>
    public static string? SettingOf(Option option) =>
        SettingsReader.Known.FirstOrDefault(known =>
            known.Equals(option.Name.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)
        );

    public static string Write(Command work)
    {
        var page = new StringBuilder(Head);
        var options = work
            .Options.Where(option => SettingOf(option) is not null)
            .ToLookup(option => SettingOf(option)!);
        Section(page, "For every command that reaches Kafka or Redis", typeof(ServerOptions), options);
        Section(page, "For the worker", typeof(WorkOptions), options);
        return page.ToString();
    }

    private static void Section(StringBuilder page, string title, Type type, ILookup<string, Option> options)
    {
        var defaults = new WorkOptions();
        page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
        page.Append("| name | option | in the environment | type | range | default | what it is |\n");
        page.Append("|---|---|---|---|---|---|---|\n");
        foreach (var setting in Setting.Of(typeof(WorkOptions)).Where(s => s.Property.DeclaringType == type))
        {
            var isKafka = setting.Name == nameof(ServerOptions.Kafka);
            page.AppendJoin(
                    " | ",
                    $"| `{setting.Name}{(isKafka ? ":NAME" : "")}`",
                    string.Join(' ', options[setting.Name].Select(option => $"`{option.Name}`")),
                    $"`STREAMREC__{setting.Name.ToUpperInvariant()}{(isKafka ? "__NAME" : "")}`",
                    TypeOf(setting),
                    setting.Range ?? "",
                    setting.DefaultOf(defaults),
                    $"{setting.About.Text.Replace("|", "\\|", StringComparison.Ordinal)} |"
                )
                .Append('\n');
        }
        page.Append(type == typeof(ServerOptions) ? "\n" : "");
    }

    private static string TypeOf(Setting setting)
    {
        var type = Nullable.GetUnderlyingType(setting.Property.PropertyType) ?? setting.Property.PropertyType;
        return setting.About.Choices.Count > 0 ? "one of"
            : type == typeof(int) ? "whole number"
            : type == typeof(bool) ? "true or false"
            : type == typeof(TimeSpan) ? "duration"
            : type == typeof(float) || type == typeof(double) ? "number"
            : "text";
    }
}
