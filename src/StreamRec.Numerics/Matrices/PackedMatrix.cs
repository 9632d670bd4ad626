namespace StreamRec.Numerics.Matrices;

/// <summary>
/// The right-hand side B [K,N] of a product, laid out as the kernel reads it: panels of <see cref="Gemm.PanelWidth"/>
/// columns, each K rows long, the last one filled up with zeros.
/// </summary>
public sealed unsafe class PackedMatrix
{
    private readonly Matrix _panels = new();

    public int K { get; private set; }

    public int N { get; private set; }

    public float* Panel(int panel) => _panels.Row(panel * K);

    /// <summary>Packs B = <paramref name="source"/>, or its transpose.</summary>
    public PackedMatrix Pack(Matrix source, bool transpose = false)
    {
        _ = transpose
            ? PackTransposed(source.Data, source.Cols, source.Rows, source.Cols)
            : Pack(source.Data, source.Rows, source.Cols, source.Cols);
        // The caller's last use may be this one, and a pointer alone keeps no memory.
        GC.KeepAlive(source);
        return this;
    }

    /// <summary>Packs B [k,n] whose rows are <paramref name="stride"/> floats apart.</summary>
    public PackedMatrix Pack(float* source, int k, int n, int stride)
    {
        var width = Shape(k, n);
        for (var panel = 0; panel * width < n; panel++)
        {
            var columns = Math.Min(width, n - (panel * width));
            for (var row = 0; row < k; row++)
            {
                var target = new Span<float>(Panel(panel) + (row * width), width);
                new ReadOnlySpan<float>(source + ((nint)row * stride) + (panel * width), columns).CopyTo(target);
                target[columns..].Clear();
            }
        }
        return this;
    }

    /// <summary>Packs the transpose of a source [n,k] whose rows are <paramref name="stride"/> floats apart.</summary>
    public PackedMatrix PackTransposed(float* source, int k, int n, int stride)
    {
        var width = Shape(k, n);
        for (var panel = 0; panel * width < n; panel++)
        {
            var target = Panel(panel);
            for (var column = 0; column < width; column++)
            {
                var from = (panel * width) + column;
                for (var row = 0; row < k; row++)
                {
                    target[(row * width) + column] = from < n ? source[((nint)from * stride) + row] : 0f;
                }
            }
        }
        return this;
    }

    private int Shape(int k, int n)
    {
        (K, N) = (k, n);
        _panels.Resize((n + Gemm.PanelWidth - 1) / Gemm.PanelWidth * k, Gemm.PanelWidth);
        return Gemm.PanelWidth;
    }
}
