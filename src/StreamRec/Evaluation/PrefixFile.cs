using StreamRec.Files;
using StreamRec.Input;

namespace StreamRec.Evaluation;

/// <summary>
/// A file of questions: a line holds item ids with spaces between, a tab, and the item that came next.
/// </summary>
internal static class PrefixFile
{
    /// <summary>
    /// Cases in the indices of <paramref name="indexOf"/>; 0 is an item that is not known. Lines of which one goes on
    /// where the other ended, one after the other, are of one session. Bad lines are told by number, and left out.
    /// </summary>
    public static IReadOnlyList<RankingCase> Read(
        string path,
        Func<string, int> indexOf,
        CancellationToken cancel = default
    )
    {
        var cases = new List<RankingCase>();
        var bad = new BadInput(path, "lines");
        string[] before = [];
        var session = -1;
        long number = 0;
        using InputFile file = InputFile.Open(path, cancel);
        using var reader = new StreamReader(file.Stream);
        while (reader.ReadLine() is { } line)
        {
            cancel.ThrowIfCancellationRequested();
            number++;
            var parts = line.Split('\t');
            var items = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 2 && items.Length > 0 && parts[1].Trim() is { Length: > 0 } target)
            {
                string[] all = [.. items, target];
                session += GoesOn(before, all) ? 0 : 1;
                cases.Add(new RankingCase(session, items.Select(indexOf).ToArray(), indexOf(target)));
                before = all;
            }
            else if (line.Length > 0)
            {
                bad.Tell($"{path}:{number}: a line is item ids with spaces between, a tab, and the next item.");
            }
        }
        bad.TellAll();
        return cases.Count > 0
            ? cases
            : throw new StreamRecException($"'{path}' holds no line to judge.", FaultKind.Input);
    }

    /// <summary>
    /// Whether one is the beginning of the other: a file may hold a session's prefixes rising or falling.
    /// </summary>
    private static bool GoesOn(string[] x, string[] y) =>
        x.Length != y.Length && Math.Min(x.Length, y.Length) > 0 && x.Zip(y).All(pair => pair.First == pair.Second);
}
