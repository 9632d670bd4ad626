using StreamRec.Events;

namespace StreamRec.Import;

/// <summary>
/// Puts events in the order of time, those of one time in the order in which they came: `produce` replays a file as it
/// stands. Files of any size: what does not fit a chunk is sorted by chunks on disk, and merged.
/// </summary>
/// <param name="chunkEvents">Events sorted in memory at a time, about 300 bytes each.</param>
internal sealed class TimeOrder(int chunkEvents = 500_000) : IDisposable
{
    private readonly List<ClickEvent> _chunk = [];
    private readonly List<string> _files = [];

    public void Add(in ClickEvent click)
    {
        if (_chunk.Count == chunkEvents)
        {
            Spill();
        }
        _chunk.Add(click);
    }

    /// <summary>All events, in order. Once.</summary>
    public IEnumerable<ClickEvent> Events()
    {
        if (_files.Count == 0)
        {
            return _chunk.OrderBy(click => click.TimeMs);
        }
        Spill();
        return Merge();
    }

    public void Dispose() => _files.ForEach(File.Delete);

    private void Spill()
    {
        var path = Path.Combine(Path.GetTempPath(), $"streamrec-import-{Guid.NewGuid():N}.tmp");
        _files.Add(path);
        try
        {
            using var writer = new BinaryWriter(
                new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16)
            );
            foreach (var click in _chunk.OrderBy(click => click.TimeMs))
            {
                writer.Write(click.TimeMs);
                writer.Write(click.EventId);
                writer.Write(click.UserId);
                writer.Write(click.ItemId);
                writer.Write(click.Type);
                writer.Write(click.SessionId ?? "");
                writer.Write((byte)(click.Segments?.Count ?? 0));
                foreach (var segment in click.Segments ?? [])
                {
                    writer.Write(segment);
                }
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException(
                $"What does not fit in memory is sorted in '{Path.GetTempPath()}', which cannot be written: "
                    + $"{fault.Message.TrimEnd('.')}. "
                    + "TMPDIR names another place.",
                FaultKind.Failure
            );
        }
        _chunk.Clear();
    }

    private IEnumerable<ClickEvent> Merge()
    {
        var chunks = _files.Select(path => Read(path).GetEnumerator()).ToList();
        try
        {
            // Chunks were filled in turn, so the earlier one goes first where times are equal.
            var heads = new PriorityQueue<int, (long Time, int Chunk)>();
            void Advance(int chunk)
            {
                if (chunks[chunk].MoveNext())
                {
                    heads.Enqueue(chunk, (chunks[chunk].Current.TimeMs, chunk));
                }
            }
            for (var chunk = 0; chunk < chunks.Count; chunk++)
            {
                Advance(chunk);
            }
            while (heads.TryDequeue(out var chunk, out _))
            {
                yield return chunks[chunk].Current;
                Advance(chunk);
            }
        }
        finally
        {
            chunks.ForEach(chunk => chunk.Dispose());
        }
    }

    private static IEnumerable<ClickEvent> Read(string path)
    {
        using var reader = new BinaryReader(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 14)
        );
        while (reader.BaseStream.Position < reader.BaseStream.Length)
        {
            var time = reader.ReadInt64();
            var click = new ClickEvent(
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString(),
                time
            );
            click = reader.ReadString() is { Length: > 0 } session ? click with { SessionId = session } : click;
            yield return Segments(reader) is { Length: > 0 } segments ? click with { Segments = segments } : click;
        }
    }

    private static string[] Segments(BinaryReader reader)
    {
        var segments = new string[reader.ReadByte()];
        for (var at = 0; at < segments.Length; at++)
        {
            segments[at] = reader.ReadString();
        }
        return segments;
    }
}
