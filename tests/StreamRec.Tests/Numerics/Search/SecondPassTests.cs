using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>The second pass keeps those whose product is above a limit, as a plain loop does.</summary>
public class SecondPassTests
{
    [Fact]
    public unsafe void Keeps_what_a_plain_loop_keeps()
    {
        if (InstructionSets.Best == InstructionSet.Plain)
        {
            return; // Without vector instructions there is no second pass.
        }
        var random = new Random(1);
        foreach (var dimension in (int[])[33, 64, 100])
        {
            using var index = TestVectors.IndexAlong(
                TestVectors.NearDirections(random, 1000, dimension, 4, 0.2f),
                dimension,
                null,
                8,
                secondPass: true
            );
            var codes = index.RowCodes!;
            var user = new UserSearch(index, InstructionSets.Best);
            user.Set([.. Enumerable.Range(0, dimension).Select(_ => TestVectors.Gaussian(random))], []);
            for (var count = 0; count < 90; count++)
            {
                var positions = Enumerable.Range(0, count).Select(_ => random.Next(1000)).ToArray();
                var least = count == 0 ? 0 : Product(user.CodesForRows, codes, positions[random.Next(count)]);
                var kept = positions.Where(position => Product(user.CodesForRows, codes, position) > least).ToArray();
                int[] padded = [.. positions, .. Enumerable.Repeat(count == 0 ? 0 : positions[^1], Rescoring.Lanes)];

                int length;
                fixed (int* first = padded)
                {
                    length = SecondPass.Keep(
                        user.CodesForRows,
                        codes.Rows.Pointer,
                        codes.RowBytes,
                        first,
                        count,
                        least
                    );
                }
                Assert.Equal(kept, padded[..length]);
            }
        }
    }

    internal static unsafe int Product(short* user, RowCodes codes, int position)
    {
        var sum = 0;
        for (var k = 0; k < codes.RowBytes; k++)
        {
            sum = checked(sum + user[k] * codes.Rows.Pointer[(long)position * codes.RowBytes + k]);
        }
        return sum;
    }
}
