using StreamRec.Encoders;

namespace StreamRec.Training.Towers;

/// <summary>A sample of what users were at some time, and what they took next.</summary>
internal sealed class TowerPositions
{
    private const int Most = 40_000;
    private const int Chunk = 64;

    private TowerPositions(float[] users, int[] targets) => (Users, Targets) = (users, targets);

    /// <summary>[P,D+1]: user vectors, a 1 behind each.</summary>
    public float[] Users { get; }

    /// <summary>P items.</summary>
    public int[] Targets { get; }

    public static TowerPositions Of(TowerInput input, CancellationToken cancel)
    {
        var random = new Random(input.Seed);
        ReadOnlyMemory<int>[] pieces =
        [
            .. input
                .Training.Where(sequence => sequence.Length > 1)
                .Select(sequence => sequence[Math.Max(0, sequence.Length - (2 * input.Window))..]),
        ];
        var share = Most / (double)Math.Max(1, pieces.Sum(piece => piece.Length - 1L));
        var (d, users, targets) = (input.Dimension, new List<float>(), new List<int>());
        foreach (var chunk in pieces.OrderBy(piece => piece.Length).Chunk(Chunk))
        {
            cancel.ThrowIfCancellationRequested();
            var encoded = input.EncodeEach([.. chunk.Select(piece => piece[..^1])]);
            var row = 0;
            foreach (var piece in chunk)
            {
                for (var next = 1; next < piece.Length; next++, row++)
                {
                    if (random.NextDouble() < share)
                    {
                        users.AddRange(encoded.AsSpan(row * d, d));
                        users.Add(1);
                        targets.Add(piece.Span[next]);
                    }
                }
            }
        }
        return new([.. users], [.. targets]);
    }

    /// <summary>What users are behind some histories: [C,D+1], as <see cref="Users"/>.</summary>
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
            ReadOnlyMemory<int>[] fed =
            [
                .. chunk
                    .Select(at => histories[at])
                    .Select(history => history[(int)EncodingWindow.Start(history.Length, input.Window)..]),
            ];
            var encoded = input.EncodeEach(fed);
            var behind = 0;
            for (var at = 0; at < chunk.Length; at++)
            {
                behind += fed[at].Length;
                var user = users.AsSpan(chunk[at] * (d + 1), d + 1);
                encoded.AsSpan((behind - 1) * d, d).CopyTo(user);
                user[d] = 1;
            }
        }
        return users;
    }
}
