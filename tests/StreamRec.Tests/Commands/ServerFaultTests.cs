using Confluent.Kafka;
using StackExchange.Redis;
using StreamRec.Commands;

namespace StreamRec.Tests.Commands;

/// <summary>No exception of a server's client ends as a bug, wherever it was thrown.</summary>
public sealed class ServerFaultTests
{
    public static TheoryData<Exception> Faults =>
        new(
            new RedisTimeoutException(CommandFlags.None, "slow", CommandStatus.Sent),
            new RedisCommandException("The database does not exist on the server: 99"),
            new RedisConnectionException(ConnectionFailureType.UnableToConnect, CommandFlags.None, "away"),
            new InvalidOperationException(
                "The worker failed.",
                new RedisServerException(RedisErrorKind.Loading, CommandFlags.None, "LOADING Redis is loading")
            ),
            new AggregateException(new InvalidOperationException(), new KafkaException(ErrorCode.Local_AllBrokersDown)),
            new KafkaException(ErrorCode.TopicAuthorizationFailed)
        );

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_servers_fault_is_the_servers(Exception fault) =>
        Assert.Equal(FaultKind.Unreachable, ServerFault.Of(fault)?.Kind);

    [Fact]
    public void What_is_no_servers_is_left_alone() =>
        Assert.Null(ServerFault.Of(new InvalidOperationException("x", new TimeoutException())));

    [Fact]
    public void A_message_inside_is_told_as_it_is()
    {
        var told = new StreamRecException("said", FaultKind.Halted);

        Assert.Same(told, ServerFault.Of(new AggregateException(new InvalidOperationException("x", told))));
    }
}
