using StreamRec.Events;
using StreamRec.Options;

namespace StreamRec.Demo;

/// <summary>What the demo is asked for.</summary>
/// <param name="Seconds">Length of the live traffic; null: until stopped.</param>
/// <param name="Rate">Clicks a second, all shoppers together.</param>
/// <param name="Bootstrap">Kafka to use; null: an embedded broker.</param>
/// <param name="Redis">Redis to use; null: an embedded store.</param>
/// <param name="Bundle">Where the shop's model is kept, trained where none is yet; null: nowhere.</param>
/// <param name="Part">What of the demo this process does.</param>
/// <param name="Http">Where the worker's page is served.</param>
/// <param name="Servers">How to reach what is not embedded.</param>
internal sealed record DemoOptions(
    double? Seconds,
    double Rate,
    int Seed,
    bool Json,
    string? Bootstrap,
    string? Redis,
    string? Bundle,
    DemoPart Part,
    string Http,
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
        if (!ListenAddress.Parse(Http, ListenAddress.Page).IsLoopback)
        {
            throw new StreamRecException(
                $"--http is '{Excerpt.Of(Http)}': the demo's page is for this machine alone, at 127.0.0.1 and a port.",
                FaultKind.Usage
            );
        }
        if (Part == DemoPart.Preparation && (Bundle is null || Bootstrap is null))
        {
            throw new StreamRecException(
                "--prepare needs --bundle and --bootstrap: what it makes is for processes that come after it.",
                FaultKind.Usage
            );
        }
        if (Part == DemoPart.Traffic && (Bundle is null || Bootstrap is null || Redis is null))
        {
            throw new StreamRecException(
                "--no-worker needs --bundle, --bootstrap and --redis: those of the workers that are to make the lists.",
                FaultKind.Usage
            );
        }
    }
}

/// <summary>What of the demo a process does.</summary>
internal enum DemoPart
{
    /// <summary>All.</summary>
    Whole,

    /// <summary>The topic and the model, for what comes after it.</summary>
    Preparation,

    /// <summary>The shoppers; workers elsewhere make their lists.</summary>
    Traffic,
}
