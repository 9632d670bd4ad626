using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using StreamRec.Encoders;
using StreamRec.Models;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Runs a bundle's encoder.onnx: whole windows in, user vectors out. Safe for several callers at once.
/// </summary>
/// <remarks>
/// Sequences are grouped by length, rounded up to 8, 12, 16, 24, … but never beyond 2W−1, so that little is padded and
/// ONNX Runtime sees few shapes. The same sequence gives the same vector up to rounding, whatever stands beside it.
/// </remarks>
public sealed class OnnxUserEncoder : IUserEncoder, IDisposable
{
    private const int SmallestLength = 8,
        LargestBatch = 256;
    private static readonly string[] Outputs = ["user"];

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string _path;
    private readonly int _items;

    // The rows that items are fed as; null: they are fed as they are.
    private readonly float[]? _table;

    /// <param name="bundle">The model.</param>
    /// <param name="threads">Intra-op threads, 1 or more; default 1, since partitions are encoded side by side.</param>
    /// <exception cref="StreamRecException">
    /// The graph does not keep the contract, or fails the trial: <see cref="EncoderTrial"/>.
    /// </exception>
    public OnnxUserEncoder(Bundle bundle, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_path, _items, Dimension) = (bundle.EncoderPath, bundle.Manifest.Items, bundle.Manifest.Dimension);
        _table = bundle.Manifest.TakesVectors ? bundle.Vectors : null;
        LongestLength = EncodingWindow.Longest(bundle.Manifest.Window);
        _session = OnnxModel.Open(
            _path,
            bundle.ReadEncoder,
            threads,
            [
                _table is null
                    ? new IoContract("items", typeof(long), -1, -1)
                    : new IoContract("vectors", typeof(float), -1, -1, Dimension),
                new IoContract("lengths", typeof(long), -1),
            ],
            [new IoContract("user", typeof(float), -1, Dimension)]
        );
        try
        {
            EncoderTrial.Run(this, _path, _items);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Dimension { get; }

    /// <summary>2W−1: no input is longer.</summary>
    public int LongestLength { get; }

    public void Encode(IReadOnlyList<ReadOnlyMemory<int>> sequences, Span<float> users, IAddedRows? added = null)
    {
        if (users.Length != sequences.Count * Dimension)
        {
            throw new ArgumentException(
                $"{sequences.Count} sequences need {sequences.Count * Dimension} floats.",
                nameof(users)
            );
        }
        var buckets = new SortedDictionary<int, List<int>>();
        for (var at = 0; at < sequences.Count; at++)
        {
            ArgumentOutOfRangeException.ThrowIfZero(sequences[at].Length, nameof(sequences));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(sequences[at].Length, LongestLength, nameof(sequences));
            var length = Bucket(sequences[at].Length, LongestLength);
            if (!buckets.TryGetValue(length, out var members))
            {
                buckets[length] = members = [];
            }
            members.Add(at);
        }
        foreach ((var length, var members) in buckets)
        {
            foreach (var batch in members.Chunk(LargestBatch))
            {
                var vectors = Run([.. batch.Select(at => sequences[at])], length, added);
                for (var row = 0; row < batch.Length; row++)
                {
                    vectors.AsSpan(row * Dimension, Dimension).CopyTo(users.Slice(batch[row] * Dimension, Dimension));
                }
            }
        }
    }

    /// <summary>The first input as it is fed, for messages.</summary>
    internal string Shape(int rows, int length) =>
        _table is null ? $"items [{rows},{length}]" : $"vectors [{rows},{length},{Dimension}]";

    public void Dispose()
    {
        _session.Dispose();
        _runOptions.Dispose();
    }

    /// <summary>
    /// The next of 8, 12, 16, 24, 32, 48, 64, …, or what is longest: at most half of a longer one is padding.
    /// </summary>
    internal static int Bucket(int length, int longest)
    {
        var size = SmallestLength;
        while (size < length)
        {
            size = size + (size / 2) >= length ? size + (size / 2) : size * 2;
        }
        return Math.Min(size, longest);
    }

    /// <summary>User vectors [B,D] of sequences that are padded to a length.</summary>
    /// <exception cref="EncoderFailedException">ONNX Runtime says so, or the output has another shape.</exception>
    internal float[] Run(ReadOnlyMemory<int>[] sequences, int length, IAddedRows? added = null)
    {
        foreach (var sequence in sequences)
        {
            foreach (var item in sequence.Span)
            {
                if ((uint)(item - 1) >= (uint)_items && added?.Has(item) != true)
                {
                    throw new ArgumentOutOfRangeException(nameof(sequences), item, $"Items are 1..{_items}.");
                }
            }
        }
        return _table is null ? RunItems(sequences, length) : RunVectors(sequences, length, _table, added);
    }

    private float[] RunItems(ReadOnlyMemory<int>[] sequences, int length)
    {
        var items = new long[sequences.Length * length];
        for (var row = 0; row < sequences.Length; row++)
        {
            var sequence = sequences[row].Span;
            for (var at = 0; at < sequence.Length; at++)
            {
                items[(row * length) + at] = sequence[at];
            }
        }
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(items, [sequences.Length, length]);
        return Run("items", value, sequences, length);
    }

    private float[] RunVectors(ReadOnlyMemory<int>[] sequences, int length, float[] table, IAddedRows? added)
    {
        var size = sequences.Length * length * Dimension;
        // Up to megabytes, which the collector need not see come and go.
        var rows = ArrayPool<float>.Shared.Rent(size);
        try
        {
            for (var row = 0; row < sequences.Length; row++)
            {
                var places = rows.AsSpan(row * length * Dimension, length * Dimension);
                foreach (var item in sequences[row].Span)
                {
                    var from = item <= _items ? table.AsSpan(item * Dimension, Dimension) : added!.Of(item);
                    from.CopyTo(places);
                    places = places[Dimension..];
                }
                places.Clear();
            }
            using OrtValue value = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance,
                rows.AsMemory(0, size),
                [sequences.Length, length, Dimension]
            );
            return Run("vectors", value, sequences, length);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
        }
    }

    private float[] Run(string input, OrtValue value, ReadOnlyMemory<int>[] sequences, int length)
    {
        long[] lengths = [.. sequences.Select(sequence => (long)sequence.Length)];
        using OrtValue lengthsValue = OrtValue.CreateTensorValueFromMemory(lengths, [sequences.Length]);
        try
        {
            using var results = _session.Run(_runOptions, [input, "lengths"], [value, lengthsValue], Outputs);
            var shape = results[0].GetTensorTypeAndShape().Shape;
            return shape.AsSpan().SequenceEqual([sequences.Length, Dimension])
                ? results[0].GetTensorDataAsSpan<float>().ToArray()
                : throw Failed(
                    $"\"user\" is [{string.Join(",", shape)}] and not [{sequences.Length},{Dimension}]",
                    null
                );
        }
        catch (OnnxRuntimeException fault)
        {
            throw Failed(fault.Message, fault);
        }
        EncoderFailedException Failed(string why, Exception? fault) =>
            new($"{_path} failed on {Shape(sequences.Length, length)}: {why}", fault);
    }
}
