using System.Buffers.Binary;
using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>A user's state is the offsets applied to it, in order: nothing hides a double, a loss or a swap.</summary>
internal sealed class SimulatedProcessor : IBatchProcessor
{
    public IReadOnlyList<string> Prepare(PartitionIdentity partition, IReadOnlyList<LogRecord> records) =>
        [.. records.Where(r => !IsPoison(r)).Select(User).Distinct()];

    public async ValueTask<BatchResult> ProcessAsync(Batch batch, CancellationToken cancel)
    {
        await Task.Yield();
        var writes = new List<UserWrite>();
        for (var i = 0; i < batch.Users.Count; i++)
        {
            var state = batch.States[i]?.ToArray() ?? [];
            foreach (var record in batch.Records.Where(r => !IsPoison(r) && User(r) == batch.Users[i]))
            {
                state = Append(state, record.Offset);
            }

            writes.Add(new(batch.Users[i], state, state, new(0, BinaryPrimitives.ReadInt64LittleEndian(state.AsSpan(state.Length - 8)))));
        }

        return new(writes, [.. batch.Records.Where(IsPoison).Select(r => new DeadLetter(r, "poison", ""))]);
    }

    public static string User(LogRecord record) => System.Text.Encoding.UTF8.GetString(record.Key.Span);

    public static bool IsPoison(LogRecord record) => record.Value.Span[0] == 1;

    private static byte[] Append(byte[] state, long offset)
    {
        Array.Resize(ref state, state.Length + 8);
        BinaryPrimitives.WriteInt64LittleEndian(state.AsSpan(state.Length - 8), offset);
        return state;
    }
}
