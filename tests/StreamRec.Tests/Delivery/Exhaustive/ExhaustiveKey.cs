using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>A world packed into 384 bits, exactly.</summary>
internal readonly record struct WorldKey(ulong A, ulong B, ulong C, ulong D, ulong E, ulong F)
{
    public static WorldKey Of(in SmallWorld world)
    {
        var bits = new Packer();
        Pack(ref bits, world.Store);
        Pack(ref bits, world.HasSaved ? world.Saved : default);
        bits.Add(world.HasSaved ? 1 : 0, 1);
        bits.Add(world.Reached, 3);
        bits.Add(world.Renewed, 2);
        Pack(ref bits, world.A);
        Pack(ref bits, world.B);
        bits.Add((int)world.Late.Call, 3);
        bits.Add(world.Late.Worker, 1);
        bits.Add(world.Late.Claim, 4);
        bits.Add(world.Late.From, 3);
        bits.Add(world.Late.To, 3);
        bits.Add(world.Late.Seq, 3);
        Pack(ref bits, world.Late.Write0);
        Pack(ref bits, world.Late.Write1);
        var left = world.Left;
        foreach (var budget in (ReadOnlySpan<int>)[left.Assignments, left.Departures, left.Delays, left.LostAnswers])
        {
            bits.Add(budget, 2);
        }
        bits.Add(left.Renewals, 2);
        bits.Add(left.Rollbacks, 1);
        bits.Add(left.Jumps, 1);
        bits.Add(left.Reconnects, 1);
        bits.Add(left.ListRollbacks, 1);
        bits.Add(left.Unsafe, 1);
        bits.Add(world.List.Version, 3);
        bits.Add(world.List.Claim, 4);
        bits.Add(world.List.Promotion, 2);
        bits.Add(world.Replica.Promotion, 2);
        bits.Add((world.List.Belated ? 1 : 0) | (world.Replica.Belated ? 2 : 0), 2);
        bits.Add(world.Late.Lease, 2);
        bits.Add(world.Late.Named, 2);
        bits.Add(world.Pointer, 2);
        bits.Add(left.Promotions, 2);
        bits.Add(left.PointerRollbacks, 1);
        bits.Add(world.Replica.Version, 3);
        bits.Add(world.Replica.Claim, 4);
        return new(bits.Words[0], bits.Words[1], bits.Words[2], bits.Words[3], bits.Words[4], bits.Words[5]);
    }

    private static void Pack(ref Packer bits, SmallStore store)
    {
        bits.Add(store.N, 3);
        bits.Add(store.Claim, 4);
        bits.Add(store.Dirty, 3);
        bits.Add(store.Seq, 3);
        bits.Add(store.Promotion, 2);
        bits.Add(store.Sealed, 2);
        bits.Add(store.First.Mark, 2);
        bits.Add(store.First.Counts, 8);
        bits.Add(store.Second.Counts, 8);
    }

    private static void Pack(ref Packer bits, in SmallWorker worker)
    {
        var s = worker.State;
        bits.Add((int)s.Phase, 4);
        bits.Add((int)s.Next.Offset, 3);
        bits.Add((int)s.Seq, 3);
        bits.Add((int)s.Position.Offset, 3);
        bits.Add(s.Next.Epoch + 1, 1);
        bits.Add(s.Position.Epoch + 1, 1);
        bits.Add(s.Attempts, 1);
        bits.Add((int)s.GapTo, 3);
        bits.Add(
            (s.CheckOwed ? 1 : 0)
                | (s.Leaving ? 2 : 0)
                | (s.Known ? 4 : 0)
                | (s.DirtyOwed ? 8 : 0)
                | (s.Republishing ? 16 : 0),
            5
        );
        bits.Add(worker.Model, 2);
        bits.Add(worker.Lease, 2);
        bits.Add((int)s.Promotion, 2);
        bits.Add(worker.Publishing, 3);
        bits.Add(worker.Clearing, 3);
        bits.Add((int)s.Claim.Number, 4);
        bits.Add((int)worker.Call, 3);
        bits.Add(worker.Fetch, 3);
        bits.Add(worker.Batch, 4);
        Pack(ref bits, worker.Cached0);
        Pack(ref bits, worker.Cached1);
        Pack(ref bits, worker.Write0);
        Pack(ref bits, worker.Write1);
    }

    private static void Pack(ref Packer bits, Applied? state)
    {
        bits.Add(state.HasValue ? 1 : 0, 1);
        bits.Add(state?.Counts ?? 0, 8);
        bits.Add(state?.Mark ?? 0, 2);
    }

    private ref struct Packer
    {
        [System.Runtime.CompilerServices.InlineArray(6)]
        public struct Six
        {
            private ulong _first;
        }

        public Six Words;
        private int _at;

        public void Add(int value, int width)
        {
            if (value < 0 || value >= 1 << width)
            {
                throw new InvalidOperationException($"{value} does not fit {width} bits.");
            }
            var (word, bit) = (_at / 64, _at % 64);
            Words[word] |= (ulong)value << bit;
            if (bit + width > 64)
            {
                Words[word + 1] |= (ulong)value >> (64 - bit);
            }
            _at += width;
        }
    }
}
