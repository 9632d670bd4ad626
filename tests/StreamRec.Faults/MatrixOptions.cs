using Swapping = StreamRec.Faults.Rows.Swaps;

namespace StreamRec.Faults;

/// <summary>What the matrix is asked for.</summary>
/// <param name="Rows">Empty: all.</param>
/// <param name="Swaps">Of models, in the row of them.</param>
internal sealed record MatrixOptions(IReadOnlySet<int> Rows, int Repetitions, bool Json, int Swaps = 60)
{
    /// <summary>
    /// Those that CI runs: a log that forks, aborted transactions, bad records, a stopped store, one that falls back,
    /// an emptied one, a second group; five minutes in all.
    /// </summary>
    private static readonly HashSet<int> s_ci = [17, 19, 22, 24, 26, 28, 37];

    /// <summary>Null where the arguments cannot be read.</summary>
    public static MatrixOptions? Parse(string[] args)
    {
        var options = new MatrixOptions(new HashSet<int>(), 1, false);
        for (var i = 0; i < args.Length; i++)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--rows" when value == "ci":
                    options = options with { Rows = s_ci };
                    i++;
                    break;
                case "--rows" when value == "swap":
                    options = options with { Rows = new HashSet<int> { Swapping.Number } };
                    i++;
                    break;
                case "--swaps" when int.TryParse(value, out var swaps) && swaps > 0:
                    options = options with { Swaps = swaps };
                    i++;
                    break;
                case "--rows" when value.Split(',').All(n => int.TryParse(n, out _)):
                    options = options with { Rows = value.Split(',').Select(int.Parse).ToHashSet() };
                    i++;
                    break;
                case "--repetitions" when int.TryParse(value, out var times) && times > 0:
                    options = options with { Repetitions = times };
                    i++;
                    break;
                default:
                    return null;
            }
        }
        return options;
    }
}
