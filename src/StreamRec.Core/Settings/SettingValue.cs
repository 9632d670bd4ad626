using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamRec.Settings;

/// <summary>
/// Values as people write them, read strictly: the same in every culture, and what could mean two things is refused,
/// for a rate of <c>2,5</c> would else be 25, and a time-out of <c>30</c> thirty days.
/// </summary>
public static partial class SettingValue
{
    /// <summary>Whether values of a type are read here, rather than taken as they stand.</summary>
    public static bool Reads(Type type) =>
        type == typeof(int)
        || type == typeof(float)
        || type == typeof(double)
        || type == typeof(bool)
        || type == typeof(TimeSpan);

    /// <param name="type">int, float, double, bool, TimeSpan, the nullable form of one of these, or string.</param>
    /// <param name="value">The value, if the text is one.</param>
    /// <returns>What to give instead, as the end of a message; null if the text is a value.</returns>
    public static string? Read(Type type, string text, out object value)
    {
        value = text;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return null;
        }
        if (string.IsNullOrWhiteSpace(text))
        {
            return "it is empty: give a value, or leave it out.";
        }
        if (type == typeof(bool))
        {
            return Taken(bool.TryParse(text, out var yes), yes, ref value) ? null : "give true or false.";
        }
        if (type == typeof(TimeSpan))
        {
            return Taken(Duration.TryParse(text, out var time), time, ref value)
                ? null
                : "give a duration with its unit, such as 500ms, 30s, 5m, 12h or 30d, or hh:mm:ss.";
        }
        return type == typeof(int) ? Whole(text, ref value)
            : Reads(type) ? Number(type, text, ref value)
            : throw new ArgumentException($"no setting is a {type}", nameof(type));
    }

    /// <summary>A value as <see cref="Read"/> takes it.</summary>
    public static string Show(object value) =>
        value switch
        {
            bool yes => yes ? "true" : "false",
            TimeSpan time => Duration.Show(time),
            double number => number.ToString("0.######", CultureInfo.InvariantCulture),
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "",
        };

    private static string? Whole(string text, ref object value)
    {
        if (
            Taken(
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole),
                whole,
                ref value
            )
        )
        {
            return null;
        }
        return Digits().IsMatch(text)
            ? "it is larger than any that is of use."
            : "give a whole number, of digits alone, such as 1000.";
    }

    private static string? Number(Type type, string text, ref object value)
    {
        if (Grouped().IsMatch(text))
        {
            var digits = text.Replace(".", "", StringComparison.Ordinal);
            return text.Count(c => c == '.') == 1
                ? "that can be read in two ways: "
                    + $"write {Show(double.Parse(text, CultureInfo.InvariantCulture))} or {digits}."
                : $"write {digits}, without points between the digits.";
        }
        if (text.Contains(','))
        {
            return Comma().IsMatch(text)
                ? $"write {text.Replace(',', '.')}, with a point."
                : "write it without commas.";
        }
        if (
            !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || !double.IsFinite(number)
        )
        {
            return "give a number, such as 0.5.";
        }
        // Without the cast both would be boxed as double.
        value = type == typeof(float) ? (object)(float)number : number;
        return null;
    }

    private static bool Taken(bool can, object read, ref object value)
    {
        value = can ? read : value;
        return can;
    }

    [GeneratedRegex(@"^[+-]?\d+$")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^[+-]?[1-9]\d{0,2}(\.\d{3})+$")]
    private static partial Regex Grouped();

    [GeneratedRegex(@"^[+-]?\d+,\d+$")]
    private static partial Regex Comma();
}
