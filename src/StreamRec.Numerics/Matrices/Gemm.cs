using System.Runtime.Intrinsics;

namespace StreamRec.Numerics.Matrices;

/// <summary>Matrix products C [M,N] (+)= A [M,K] · B [K,N] over packed right-hand sides.</summary>
public static unsafe class Gemm
{
    private const int DepthBlock = 256;
    private const int RowBlock = 192;

    private static readonly bool Wide = Vector512.IsHardwareAccelerated;

    /// <summary>Columns a tile computes: 32 with 512-bit registers, else 16.</summary>
    public static readonly int PanelWidth = Wide ? GemmTile512.Columns : GemmTile256.Columns;

    private static readonly int TileRows = Wide ? GemmTile512.Rows : GemmTile256.Rows;

    /// <summary>C = A·B, or C += A·B.</summary>
    public static void Multiply(Matrix a, PackedMatrix b, Matrix c, bool accumulate = false)
    {
        Multiply(a.Data, a.Cols, 1, a.Rows, b, c.Data, c.Cols, accumulate);
        // A caller's last use may be this one, and pointers alone keep no memory.
        GC.KeepAlive(a);
        GC.KeepAlive(c);
    }

    /// <summary>C [a.Cols,N] += Aᵀ·B, the shape of a weight's gradient.</summary>
    public static void AddTransposed(Matrix a, PackedMatrix b, Matrix c)
    {
        Multiply(a.Data, 1, a.Cols, a.Cols, b, c.Data, c.Cols, accumulate: true);
        GC.KeepAlive(a);
        GC.KeepAlive(c);
    }

    /// <param name="a">A[i,k] stands at <c>a[i·rowStride + k·depthStride]</c>; K is B's.</param>
    /// <param name="c">C[i,j] stands at <c>c[i·cStride + j]</c>.</param>
    /// <param name="m">Rows of A and C.</param>
    public static void Multiply(
        float* a,
        nint rowStride,
        nint depthStride,
        int m,
        PackedMatrix b,
        float* c,
        nint cStride,
        bool accumulate
    )
    {
        var edge = stackalloc float[GemmTile512.Rows * GemmTile512.Columns];
        for (var k0 = 0; k0 < b.K; k0 += DepthBlock)
        {
            var depth = Math.Min(DepthBlock, b.K - k0);
            var add = accumulate || k0 > 0;
            for (var block = 0; block < m; block += RowBlock)
            {
                var end = Math.Min(m, block + RowBlock);
                for (int column = 0, panel = 0; column < b.N; column += PanelWidth, panel++)
                {
                    var right = b.Panel(panel) + (k0 * PanelWidth);
                    var width = Math.Min(PanelWidth, b.N - column);
                    for (var i = block; i < end; i += TileRows)
                    {
                        var left = a + (i * rowStride) + (k0 * depthStride);
                        var target = c + (i * cStride) + column;
                        var rows = Math.Min(TileRows, end - i);
                        if (width == PanelWidth)
                        {
                            Tile(left, rowStride, depthStride, right, depth, target, cStride, rows, add);
                        }
                        else
                        {
                            Tile(left, rowStride, depthStride, right, depth, edge, PanelWidth, rows, accumulate: false);
                            CopyEdge(edge, target, cStride, rows, width, add);
                        }
                    }
                }
            }
        }
        GC.KeepAlive(b);
    }

    private static void Tile(
        float* a,
        nint rowStride,
        nint depthStride,
        float* b,
        int depth,
        float* c,
        nint cStride,
        int rows,
        bool accumulate
    )
    {
        if (Wide)
        {
            GemmTile512.Run(a, rowStride, depthStride, b, depth, c, cStride, rows, accumulate);
        }
        else if (rows <= GemmTile256.FewRows)
        {
            GemmTile256.RunFew(a, rowStride, depthStride, b, depth, c, cStride, rows, accumulate);
        }
        else
        {
            GemmTile256.Run(a, rowStride, depthStride, b, depth, c, cStride, rows, accumulate);
        }
    }

    private static void CopyEdge(float* edge, float* c, nint cStride, int rows, int width, bool add)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < width; column++)
            {
                var value = edge[(row * PanelWidth) + column];
                c[(row * cStride) + column] = add ? c[(row * cStride) + column] + value : value;
            }
        }
    }
}
