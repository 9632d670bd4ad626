namespace StreamRec.Input;

/// <summary>Tells on stderr what was left out: the first few one by one, then their number.</summary>
/// <param name="what">The plural of one of them.</param>
internal sealed class BadInput(string source, string what)
{
    private const int MostTold = 20;

    public long Count { get; private set; }

    public void Tell(string message)
    {
        if (++Count <= MostTold)
        {
            Console.Error.WriteLine(message);
        }
    }

    public void TellAll()
    {
        if (Count > 0)
        {
            Console.Error.WriteLine(
                $"{source}: {Count} bad {what} were left "
                    + $"out{(Count > MostTold ? $"; the first {MostTold} are told above" : "")}."
            );
        }
    }
}
