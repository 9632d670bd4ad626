using System.Reflection;
using StackExchange.Redis;

namespace StreamRec.Tests.Client;

/// <summary>A connection that stands, to a Redis that answers no more: as one that is stopped.</summary>
public class StalledRedis : DispatchProxy
{
    private TaskCompletionSource<RedisValue> _answer = null!;

    /// <param name="answer">Of every GET.</param>
    public static IConnectionMultiplexer Of(TaskCompletionSource<RedisValue> answer)
    {
        var redis = Create<IConnectionMultiplexer, StalledRedis>();
        ((StalledRedis)(object)redis)._answer = answer;
        return redis;
    }

    protected override object? Invoke(MethodInfo? method, object?[]? arguments)
    {
        switch (method!.Name)
        {
            case nameof(IConnectionMultiplexer.GetDatabase):
                var database = Create<IDatabase, StalledRedis>();
                ((StalledRedis)(object)database)._answer = _answer;
                return database;
            case nameof(IDatabase.CreateBatch):
                var batch = Create<IBatch, StalledRedis>();
                ((StalledRedis)(object)batch)._answer = _answer;
                return batch;
            case nameof(IDatabase.IsConnected):
                return true;
            case nameof(IBatch.Execute):
                return null;
            case nameof(IDatabase.StringGetAsync):
                return _answer.Task;
            default:
                throw new NotSupportedException(method.Name);
        }
    }
}
