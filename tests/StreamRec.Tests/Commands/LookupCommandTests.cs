using StreamRec.Commands;
using StreamRec.Lists;

namespace StreamRec.Tests.Commands;

public sealed class LookupCommandTests
{
    private const string Hostile = "\u001b]0;owned\u0007\u001b[2J\u202Ea";

    /// <summary>Ids are written by whoever writes events: a terminal that shows them obeys none.</summary>
    [Fact]
    public void Ids_that_a_terminal_would_obey_are_shown_and_not_obeyed()
    {
        var list = new PublishedList
        {
            Format = PublishedList.CurrentFormat,
            Kind = ListKinds.Model,
            Model = Hostile,
            Items = [Hostile, "plain"],
            Scores = [1, 0.5f],
            LastEvent = new ListedEvent(Hostile, 1_767_225_600_000),
        };

        var shown = LookupCommand.Describe(Hostile, list);

        Assert.DoesNotContain(shown, letter => char.IsControl(letter) && letter != '\n');
        Assert.DoesNotContain('\u202E', shown);
        Assert.Equal(4, shown.Split(@"\u001b[2J").Length - 1);
        Assert.Contains("   2  plain ", shown);
        var popular = list with { Kind = ListKinds.Popular, LastEvent = null, Segment = "age:2\u001b[2J" };
        Assert.Contains(@"popular in age:2\u001b[2J", LookupCommand.Describe("u", popular));
    }
}
