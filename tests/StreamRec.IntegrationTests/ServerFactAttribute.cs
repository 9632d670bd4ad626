using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>A test on a real Kafka and a real Redis. Where they are not, it is skipped and says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerFactAttribute : FactAttribute
{
    public ServerFactAttribute() => Skip = Installed.WhyNoServers is { } why ? $"Skipped: {why}." : null;
}

/// <summary>As <see cref="ServerFactAttribute"/>, for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ServerTheoryAttribute : TheoryAttribute
{
    public ServerTheoryAttribute() => Skip = Installed.WhyNoServers is { } why ? $"Skipped: {why}." : null;
}
