namespace StreamRec.Serving.Views;

/// <summary>Items of a catalogue that a model was not trained on, and makes vectors of.</summary>
/// <param name="InTail">Of them, those that came last and are searched by themselves.</param>
/// <param name="Merges">How often those were laid out with the rest.</param>
public readonly record struct NewItemCounts(int All, int InTail, int Merges);
