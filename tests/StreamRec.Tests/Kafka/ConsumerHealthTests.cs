using Confluent.Kafka;
using StreamRec.Delivery.Worker;
using StreamRec.Kafka.Consuming;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Kafka;

public sealed class ConsumerHealthTests
{
    private readonly HandClock _clock = new();
    private readonly ConsumerHealth _health;

    public ConsumerHealthTests() => _health = new ConsumerHealth(new GroupSettings("g"), 2, _clock);

    [Theory]
    [InlineData("UP", 0, 60_000_000, 1, null)]
    [InlineData("UP", 1, 200_000, 1, null)]
    [InlineData("UP", 1, 12_000_000, 1, "broker b:1/1 has not answered for 12 s")]
    [InlineData("DOWN", 0, 200_000, 1, "broker b:1/1 is not connected (DOWN)")]
    [InlineData("TRY_CONNECT", 0, 200_000, 1, "broker b:1/1 is not connected (TRY_CONNECT)")]
    [InlineData("INIT", 0, 200_000, 1, null)]
    [InlineData("UP", 0, 200_000, -1, "it has no leader")]
    public void A_partition_whose_broker_does_not_answer_says_so(
        string state,
        int asked,
        long silent,
        int leader,
        string? expected
    )
    {
        _health.Take(Statistics(state, asked, silent, leader));

        Assert.Equal(expected, _health.Of(1)?.Error);
        Assert.Equal(expected is not null, _health.IsUnreachable(1));
        Assert.Null(_health.Of(0));
        _health.Take(Statistics("UP", 0, 200_000, 1));
        Assert.Null(_health.Of(1));
    }

