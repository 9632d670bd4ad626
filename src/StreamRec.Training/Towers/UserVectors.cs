using StreamRec.Encoders;

namespace StreamRec.Training.Towers;

/// <summary>What users are to a model.</summary>
internal static class UserVectors
{
    private const int Chunk = 64;

    /// <summary>What users are behind some histories: vectors [C,D+1], a 1 behind each.</summary>
    public static float[] Behind(
        TowerInput input,
        IReadOnlyList<ReadOnlyMemory<int>> histories,
        CancellationToken cancel
    )
    {
        var d = input.Dimension;
        var users = new float[histories.Count * (d + 1)];
        foreach (var chunk in Enumerable.Range(0, histories.Count).OrderBy(at => histories[at].Length).Chunk(Chunk))
        {
            cancel.ThrowIfCancellationRequested();
            var encoded = input.Encode([
                .. chunk
                    .Select(at => histories[at])
                    .Select(history => history[(int)EncodingWindow.Start(history.Length, input.Window)..]),
            ]);
            for (var at = 0; at < chunk.Length; at++)
            {
                var user = users.AsSpan(chunk[at] * (d + 1), d + 1);
                encoded.AsSpan(at * d, d).CopyTo(user);
                user[d] = 1;
            }
        }
        return users;
    }
}
