namespace StreamRec.Sequences;

/// <summary>What the store holds of a user is no state. Nothing is written over it: the partition halts.</summary>
public sealed class UnreadableStateException(string userId, Exception inner)
    : Exception($"the state of user '{Printable(userId)}' cannot be read: {inner.Message}", inner)
{
    /// <summary>The user, fit for a terminal: control characters are question marks.</summary>
    public string User { get; } = Printable(userId);

    private static string Printable(string text) =>
        string.Create(text.Length, text, static (shown, text) =>
        {
            for (var i = 0; i < shown.Length; i++)
            {
                shown[i] = char.IsControl(text[i]) ? '?' : text[i];
            }
        });
}
