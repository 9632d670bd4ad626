using StreamRec.Tests.Delivery.Simulation;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>What a worker makes of a batch, and what must hold of what it writes.</summary>
internal static class ExhaustiveBatch
{
    // Renewals are written in the order that they are begun in, each once; a batch goes on from the last one.
    public static void CheckMark(in LateCall step, in Applied there)
    {
        if (step.Write0 is not { } written)
        {
            return;
        }
        if (step.From == step.To && written.Mark <= there.Mark)
        {
            throw new OracleException("J", $"renewal {written.Mark} was written over {there.Mark}");
        }
        if (step.From < step.To && written.Mark != there.Mark)
        {
            throw new OracleException("S", $"a batch wrote a state of renewal {written.Mark} over {there.Mark}");
        }
    }

    // Under other settings a user's first event is none that enters a state.
    public static void Compute(ref SmallWorker worker, in SmallLog log, bool otherSettings)
    {
        for (var o = 0; o < log.Length; o++)
        {
            if (otherSettings && o == 0)
            {
                continue;
            }
            if ((worker.Batch >> o & 1) == 1 && log.User(o) == 0)
            {
                worker.Write0 = (worker.Write0 ?? worker.Cached0 ?? default).Add(o);
            }
            else if ((worker.Batch >> o & 1) == 1)
            {
                worker.Write1 = (worker.Write1 ?? worker.Cached1 ?? default).Add(o);
            }
        }
    }

    public static bool Holds(in SmallLog log, int batch, int user) =>
        (
            batch
            & (
                log.TwoUsers
                    ? user == 0
                        ? 0b0101
                        : 0b1010
                    : user == 0
                        ? 0b1111
                        : 0
            )
        ) != 0;
}
