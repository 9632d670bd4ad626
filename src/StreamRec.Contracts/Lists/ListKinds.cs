namespace StreamRec.Lists;

/// <summary>How a list's items were chosen: schemas/list.md.</summary>
public static class ListKinds
{
    /// <summary>By the model, for the user.</summary>
    public const string Model = "model";

    /// <summary>By the model, of a user who has seen all that a list may hold: the items seen, again.</summary>
    public const string Seen = "seen";

    /// <summary>By the model, of an item: what is most like it.</summary>
    public const string Similar = "similar";

    /// <summary>The most popular ones of the training data, for users without a list.</summary>
    public const string Popular = "popular";
}
