using System.Text;

namespace StreamRec.Settings;

/// <summary>What a message quotes of a user's text: cut, and without anything that a terminal would obey.</summary>
public static class QuotedText
{
    private const int Most = 80;

    public static string Of(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= Most)
            {
                return shown.Append('…').ToString();
            }
            shown.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:x4}" : rune.ToString());
        }
        return shown.ToString();
    }
}
