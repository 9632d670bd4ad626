using StreamRec.Options;

namespace StreamRec.Demo;

/// <summary>What the demo is asked for.</summary>
/// <param name="Seconds">Length of the live traffic; null: until stopped.</param>
/// <param name="Rate">Clicks a second, all shoppers together.</param>
/// <param name="Bootstrap">Kafka to use; null: an embedded broker.</param>
/// <param name="Redis">Redis to use; null: an embedded store.</param>
/// <param name="Servers">How to reach what is not embedded.</param>
internal sealed record DemoOptions(
    double? Seconds,
    double Rate,
    int Seed,
    bool Json,
    string? Bootstrap,
    string? Redis,
    ServerOptions Servers
)
{
    public const string Topic = "clicks";
    public const string Group = "recommender";
    public const int Shoppers = 100;

    /// <exception cref="StreamRecException">An option is out of its range.</exception>
    public void Validate()
    {
        if (Seconds is <= 0 or > 1e6)
        {
            throw new StreamRecException($"--seconds is {Seconds}: give a number above 0.", FaultKind.Usage);
        }
        if (Rate is not (>= 1 and <= 5_000))
        {
            throw new StreamRecException($"--rate is {Rate}: give 1 to 5,000 clicks a second.", FaultKind.Usage);
        }
    }
}
