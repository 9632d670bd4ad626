using StreamRec.Bundles;

namespace StreamRec.Evaluation;

/// <summary>A file of questions: a line holds item ids with spaces between, a tab, and the item that came next.</summary>
internal static class PrefixFile
{
    private const int MostTold = 20;

    /// <summary>Cases in the bundle's indices; 0 is an item that it lacks. Bad lines are told by number, and left out.</summary>
    public static IReadOnlyList<RankingCase> Read(string path, Bundle bundle)
    {
        var cases = new List<RankingCase>();
        long number = 0, bad = 0;
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                number++;
                string[] parts = line.Split('\t');
                string[] items = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (parts.Length == 2 && items.Length > 0 && parts[1].Trim() is { Length: > 0 } target)
                {
                    cases.Add(new RankingCase(cases.Count, items.Select(bundle.IndexOf).ToArray(), bundle.IndexOf(target)));
                }
                else if (line.Length > 0 && ++bad <= MostTold)
                {
                    Console.Error.WriteLine($"{path}:{number}: a line is item ids with spaces between, a tab, and the next item.");
                }
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"Prefixes '{path}' cannot be read: {fault.Message}", ExitCode.BadInput, fault);
        }

        if (bad > 0)
        {
            Console.Error.WriteLine($"{path}: {bad} bad lines were left out.");
        }

        return cases.Count > 0 ? cases : throw new StreamRecException($"'{path}' holds no line to judge.", ExitCode.BadInput);
    }
}
