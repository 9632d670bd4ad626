namespace StreamRec.Numerics.Matrices;

/// <summary>
/// A row-major float matrix [Rows,Cols] at a fixed, 64-byte aligned address. Grows, never shrinks; not thread-safe.
/// </summary>
public sealed unsafe class Matrix
{
    private const int Alignment = 64;
    private float[] _memory = [];
    private long _capacity;

    public Matrix() { }

    public Matrix(int rows, int cols)
    {
        Resize(rows, cols);
        Clear();
    }

    public int Rows { get; private set; }

    public int Cols { get; private set; }

    public int Length => Rows * Cols;

    public float* Data { get; private set; }

    public Span<float> Span => new(Data, Length);

    public float* Row(int row) => Data + ((nint)row * Cols);

    public Span<float> RowSpan(int row) => new(Row(row), Cols);

    /// <summary>Takes the shape; what it holds afterwards is undefined.</summary>
    public Matrix Resize(int rows, int cols)
    {
        var length = checked(rows * cols);
        if (length > _capacity)
        {
            _memory = GC.AllocateUninitializedArray<float>(length + (Alignment / sizeof(float)), pinned: true);
            fixed (float* start = _memory)
            {
                Data = (float*)(((nint)start + Alignment - 1) & ~(nint)(Alignment - 1));
            }
            _capacity = length;
        }
        (Rows, Cols) = (rows, cols);
        return this;
    }

    public void Clear() => Span.Clear();

    public void CopyFrom(Matrix other)
    {
        Resize(other.Rows, other.Cols);
        other.Span.CopyTo(Span);
    }
}
