namespace StreamRec.Training.Reranking;

/// <summary>A held-out target among the best candidates of its list.</summary>
/// <param name="Features">[M,F], row-major.</param>
/// <param name="Count">M; fewer where fewer items are eligible.</param>
/// <param name="Target">The target's place among them; −1: it is not one of them, or no list may hold it.</param>
internal sealed record FitCase(float[] Features, int Count, int Target);
