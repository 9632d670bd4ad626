using StreamRec.Numerics.Search.Index;

namespace StreamRec.Numerics.Search.Passes;

/// <summary>The first pass without vector instructions: the twin that the others must equal.</summary>
internal static unsafe class FirstPassPlain
{
    public static void Products(sbyte* panel, int panels, int pairs, uint* user, short* products)
    {
        for (var p = 0; p < panels; p++, panel += 64 * (pairs + 1))
        {
            for (var lane = 0; lane < ItemIndex.PanelItems; lane++)
            {
                products[p * ItemIndex.PanelItems + lane] = Product(panel, lane, pairs, user);
            }
        }
    }

    public static void Compare(sbyte* panel, int panels, int pairs, uint* user, short threshold, uint* bits)
    {
        for (var p = 0; p < panels; p++, panel += 64 * (pairs + 1))
        {
            uint word = 0;
            for (var lane = 0; lane < ItemIndex.PanelItems; lane++)
            {
                word |= Product(panel, lane, pairs, user) > threshold ? 1u << lane : 0;
            }
            bits[p] = word;
        }
    }

    private static short Product(sbyte* panel, int lane, int pairs, uint* user)
    {
        int sum = ((short*)panel)[lane];
        for (var k = 0; k < pairs; k++)
        {
            var items = panel + 64 * (k + 1) + 2 * lane;
            sum += (int)(user[k] & 0xFF) * items[0] + (int)(user[k] >> 8 & 0xFF) * items[1];
        }
        return unchecked((short)sum);
    }
}
