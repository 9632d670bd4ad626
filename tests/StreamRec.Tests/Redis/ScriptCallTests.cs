using System.Reflection;
using StackExchange.Redis;
using StreamRec.Delivery.Ports;
using StreamRec.Redis.Store;

namespace StreamRec.Tests.Redis;

/// <summary>
/// What the client may still have to send is never written over; what it has done with serves the next call.
/// </summary>
public class ScriptCallTests
{
    // Lengths that no other test uses.
    private const int Keys = 1_001,
        Values = 77;

    [Fact]
    public async Task Arrays_of_a_call_without_an_answer_stay_as_they_were_sent()
    {
        var redis = Redis(Task.FromException<RedisResult>(new RedisException("no answer")));
        var first = Filled("first");
        await Assert.ThrowsAsync<AmbiguousStoreException>(() => first.EvaluateAsync(redis, ""));

        var second = Filled("second");

        Assert.Equal("first", (string?)first.Keys[Keys - 1]);
        Assert.Equal("first", (string?)first.Values[Values - 1]);
        Assert.Equal("second", (string?)second.Values[Values - 1]);
    }

    [Fact]
    public async Task Arrays_of_an_answered_call_serve_the_next_one_empty()
    {
        var redis = Redis(Task.FromResult(RedisResult.Create((RedisValue)"OK")));
        var first = Filled("first");
        await first.EvaluateAsync(redis, "");

        var second = ScriptCall.Of(Keys, Values + 1);
        await second.EvaluateAsync(redis, "");
        var third = ScriptCall.Of(Keys, Values);

        Assert.Same(first.Values, third.Values);
        Assert.NotSame(first.Keys, second.Keys);
        Assert.True(third.Values.All(value => value.IsNull));
    }

    private static ScriptCall Filled(string text)
    {
        var call = ScriptCall.Of(Keys, Values);
        Array.Fill(call.Keys, text);
        Array.Fill(call.Values, text);
        return call;
    }

    private static IDatabase Redis(Task<RedisResult> answer)
    {
        var redis = DispatchProxy.Create<IDatabase, OneAnswer>();
        ((OneAnswer)(object)redis).Answer = answer;
        return redis;
    }

    private class OneAnswer : DispatchProxy
    {
        public Task<RedisResult>? Answer { get; set; }

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) => Answer;
    }
}
