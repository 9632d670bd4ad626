namespace StreamRec.Catalogue;

/// <summary>The bounds of the item contract, schemas/item.md.</summary>
public static class ItemLimits
{
    /// <summary>The largest record, in bytes of JSON.</summary>
    public const int MaxRecordBytes = 16 * 1024;

    /// <summary>The longest title, in UTF-8 bytes.</summary>
    public const int MaxTitleBytes = 1024;

    /// <summary>The most categories of an item.</summary>
    public const int MaxCategories = 16;

    /// <summary>The most attributes of an item, and the most texts in a list of one.</summary>
    public const int MaxAttributes = 64;

    /// <summary>The longest category, name of an attribute, or text in one, in UTF-8 bytes; the shortest is
    /// 1.</summary>
    public const int MaxTextBytes = 256;
}
