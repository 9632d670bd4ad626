using System.Globalization;
using System.Reflection;
using StreamRec.Events;

namespace StreamRec.Settings;

/// <summary>A setting as help and messages show it.</summary>
/// <param name="Name">As a user writes it.</param>
public sealed record Setting(string Name, PropertyInfo Property, SettingAttribute About)
{
    private bool IsBounded => !double.IsNaN(About.Least) || !double.IsNaN(About.Most);

    /// <summary>The settings that a class of options has, in its order, a base's first.</summary>
    /// <param name="naming">From the property's name to what a user writes. Default: the same.</param>
    public static IReadOnlyList<Setting> Of(Type options, Func<string, string>? naming = null) =>
        [
            .. options
                .GetProperties()
                .Select(property => (Property: property, About: property.GetCustomAttribute<SettingAttribute>()))
                .Where(found => found.About is not null)
                .OrderBy(found => found.Property.DeclaringType == options)
                .Select(found => new Setting(
                    naming?.Invoke(found.Property.Name) ?? found.Property.Name,
                    found.Property,
                    found.About!
                )),
        ];

    /// <summary>Throws with the name, the value and the range of the first setting that lies outside.</summary>
    /// <exception cref="StreamRecException">A setting is out of its range.</exception>
    public static void Check(object options, Func<string, string>? naming = null)
    {
        foreach (var setting in Of(options.GetType(), naming))
        {
            setting.CheckValue(setting.Property.GetValue(options));
        }
    }

    /// <summary>One line for help: what it is, its range, its default.</summary>
    /// <param name="defaults">Options as they are when nothing is given.</param>
    public string Describe(object defaults)
    {
        return $"{About.Text}{(Range is { } range ? $" ({range})" : "")}. Default {DefaultOf(defaults)}.";
    }

    /// <summary>The choices, or the least and the most value; null where it takes any.</summary>
    public string? Range =>
        About.Choices.Count > 0 ? Either(About.Choices)
        : IsBounded ? $"{Shown(About.Least)}–{Shown(About.Most)}"
        : null;

    /// <summary>What holds where it is not given, in words.</summary>
    /// <inheritdoc cref="Describe" path="/param"/>
    public string DefaultOf(object defaults) =>
        About.Default
        ?? (Property.GetValue(defaults) is { } value && !"".Equals(value) ? SettingValue.Show(value) : "none");

    /// <summary><c>a, b or c</c>.</summary>
    public static string Either(IReadOnlyList<string> choices) =>
        choices.Count == 1 ? choices[0] : $"{string.Join(", ", choices.SkipLast(1))} or {choices[^1]}";

    /// <summary>Throws with the name, the value and the range, if the value lies outside.</summary>
    /// <exception cref="StreamRecException">The value is out of the setting's range.</exception>
    public void CheckValue(object? value)
    {
        if (value is string text && About.Choices.Count > 0 && !About.Choices.Contains(text))
        {
            throw new StreamRecException(
                $"{Name} is '{Excerpt.Of(text)}': give {Either(About.Choices)}.{Nearest.Hint(text, About.Choices)}",
                FaultKind.Usage
            );
        }
        if (value is null or string || !IsBounded)
        {
            return;
        }
        var number = value is TimeSpan time ? time.TotalSeconds : Convert.ToDouble(value, CultureInfo.InvariantCulture);
        if (
            !(
                number >= (double.IsNaN(About.Least) ? double.NegativeInfinity : About.Least)
                && number <= (double.IsNaN(About.Most) ? double.PositiveInfinity : About.Most)
            )
        )
        {
            throw new StreamRecException(
                $"{Name} is {SettingValue.Show(value)}: "
                    + $"it must lie between {Shown(About.Least)} and {Shown(About.Most)}.",
                FaultKind.Usage
            );
        }
    }

    private string Shown(double bound) =>
        double.IsNaN(bound) ? "…"
        : (Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType) == typeof(TimeSpan)
            ? Duration.Show(TimeSpan.FromSeconds(bound))
        : SettingValue.Show(bound);
}
