using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Tests.Delivery.Dialogues;

/// <summary>
/// What a partition is told, line by line, and what it decides: each file of Dialogues is fed to the product's state
/// machine, and must read the same afterwards. <c>STREAMREC_REWRITE=1</c> writes what it decides now; review the
/// difference.
/// </summary>
public sealed class DialogueTests
{
    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Folder(), "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)!).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reads_as_reviewed(string name)
    {
        var file = Path.Combine(Folder(), name + ".txt");
        var written = File.ReadAllText(file);
        var told = Tell(written);
        if (Environment.GetEnvironmentVariable("STREAMREC_REWRITE") is { Length: > 0 })
        {
            File.WriteAllText(file, told);
            return;
        }
        Assert.Equal(written, told);
    }

    private static string Tell(string written)
    {
        var lines = written.Split('\n').Select(l => l.TrimEnd()).ToArray();
        var life = new PartitionLife(
            new PartitionPolicy
            {
                Retries = 1,
                ListsElsewhere = lines.Contains("# policy: lists elsewhere"),
                SkipLostRecords = lines.Contains("# policy: skip lost records"),
            }
        );
        var (state, told) = (default(PartitionState), new StringBuilder());
        foreach (
            var line in lines
                .SkipLast(lines[^1].Length == 0 ? 1 : 0)
                .Where(l => !l.StartsWith("  ", StringComparison.Ordinal))
        )
        {
            told.Append(line).Append('\n');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var decisions = new List<PartitionDecision>();
            state = life.Handle(state, Parse(line, state.Ticket), decisions);
            foreach (var decision in decisions)
            {
                told.Append("  ").Append(Dialogue.Text(decision)).Append('\n');
            }
            told.Append(
                CultureInfo.InvariantCulture,
                $"  = {state.Phase} n={state.Next.Offset} at={state.Position.Offset}\n"
            );
        }
        return told.ToString();
    }

    // "late" before an input: it answers something that was given up.
    private static PartitionInput Parse(string line, int ticket)
    {
        var late = line.StartsWith("late ", StringComparison.Ordinal);
        var words = (late ? line[5..] : line).Split(' ');
        long Number(string name) =>
            long.Parse(
                words.Single(w => w.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..],
                CultureInfo.InvariantCulture
            );
        var seq = words.Any(w => w.StartsWith("seq=", StringComparison.Ordinal)) ? Number("seq") : 0;
        var kind = Enum.Parse<PartitionInputKind>(words[0]);
        var answers = late ? ticket - 1 : ticket;
        return kind switch
        {
            PartitionInputKind.ClaimGranted => PartitionInput.ClaimGranted(
                answers,
                new(Number("claim"), Guid.Empty),
                new(Number("n"), (int)Number("epoch")),
                seq
            ),
            PartitionInputKind.ClaimOutdated => PartitionInput.ClaimOutdated(answers, Number("promotion")),
            PartitionInputKind.ModelReady => PartitionInput.ModelReady(Number("promotion")),
            PartitionInputKind.ClaimRefused => PartitionInput.ClaimRefused(answers, Enum.Parse<HaltReason>(words[1])),
            PartitionInputKind.Fetched => PartitionInput.Fetched(Number("offset"), (int)Number("epoch")),
            PartitionInputKind.EndOfPartition => PartitionInput.EndOfPartition(Number("at")),
            PartitionInputKind.OutOfRange => PartitionInput.OutOfRange(Number("start"), Number("end")),
            PartitionInputKind.GapChecked => PartitionInput.GapChecked(
                answers,
                new(Enum.Parse<GapVerdict>(words[1]), words.Length > 2 ? Number("start") : 0)
            ),
            PartitionInputKind.BatchDue => PartitionInput.BatchDue(words.Contains("missing")),
            PartitionInputKind.StatesAnswered => PartitionInput.StatesAnswered(answers, new(Number("n"), seq)),
            PartitionInputKind.StepApplied => PartitionInput.StepApplied(
                answers,
                seq,
                words.Any(w => w.StartsWith("promotion=", StringComparison.Ordinal)) ? Number("promotion") : 0
            ),
            PartitionInputKind.StepConflict => PartitionInput.StepConflict(answers, new(Number("n"), seq)),
            PartitionInputKind.DirtyLoaded => PartitionInput.DirtyLoaded(
                answers,
                new(Number("n"), seq),
                words.Contains("some")
            ),
            PartitionInputKind.Published => PartitionInput.Published(answers, words.Contains("some")),
            _ => new PartitionInput(kind) { Ticket = answers },
        };
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!);
}
