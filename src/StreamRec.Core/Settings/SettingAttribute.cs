namespace StreamRec.Settings;

/// <summary>
/// What a setting is, its range and its values, in one place: help, checks and messages read it here.
/// </summary>
/// <param name="text">What it is, with its unit, without a full stop at the end.</param>
/// <param name="choices">The values of a setting that takes no others.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string text, params string[] choices) : Attribute
{
    public string Text { get; } = text;

    public IReadOnlyList<string> Choices { get; } = choices;

    /// <summary>The least value; of a duration in seconds. NaN: none.</summary>
    public double Least { get; set; } = double.NaN;

    /// <summary>The greatest value; of a duration in seconds. NaN: none.</summary>
    public double Most { get; set; } = double.NaN;

    /// <summary>The default in words, where the value itself does not say it.</summary>
    public string? Default { get; set; }
}
