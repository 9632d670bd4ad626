using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Options;

namespace StreamRec.Training.Runs;

/// <summary>
/// How a training stands after an epoch, in a file: replaced as a whole, so that a kill leaves the last good one.
/// </summary>
internal sealed class TrainingCheckpoint(string path, TrainingPlan plan, SequenceData data)
{
    // "SCK" and the version, which is raised whenever what is written changes. Version 1 lacked the first loss.
    private const uint Name = 0x4B4353,
        Version = '2',
        OldestVersion = '1';
    private const int VersionShift = 24;
    private readonly byte[] _fingerprint = Fingerprint(plan, data);

    /// <summary>The counters that stand beside the blocks.</summary>
    public record struct Counters
    {
        /// <summary>The epoch that ended last, from 1.</summary>
        public int Epoch;
        public int Step;
        public int TotalSteps;
        public int Epochs;

        /// <summary>Whose weights are kept.</summary>
        public int BestEpoch;

        /// <summary>Which was better than all before it: patience counts from there.</summary>
        public int ImprovedEpoch;
        public double BestHitRate;
        public double BestNdcg;

        /// <summary>What a loss is compared with to tell that training diverged.</summary>
        public double FirstLoss;
    }

    public void Write(in Counters counters, IEnumerable<Matrix> blocks)
    {
        var temporary = path + ".tmp";
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

    private void WriteWhole(string temporary, in Counters counters, IEnumerable<Matrix> blocks)
    {
        using var file = new FileStream(temporary, FileMode.Create);
        using var writer = new BinaryWriter(file);
        writer.Write(Name | (Version << VersionShift));
        writer.Write(_fingerprint);
        writer.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Counters>(in counters)));
        foreach (var block in blocks)
        {
            writer.Write(block.Length);
            writer.Write(MemoryMarshal.AsBytes(block.Span));
        }
        writer.Flush();
        file.Flush(flushToDisk: true);
    }

    /// <summary>Reads into the blocks; null where there is no file yet.</summary>
    /// <exception cref="StreamRecException">
    /// The file is of another training, of an older version, broken, or no checkpoint at all.
    /// </exception>
    public Counters? Read(IEnumerable<Matrix> blocks)
    {
        if (Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new StreamRecException(
                $"The checkpoint {path} is not a file in a directory that is there; name another.",
                FaultKind.Usage
            );
        }
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return null;
        }
        using var reader = new BinaryReader(File.OpenRead(path));
        try
        {
            CheckVersion(reader.ReadUInt32());
            if (!reader.ReadBytes(_fingerprint.Length).AsSpan().SequenceEqual(_fingerprint))
            {
                throw new StreamRecException(
                    $"The checkpoint {path} is of other options or other data. Delete it, or name another file.",
                    FaultKind.Input
                );
            }
            Counters counters = default;
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(new Span<Counters>(ref counters)));
            foreach (var block in blocks)
            {
                if (reader.ReadInt32() != block.Length)
                {
                    throw new InvalidDataException("a block has another size.");
                }
                reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(block.Span));
            }
            return counters;
        }
        catch (Exception fault) when (fault is EndOfStreamException or InvalidDataException)
        {
            throw new StreamRecException(
                $"The checkpoint {path} is broken: {fault.Message} Delete it to start anew.",
                FaultKind.Input,
                fault
            );
        }
    }

    private void CheckVersion(uint head)
    {
        var version = head >> VersionShift;
        var wrong =
            (head & ((1u << VersionShift) - 1)) != Name || version < OldestVersion
                ? "is no checkpoint of streamrec. Name another file."
            : version == Version ? null
            : $"was written by another version of streamrec (format {(char)version}, "
                + $"and this one reads {(char)Version}). "
                + "Finish with that version, or delete the file to train anew.";
        if (wrong is not null)
        {
            throw new StreamRecException($"The file {path} {wrong}", FaultKind.Input);
        }
    }

    private static byte[] Fingerprint(TrainingPlan plan, SequenceData data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(plan));
        foreach (var id in data.ItemIds)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(id + "\n"));
        }
        foreach (var sequence in data.Sequences)
        {
            hash.AppendData(MemoryMarshal.AsBytes(sequence.Span));
            hash.AppendData([0, 0, 0, 0]);
        }
        return hash.GetHashAndReset();
    }
}
