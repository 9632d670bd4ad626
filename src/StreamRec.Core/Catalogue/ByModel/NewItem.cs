using System.Text.Encodings.Web;
using System.Text.Json;

namespace StreamRec.Catalogue.ByModel;

/// <summary>An item that a model was not trained on, as a catalogue's record makes it: another record, another
/// one.</summary>
/// <param name="number">What it is called beside the model's items: above their last one.</param>
/// <param name="since">The epoch that it came in.</param>
internal sealed class NewItem(string id, int number, float[] vector, float bias, int since)
{
    public int Number => number;

    public int Since => since;

    /// <summary>What the encoder is fed.</summary>
    public float[] Vector => vector;

    public float Bias => bias;

    /// <summary>The id, by whose bytes equal items are ordered.</summary>
    public byte[] Id { get; } = System.Text.Encoding.UTF8.GetBytes(id);

    /// <summary>As <see cref="Lists.IAddedTexts.Of"/>.</summary>
    public byte[] Text { get; } =
    [
        (byte)'"',
        .. JsonEncodedText.Encode(id, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes,
        (byte)'"',
        (byte)',',
    ];

    /// <summary>Whether it is laid out among many, which its table alone knows and asks.</summary>
    public bool IsSettled { get; set; }

    public bool SaysAs(NewItem other) =>
        BitConverter.SingleToInt32Bits(bias) == BitConverter.SingleToInt32Bits(other.Bias)
        && System
            .Runtime.InteropServices.MemoryMarshal.AsBytes(vector.AsSpan())
            .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(other.Vector.AsSpan()));

    public static int Compare(NewItem left, NewItem right) => left.Id.AsSpan().SequenceCompareTo(right.Id);
}
