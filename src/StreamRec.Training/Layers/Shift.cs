using StreamRec.Numerics.Matrices;

namespace StreamRec.Training.Layers;

/// <summary>Moves rows along the sequences of a batch.</summary>
internal static unsafe class Shift
{
    /// <summary>result_t = x_(t−1), zero at the first step; [P,D].</summary>
    public static Matrix Later(PackedBatch batch, Matrix x, Matrix result)
    {
        result.Resize(x.Rows, x.Cols);
        for (var step = 0; step < batch.Steps; step++)
        {
            var target = new Span<float>(result.Row(batch.First(step)), batch.Live(step) * x.Cols);
            if (step == 0)
            {
                target.Clear();
            }
            else
            {
                new Span<float>(x.Row(batch.First(step - 1)), target.Length).CopyTo(target);
            }
        }
        return result;
    }

    /// <summary>
    /// The adjoint of <see cref="Later"/>: result_t = x_(t+1), zero at each sequence's last step; [P,D].
    /// </summary>
    public static Matrix Earlier(PackedBatch batch, Matrix x, Matrix result)
    {
        result.Resize(x.Rows, x.Cols).Clear();
        for (var step = 1; step < batch.Steps; step++)
        {
            var source = new Span<float>(x.Row(batch.First(step)), batch.Live(step) * x.Cols);
            source.CopyTo(new Span<float>(result.Row(batch.First(step - 1)), source.Length));
        }
        return result;
    }
}
