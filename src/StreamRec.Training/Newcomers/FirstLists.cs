namespace StreamRec.Training.Newcomers;

/// <summary>Judges a list that is shown before a user's first event by the events that follow.</summary>
public static class FirstLists
{
    /// <summary>Of how many first events of a user the figure is the mean.</summary>
    public const int Events = 10;

    /// <summary>Items of a list that is judged.</summary>
    public const int Length = 10;

    /// <summary>The most users that are asked, evenly chosen.</summary>
    public const int MostUsers = 2000;

    /// <summary>At most <see cref="MostUsers"/> of these, evenly chosen.</summary>
    public static int[] Evenly(int[] users)
    {
        var chosen = Math.Min(MostUsers, users.Length);
        return [.. Enumerable.Range(0, chosen).Select(at => users[(int)((long)at * users.Length / chosen)])];
    }

    /// <summary>NDCG of a list on a user's first events, at least one: the mean over <see cref="Events"/>.</summary>
    public static double Ndcg(ReadOnlySpan<int> list, ReadOnlySpan<int> events)
    {
        var first = events[..Math.Min(Events, events.Length)];
        double sum = 0;
        foreach (var item in first)
        {
            var place = list.IndexOf(item);
            sum += place < 0 ? 0 : 1 / Math.Log2(2.0 + place);
        }
        return sum / first.Length;
    }

    /// <summary>
    /// The <see cref="Length"/> items 1…N of the largest scores, best first; of equal ones the lower index first.
    /// </summary>
    /// <param name="scores">N+1.</param>
    public static int[] Best(ReadOnlySpan<float> scores)
    {
        Span<int> best = stackalloc int[Length];
        var found = 0;
        for (var item = 1; item < scores.Length; item++)
        {
            if (found == best.Length && scores[item] <= scores[best[^1]])
            {
                continue;
            }
            found = Math.Min(found + 1, best.Length);
            var place = found - 1;
            for (; place > 0 && scores[best[place - 1]] < scores[item]; place--)
            {
                best[place] = best[place - 1];
            }
            best[place] = item;
        }
        return best[..found].ToArray();
    }
}
