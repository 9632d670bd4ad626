using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StreamRec.Training.Data;
using StreamRec.Training.Numerics;

namespace StreamRec.Training;

/// <summary>How a training stands after an epoch, in a file: replaced as a whole, so that a kill leaves the last good one.</summary>
internal sealed class TrainingCheckpoint(string path, ModelOptions options, SequenceData data)
{
    private const uint Magic = 0x314B4353;
    private readonly byte[] _fingerprint = Fingerprint(options, data);

    /// <summary>The counters that stand beside the blocks.</summary>
    public record struct Counters(int Epoch, int Step, int TotalSteps, int Epochs, int BestEpoch, double BestHitRate, double BestNdcg);

    public void Write(Counters counters, IEnumerable<Block> blocks)
    {
        string temporary = path + ".tmp";
        try
        {
            WriteWhole(temporary, counters, blocks);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            // A disk that is full keeps nothing half.
            File.Delete(temporary);
            throw;
        }
    }

    private void WriteWhole(string temporary, Counters counters, IEnumerable<Block> blocks)
    {
        using var file = new FileStream(temporary, FileMode.Create);
        using var writer = new BinaryWriter(file);
        writer.Write(Magic);
        writer.Write(_fingerprint);
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Counters>(in counters)));
        foreach (Block block in blocks)
        {
            writer.Write(block.Length);
            writer.Write(MemoryMarshal.AsBytes(block.Span));
        }

        writer.Flush();
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads into the blocks; null where there is no file yet.</summary>
    /// <exception cref="StreamRecException">The file is of another training, or broken.</exception>
    public Counters? Read(IEnumerable<Block> blocks)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var reader = new BinaryReader(File.OpenRead(path));
        try
        {
            if (reader.ReadUInt32() != Magic || !reader.ReadBytes(_fingerprint.Length).AsSpan().SequenceEqual(_fingerprint))
            {
                throw new StreamRecException(
                    $"The checkpoint {path} is of other options or other data. Delete it, or name another file.", ExitCode.BadInput);
            }

            Counters counters = default;
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(new Span<Counters>(ref counters)));
            foreach (Block block in blocks)
            {
                if (reader.ReadInt32() != block.Length)
                {
                    throw new InvalidDataException("a block has another size");
                }

                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(block.Span));
            }

            return counters;
        }
        catch (Exception fault) when (fault is EndOfStreamException or InvalidDataException)
        {
            throw new StreamRecException($"The checkpoint {path} is broken: {fault.Message} Delete it to start anew.", ExitCode.BadInput, fault);
        }
    }

    public void Delete() => File.Delete(path);

    private static byte[] Fingerprint(ModelOptions options, SequenceData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(ModelConfig.Write(options)));
        foreach (string id in data.ItemIds)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(id + "\n"));
        }

        foreach (ReadOnlyMemory<int> sequence in data.Sequences)
        {
            hash.AppendData(MemoryMarshal.AsBytes(sequence.Span));
            hash.AppendData([0, 0, 0, 0]);
        }

        return hash.GetHashAndReset();
    }
}
