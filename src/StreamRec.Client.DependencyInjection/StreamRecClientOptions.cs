namespace StreamRec.Client.DependencyInjection;

/// <summary>Where lists are, and how they are read: of the configuration's section <c>StreamRec:Client</c>.</summary>
public sealed class StreamRecClientOptions : ListReaderOptions
{
    /// <summary>
    /// Redis as StackExchange.Redis reads it: <c>localhost:6379,password=…</c>. Empty: the registered
    /// <c>IConnectionMultiplexer</c> is used.
    /// </summary>
    public string? Redis { get; set; }

    /// <inheritdoc/>
    public override string? Fault() => base.Fault() ?? RedisFault();

    // The client's own message may quote a password.
    private string? RedisFault()
    {
        try
        {
            if (Redis is { Length: > 0 } redis)
            {
                ListReader.Configuration(redis);
            }
            return null;
        }
        catch (ArgumentException)
        {
            return $"{nameof(Redis)} cannot be read: give host:port, and what else StackExchange.Redis knows.";
        }
    }
}
