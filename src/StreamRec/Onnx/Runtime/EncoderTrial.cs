using StreamRec.Encoders;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Tries encoder.onnx before it serves: one row and three, of 1, 8 and 2W−1 places. Each run must give [B,D] numbers
/// that are finite, and padding must change nothing. A few runs of the graph, so some milliseconds.
/// </summary>
internal static class EncoderTrial
{
    /// <summary>
    /// How far two vectors of the same sequence may lie apart, as a share of the largest number in them.
    /// </summary>
    public const float Tolerance = 1e-3f;

    private const int Seed = 31,
        MiddleLength = 8;

    /// <exception cref="StreamRecException">Names the file, the shape that was tried, and what is wrong.</exception>
    public static void Run(OnnxUserEncoder encoder, string path, int items)
    {
        var random = new Random(Seed);
        var longest = encoder.LongestLength;
        foreach (var length in new SortedSet<int> { 1, Math.Min(MiddleLength, longest), longest })
        {
            // The last and the first item are among them: a table that is a row short is met here.
            int[] whole = [items, .. Enumerable.Range(1, length - 1).Select(_ => random.Next(1, items + 1))];
            int[] half = [1, .. whole[1..((length + 1) / 2)]];
            ReadOnlyMemory<int>[] rows = [whole, whole.AsMemory(length - 1), half];
            var together = Tried(encoder, path, items, rows, length);
            for (var row = 0; row < rows.Length; row++)
            {
                var alone = Tried(encoder, path, items, [rows[row]], rows[row].Length);
                var apart = Apart(alone, together.AsSpan(row * encoder.Dimension, encoder.Dimension));
                if (apart > Tolerance)
                {
                    throw OnnxModel.Refused(
                        path,
                        $"a sequence of {rows[row].Length} gives one vector alone and another in "
                            + $"{encoder.Shape(rows.Length, length)}, {apart:G2} of its largest number apart; "
                            + "neither the padding behind a row's length nor the other rows may change it"
                    );
                }
            }
        }
    }

    /// <summary>The largest difference of two vectors, as a share of the largest number in them.</summary>
    public static float Apart(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        float largest = 0,
            difference = 0;
        for (var at = 0; at < one.Length; at++)
        {
            largest = MathF.Max(largest, MathF.Max(MathF.Abs(one[at]), MathF.Abs(other[at])));
            difference = MathF.Max(difference, MathF.Abs(one[at] - other[at]));
        }
        return difference == 0 ? 0 : difference / largest;
    }

    private static float[] Tried(
        OnnxUserEncoder encoder,
        string path,
        int items,
        ReadOnlyMemory<int>[] rows,
        int length
    )
    {
        try
        {
            var users = encoder.Run(rows, length);
            var bad = Array.FindIndex(users, value => !float.IsFinite(value));
            return bad < 0
                ? users
                : throw OnnxModel.Refused(
                    path,
                    $"row {bad / encoder.Dimension} of \"user\" is not finite for " + encoder.Shape(rows.Length, length)
                );
        }
        catch (EncoderFailedException fault)
        {
            throw new StreamRecException(
                $"{fault.Message.TrimEnd('.', '\n')}. It must take 1 to {encoder.LongestLength} places (2W−1) of items "
                    + $"1 to {items}, and any number of rows: schemas/bundle.md.",
                FaultKind.Input,
                fault
            );
        }
    }
}
