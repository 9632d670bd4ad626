using System.CommandLine;
using StreamRec.Commands;

namespace StreamRec.Tests.Commands;

/// <summary>Twenty slips of the hand, and what was meant by each.</summary>
public sealed class TypoTests
{
    [Theory]
    [InlineData("wrok", "work")]
    [InlineData("statsu", "status")]
    [InlineData("docter", "doctor")]
    [InlineData("compeltions bash", "completions")]
    [InlineData("dead-leters list", "dead-letters")]
    [InlineData("deadletters list", "dead-letters")]
    [InlineData("dead-letters reply", "replay")]
    [InlineData("config shwo", "show")]
    [InlineData("work --bundel x", "--bundle")]
    [InlineData("work --list-szie 5", "--list-size")]
    [InlineData("status --wach", "--watch")]
    [InlineData("dead-letters replay --dryrun", "--dry-run")]
    [InlineData("dead-letters list --reasons empty", "--reason")]
    [InlineData("doctor --gruop g", "--group")]
    [InlineData("completions bahs", "bash")]
    [InlineData("work --group-protocol clasic", "classic")]
    [InlineData("work --partitioner murmur", "murmur2")]
    [InlineData("work --topic t --group g --bundle b --set ListSzie=5", "ListSize")]
    [InlineData("status --topic t --group g --set RedisTsl=true", "RedisTls")]
    [InlineData("lookup u --set redis.pasword=x", "RedisPassword")]
    public void What_was_meant_is_asked(string line, string meant)
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            CommandTree
                .Read(CommandTree.Create(), line.Split(' '))
                .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains($"Did you mean {meant}?", fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }
}
