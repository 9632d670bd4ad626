namespace StreamRec.Training.ColdItems;

/// <summary>A question whose answer is an item that the model has never seen.</summary>
/// <param name="User">By the data's number.</param>
/// <param name="History">Known items before it, by the model's indices, oldest first.</param>
/// <param name="Seen">New items before it, as places among the new ones.</param>
/// <param name="Target">Its place among the new items.</param>
internal readonly record struct ColdCase(int User, ReadOnlyMemory<int> History, IReadOnlySet<int> Seen, int Target);
