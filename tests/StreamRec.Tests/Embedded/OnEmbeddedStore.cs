using StackExchange.Redis;
using StreamRec.Embedded;

namespace StreamRec.Tests.Embedded;

/// <summary>Tests each of which has an embedded store of its own, and a connection to it.</summary>
public abstract class OnEmbeddedStore : IAsyncLifetime
{
    private protected EmbeddedStore Server { get; } = EmbeddedStore.Start();

    private protected ConnectionMultiplexer Connection { get; private set; } = null!;

    private protected IDatabase Redis => Connection.GetDatabase();

    public virtual async Task InitializeAsync() =>
        Connection = await ConnectionMultiplexer.ConnectAsync(Server.Address);

    public async Task DisposeAsync()
    {
        await Connection.DisposeAsync();
        Server.Dispose();
    }
}
