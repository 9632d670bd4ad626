using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using StreamRec.Client;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Client;

public sealed class ReadTimeoutTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource<RedisValue> _answer = new();

    [Fact]
    public async Task A_read_ends_when_its_time_is_up_and_says_so()
    {
        var reader = new ListReader(StalledRedis.Of(_answer), new(), _time);
        var one = reader.ReadAsync("u");
        var many = reader.ReadManyAsync(["u", "v"]);
        var popular = reader.ReadPopularAsync();
        _time.Advance(TimeSpan.FromMilliseconds(49));
        Assert.False(one.IsCompleted || many.IsCompleted || popular.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        foreach (var result in (await many).Append(await one).Append(await popular))
        {
            Assert.Equal((ListSource.None, ListReason.TimedOut), (result.Source, result.Reason));
        }
    }

    [Fact]
    public async Task A_read_that_is_answered_in_time_is_as_any()
    {
        var reader = new ListReader(StalledRedis.Of(_answer), new(), _time);
        var reading = reader.ReadAsync("u");
        _time.Advance(TimeSpan.FromMilliseconds(49));

        _answer.SetResult(ContractFiles.Golden("list.json"));

        Assert.Equal(ListSource.Own, (await reading).Source);
    }

    [Fact]
    public async Task Waiting_for_an_event_lasts_no_longer_than_was_asked_for_and_a_read()
    {
        var reader = new ListReader(StalledRedis.Of(_answer), new(), _time);
        var waiting = reader.WaitForAsync("u", new EventPosition("t", 0, 1), TimeSpan.FromSeconds(1));

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromSeconds(1.2); passed += TimeSpan.FromMilliseconds(5))
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }
        var result = await waiting;

        Assert.False(result.IsIncluded);
        Assert.Equal(ListReason.TimedOut, result.List.Reason);
    }
}
