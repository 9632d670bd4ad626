using StreamRec.Hosting.Watches;
using StreamRec.Serving;
using StreamRec.Tests.Telemetry;

namespace StreamRec.Tests.Hosting;

public sealed class UnlistedUsersTests
{
    /// <summary>Whoever sends events chooses the ids: none of them makes lines of the log, or colours them.</summary>
    [Fact]
    public void A_user_is_named_in_one_line_and_as_plain_text()
    {
        var log = new KeptLog();

        new UnlistedUsers(new EventCounters(), log).Tell("ü\u001b[31m\nwarn: all is lost");

        Assert.Contains("User 'ü\\u001b[31m\\u000awarn: all is lost'", Assert.Single(log.Lines).Text);
    }
}
