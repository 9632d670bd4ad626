using StreamRec.Numerics.Search.Directions;

namespace StreamRec.Numerics.Search.Index;

/// <summary>A user's vector as a pass takes it, and what it takes to bound scores.</summary>
internal unsafe struct QuantizedUser
{
    private const int MaxCode = 127;
    private const double MaxSum = 32_767;

    /// <summary>û = Scale · q.</summary>
    public double Scale;

    /// <summary>‖u‖.</summary>
    public double Norm;

    /// <summary>‖û‖.</summary>
    public double CodedNorm;

    /// <summary>‖u' − û‖, u' being the vector's coordinates (<see cref="CodedSpace"/>).</summary>
    public double Error;

    /// <summary>The coordinate for what lies along none of the index' directions; 0 where it has none.</summary>
    public double Rest;

    /// <summary>Quantizes a user for an index.</summary>
    /// <param name="vector">D floats, all finite.</param>
    /// <param name="codes">
    /// Receives a 32-bit word for each pair of coordinates: the two bytes q + 128, twice, so that a kernel loads and
    /// repeats it in one instruction.
    /// </param>
    /// <param name="room">Room for D + 2·pairs numbers.</param>
    public static QuantizedUser Of(ReadOnlySpan<float> vector, ItemIndex index, Span<uint> codes, Span<double> room)
    {
        var space = index.Space;
        var coordinates = room[..(2 * index.Pairs)];
        coordinates.Clear();
        space.PlaceUser(vector, coordinates, room[coordinates.Length..]);
        double all = 0,
            most = 0,
            norm = 0;
        foreach (var value in vector)
        {
            norm += (double)value * value;
        }
        foreach (var value in coordinates)
        {
            all += value * value;
            most = Math.Max(most, Math.Abs(value));
        }
        // ‖q‖ ≤ ‖u'‖/Scale + √width/2 for the rounding, which must stay below MaxSum/‖p‖.
        var longest =
            index.MaxCodeNorm == 0 ? MaxSum : MaxSum / index.MaxCodeNorm - 0.5 * Math.Sqrt(coordinates.Length) - 1e-6;
        var scale = longest <= 0 ? 0 : Math.Max(most / MaxCode, Math.Sqrt(all) / longest);
        double error = 0,
            coded = 0;
        for (var k = 0; k < coordinates.Length; k += 2)
        {
            var (first, second) =
                scale == 0
                    ? (0, 0)
                    : ((int)Math.Round(coordinates[k] / scale), (int)Math.Round(coordinates[k + 1] / scale));
            var (off1, off2) = (coordinates[k] - first * scale, coordinates[k + 1] - second * scale);
            (error, coded) = (
                error + off1 * off1 + off2 * off2,
                coded + (double)first * first + (double)second * second
            );
            codes[k / 2] = Word(first, second);
        }
        return new QuantizedUser
        {
            Scale = scale,
            Norm = Math.Sqrt(norm),
            CodedNorm = Math.Sqrt(coded) * scale,
            Error = Math.Sqrt(error),
            Rest = space.RestAt < 0 ? 0 : coordinates[space.RestAt],
        };
    }

    /// <summary>A word of codes with one of its two coordinates 0.</summary>
    public static uint WithoutCoordinate(uint word, int which)
    {
        var other = (int)(word >> 8 * (1 - which) & 0xff) - 128;
        return which == 0 ? Word(0, other) : Word(other, 0);
    }

    private static uint Word(int first, int second)
    {
        var pair = (uint)(first + 128) | (uint)(second + 128) << 8;
        return pair | pair << 16;
    }
}
