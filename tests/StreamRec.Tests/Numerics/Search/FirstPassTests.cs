using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Numerics.Search.Passes;

namespace StreamRec.Tests.Numerics.Search;

/// <summary>
/// The coded products, and which of them are above a threshold, are the same by whatever instructions.
/// </summary>
public class FirstPassTests
{
    [Theory]
    [MemberData(nameof(ExactTopNTests.Paths), MemberType = typeof(ExactTopNTests))]
    public unsafe void Equals_the_plain_pass_for_one_to_four_users_at_every_width(InstructionSet path)
    {
        var random = new Random(7);
        var codes = stackalloc uint*[FirstPass.UserStep];
        var thresholds = stackalloc short[FirstPass.UserStep];
        var bits = stackalloc uint[FirstPass.UserStep * ItemIndex.BlockPanels];
        RowPrefetch ahead = default;
        for (var dimension = 1; dimension <= 80; dimension++)
        {
            var vectors = Enumerable.Range(0, 101 * dimension).Select(_ => random.NextSingle() - 0.5f).ToArray();
            using var index = ItemIndex.Build(vectors, dimension);
            var users = Enumerable.Range(0, FirstPass.UserStep).Select(_ => new UserSearch(index, path)).ToArray();
            foreach (var user in users)
            {
                user.Set([.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)], []);
            }
            var expected = Array.ConvertAll(users, user => Products(index, user, InstructionSet.Plain));
            for (var count = 1; count <= users.Length; count++)
            {
                for (var u = 0; u < count; u++)
                {
                    codes[u] = users[u].Codes;
                    thresholds[u] = expected[u][random.Next(100)];
                }
                FirstPass.Compare(
                    index.Panels.Pointer,
                    ItemIndex.BlockPanels,
                    index.Pairs,
                    codes,
                    count,
                    thresholds,
                    bits,
                    &ahead,
                    path
                );

                for (var u = 0; u < count; u++)
                {
                    Assert.Equal(expected[u], Products(index, users[u], path));
                    for (var item = 0; item < ItemIndex.BlockItems; item++)
                    {
                        var above = (bits[u * ItemIndex.BlockPanels + item / ItemIndex.PanelItems] >> item & 1) != 0;
                        Assert.Equal(expected[u][item] > thresholds[u], above);
                    }
                }
            }
        }
    }

    private static unsafe short[] Products(ItemIndex index, UserSearch user, InstructionSet path)
    {
        var products = new short[ItemIndex.BlockItems];
        fixed (short* first = products)
        {
            FirstPass.Products(index.Panels.Pointer, ItemIndex.BlockPanels, index.Pairs, user.Codes, first, path);
        }
        return products;
    }
}
