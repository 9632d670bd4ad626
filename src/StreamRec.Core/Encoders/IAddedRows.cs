namespace StreamRec.Encoders;

/// <summary>What items are fed as that a bundle does not know: immutable, safe for any number of threads.</summary>
public interface IAddedRows
{
    /// <summary>Whether there is a row of the item, which is above the bundle's last one.</summary>
    bool Has(int item);

    /// <summary>The row of an item that there is, [D].</summary>
    ReadOnlySpan<float> Of(int item);
}