    [Fact]
    public void It_tells_the_clients_last_error_and_since_when()
    {
        _health.Note(new Error(ErrorCode.Local_Transport, "Connection refused"));
        _health.Note(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down"));
        _health.Take(Statistics("DOWN", 0, 0, 1));
        _clock.Advance(7);
        _health.Take(Statistics("TRY_CONNECT", 0, 0, 1));

        Assert.Equal(TimeSpan.FromSeconds(7), _health.Of(1)!.Value.For);
        Assert.EndsWith("Connection refused", _health.Of(1)!.Value.Error);
    }

    /// <summary>The client tells it at each attempt to join, every two seconds.</summary>
    [Fact]
    public void A_group_that_refuses_a_member_of_another_kind_is_told_until_it_is_joined()
    {
        var refusal = new Error(
            ErrorCode.InconsistentGroupProtocol,
            "JoinGroup failed: Broker: Inconsistent group protocol"
        );
        for (var attempt = 0; attempt < 20; attempt++)
        {
            _health.Note(-1, refusal);
            _clock.Advance(2);
            _health.Take(Statistics("UP", 0, 0, 1, joined: "wait-join"));
        }
        Assert.Equal(
            (WaitReason.KafkaRefuses, TimeSpan.FromSeconds(40)),
            (_health.Group!.Value.Reason, _health.Group.Value.For)
        );
        Assert.Contains("another assignor", _health.Group.Value.Error);
        Assert.Contains("--group", _health.Group.Value.Error);
        _health.Take(Statistics("UP", 0, 0, 1));
        Assert.Null(_health.Group);
    }

    [Fact]
    public void A_rebalance_that_lasts_and_a_coordinator_that_is_away_are_told()
    {
        _health.Take(Statistics("UP", 0, 0, 1, joined: "wait-join"));
        _clock.Advance(20);
        Assert.Null(_health.Group);
        _clock.Advance(20);
        Assert.Equal(WaitReason.Rebalancing, _health.Group!.Value.Reason);

        _health.Take(Statistics("UP", 0, 0, 1, group: "wait-coord"));
        Assert.Equal(WaitReason.KafkaUnreachable, _health.Group!.Value.Reason);
    }

    [Fact]
    public void A_fault_of_a_partition_is_over_once_the_client_is_silent_on_it()
    {
        _health.Note(1, new Error(ErrorCode.Local_BadMsg, "Bad message"));
        _clock.Advance(10);
        Assert.Equal(
            (WaitReason.KafkaRefuses, "Bad message (Local_BadMsg)"),
            (_health.Of(1)!.Value.Reason, _health.Of(1)!.Value.Error)
        );
        _clock.Advance(15);
        Assert.Null(_health.Of(1));
    }

    [Fact]
    public void A_question_that_is_not_answered_is_told()
    {
        _health.Ask(0, "where the log begins");
        _clock.Advance(30);
        Assert.Equal(
            (WaitReason.KafkaUnanswered, TimeSpan.FromSeconds(30)),
            (_health.Of(0)!.Value.Reason, _health.Of(0)!.Value.For)
        );
        _health.Ask(0, null);
        Assert.Null(_health.Of(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"brokers\":{\"x\":{}},\"topics\":{}}")]
    [InlineData("{\"brokers\":{\"x\":{\"nodeid\":\"1\"}},\"topics\":{}}")]
    public void What_are_no_statistics_changes_nothing(string text)
    {
        _health.Take(Statistics("DOWN", 0, 0, 1));
        _health.Take(text);
        Assert.NotNull(_health.Of(1));
    }

    /// <summary>No callback says so of one that gets no partition.</summary>
    [Fact]
    public void A_member_is_known_by_its_state_and_while_the_coordinator_answers()
    {
        _health.Take(Statistics("UP", 0, 0, 1, joined: "wait-join"));
        Assert.False(_health.Joined);
        _health.Take(Statistics("UP", 0, 0, 1));
        Assert.True(_health.Joined);
        _health.Take(Statistics("UP", 0, 0, 1, group: "wait-broker-transport"));
        Assert.False(_health.Joined);
        _health.Take(Statistics("UP", 0, 0, 1));
        Assert.True(_health.Joined);
        _health.Member(false);
        Assert.False(_health.Joined);
    }

    /// <summary>The client stays in the state "init" there while it has no partition.</summary>
    [Fact]
    public void Under_the_newer_protocol_a_member_is_who_is_not_refused()
    {
        var health = new ConsumerHealth(new GroupSettings("g", Consumer: true), 2, _clock);
        health.Take(Statistics("UP", 0, 0, 1, joined: "init"));
        Assert.False(health.Joined);
        health.Note(-1, new Error(ErrorCode.GroupAuthorizationFailed, "no"));
        health.Take(Statistics("UP", 0, 0, 1, joined: "init"));
        Assert.False(health.Joined);
        _clock.Advance(21);
        health.Take(Statistics("UP", 0, 0, 1, joined: "init"));
        Assert.True(health.Joined);
    }

    /// <summary>Partition 0 is on broker 2, which is well; 1 on the broker that is described.</summary>
    private static string Statistics(
        string state,
        int asked,
        long silent,
        int leader,
        string group = "up",
        string joined = "steady"
    ) =>
        $$$"""
            {"name":"rdkafka#consumer-1","brokers":{
              "b:1/bootstrap":{"name":"b:1/bootstrap","nodeid":-1,"state":"DOWN","waitresp_cnt":0,"rxidle":9999999999},
              "b:1/1":{"name":"b:1/1","nodeid":1,"state":"{{{state}}}",
               "waitresp_cnt":{{{asked}}},"rxidle":{{{silent}}} },
              "b:2/2":{"name":"b:2/2","nodeid":2,"state":"UP","waitresp_cnt":1,"rxidle":90000}},
             "topics":{"clicks":{"topic":"clicks","partitions":{
              "0":{"partition":0,"broker":2,"leader":2},
              "1":{"partition":1,"broker":{{{leader}}},"leader":{{{leader}}} },
              "-1":{"partition":-1,"broker":-1,"leader":-1} } } },
             "cgrp":{"state":"{{{group}}}","join_state":"{{{joined}}}","assignment_size":2}}
            """;
}
