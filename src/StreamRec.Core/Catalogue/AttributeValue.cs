using System.Globalization;

namespace StreamRec.Catalogue;

/// <summary>What an attribute of an item is: a number, or texts.</summary>
/// <param name="Number">Null: it is none.</param>
/// <param name="Texts">One of a text, each of an array of them, none of a number.</param>
public readonly record struct AttributeValue(double? Number, IReadOnlyList<string> Texts)
{
    /// <summary>All of it as texts, a number in its shortest form.</summary>
    public IReadOnlyList<string> AsTexts =>
        Number is { } number ? [number.ToString("R", CultureInfo.InvariantCulture)] : Texts;
}
