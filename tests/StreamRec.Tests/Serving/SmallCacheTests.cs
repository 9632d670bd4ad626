using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Sequences;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>
/// Users that leave memory lend it to those that come: what is written is the same as with room for all.
/// </summary>
public sealed class SmallCacheTests : IDisposable
{
    private const int Window = 6,
        Users = 12,
        Batches = 150;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    private readonly RandomBundle _random = new(Window);
    private readonly Bundle _bundle;

    public SmallCacheTests() => _bundle = _random.Bundle;

    public void Dispose() => _random.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void States_and_lists_are_those_of_a_large_cache(int capacity)
    {
        var expected = Run(Users);
        var found = Run(capacity);

        Assert.True(expected.Count > Batches);
        Assert.Equal(expected, found);
    }

    private List<string> Run(int capacity)
    {
        var options = new ServingOptions
        {
            ListSize = 5,
            Sequence = new SequenceOptions { Kept = 2 * Window - 1, IdleExpiry = TimeSpan.FromDays(30) },
        };
        using var models = TestEncoders.Live(_bundle, options);
        var recommender = new Recommender(models, options, new Still(), (_, _) => -1);
        var batch = recommender.Open(s_partition);
        var cache = new StateCache(capacity);
        var store = new Dictionary<string, byte[]>();
        var written = new List<string>();
        var random = new Random(5);
        long offset = 0;
        for (var i = 0; i < Batches; i++)
        {
            for (var records = random.Next(1, 9); records > 0; records--)
            {
                // Few users at a time, so that some are still in memory when they come again.
                var click = new ClickEvent(
                    $"e{offset - random.Next(3)}",
                    $"u{(i / 10 + random.Next(5)) % Users}",
                    _bundle.ItemIds[random.Next(1, 51)],
                    "click",
                    1_700_000_000_000 + 1_000 * offset
                );
                batch.Log.Add(
                    new LogRecord(
                        offset++,
                        3,
                        click.TimeMs,
                        System.Text.Encoding.UTF8.GetBytes(click.UserId),
                        EventJson.ToUtf8(click)
                    )
                );
            }
            batch.Gather(cache);
            batch.Fill([.. batch.Missing.Select(store.GetValueOrDefault)], cache);
            foreach (var write in batch.Compute(new Claim(1, Guid.Empty), 0).Writes)
            {
                store[write.UserId] = write.State.ToArray();
                written.Add(
                    $"{write.UserId} {Convert.ToHexString(write.State.Span)} "
                        + $"{System.Text.Encoding.UTF8.GetString(write.List.Span)}"
                );
            }
            batch.Clear();
        }
        return written;
    }

    private sealed class Still : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
