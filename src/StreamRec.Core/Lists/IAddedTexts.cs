namespace StreamRec.Lists;

/// <summary>The ids of items that a bundle does not know, as they stand in a list: immutable.</summary>
internal interface IAddedTexts
{
    /// <summary>The longest one, in bytes.</summary>
    int Longest { get; }

    /// <summary>In quotes, with the comma that follows.</summary>
    ReadOnlySpan<byte> Of(int item);
}
