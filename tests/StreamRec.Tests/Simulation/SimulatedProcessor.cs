using System.Buffers.Binary;
using StreamRec.Pipeline;

namespace StreamRec.Tests.Simulation;

/// <summary>A user's state is the offsets applied to it, in order: nothing hides a double, a loss or a swap.</summary>
internal sealed class SimulatedProcessor : IBatchProcessor
{
    public PartitionBatch Open(PartitionIdentity partition) => new Batch();

    public static string User(LogRecord record) => System.Text.Encoding.UTF8.GetString(record.Key.Span);

    public static bool IsPoison(LogRecord record) => record.Value.Span[0] == 1;

    /// <summary>Grows in place, as the product's states do.</summary>
    private sealed class State(string userId, byte[]? stored) : UserState(userId)
    {
        public byte[] Offsets { get; private set; } = stored ?? [];

        public StateVersion Version => new(0, BinaryPrimitives.ReadInt64LittleEndian(Offsets.AsSpan(Offsets.Length - 8)));

        public void Append(long offset)
        {
            var longer = new byte[Offsets.Length + 8];
            Offsets.CopyTo(longer, 0);
            BinaryPrimitives.WriteInt64LittleEndian(longer.AsSpan(Offsets.Length), offset);
            Offsets = longer;
        }
    }

    private sealed class Batch : PartitionBatch
    {
        private readonly List<(long Offset, int Slot)> _applied = [];
        private readonly List<DeadLetter> _letters = [];

        public override async ValueTask<BatchResult> ProcessAsync(Claim claim, int generation, CancellationToken cancel)
        {
            await Task.Yield();
            foreach (var (offset, slot) in _applied)
            {
                ((State)StateOf(slot)).Append(offset);
            }

            var states = Enumerable.Range(0, UserCount).Select(slot => (State)StateOf(slot));
            return new([.. states.Select(s => new UserWrite(s.UserId, s.Offsets, s.Offsets, s.Version))], [.. _letters]);
        }

        protected override void Read()
        {
            foreach (var record in Records)
            {
                if (IsPoison(record))
                {
                    _letters.Add(new DeadLetter(record, "poison", ""));
                }
                else
                {
                    _applied.Add((record.Offset, Slot(User(record))));
                }
            }
        }

        protected override UserState Wrap(string userId, byte[]? stored) => new State(userId, stored);

        protected override void Reset()
        {
            _applied.Clear();
            _letters.Clear();
        }
    }
}
