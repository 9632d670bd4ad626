using System.CommandLine;
using StreamRec.Commands;
using StreamRec.Options;
using StreamRec.Settings;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Commands;

/// <summary>Command lines as people mistype them: one sentence that names what is wrong, and what was meant.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("imprt csv x.csv", "'imprt'. Did you mean import?")]
    [InlineData("help wrok", "'wrok'. Did you mean work?")]
    [InlineData("frobnicate --json", "'frobnicate'. There are demo, import")]
    [InlineData("--verson", "'--verson'. Did you mean --version?")]
    [InlineData("lookup u1 --redsi 127.0.0.1:1", "'--redsi' of `streamrec lookup`. Did you mean --redis?")]
    [InlineData("lookup --redsi 127.0.0.1:1 u1", "'--redsi' of `streamrec lookup`. Did you mean --redis?")]
    [InlineData("lookup u1 --redsi=127.0.0.1:1", "'--redsi' of `streamrec lookup`. Did you mean --redis?")]
    [InlineData("lookup -json u1", "'-json' of `streamrec lookup`. Did you mean --json?")]
    [InlineData("train --bundle --evnts x", "'--evnts' of `streamrec train`. Did you mean --events?")]
    [InlineData("lookup u1 u2", "'u2'")]
    [InlineData("lookup -- --weird u2", "'u2'")]
    [InlineData("lookup u --set RedisUser=u RedisPassword=x", "'RedisPassword' is an argument too many")]
    [InlineData("work --start-timeout 30s", "Give --set StartTimeout=VALUE")]
    [InlineData("train", "--bundle is missing")]
    [InlineData("produce", "--events and --topic are missing")]
    [InlineData("lookup", "USER is missing")]
    [InlineData("train --bundle", "--bundle lacks its value")]
    [InlineData("lookup u --redis a --redis b", "--redis is given 2 times")]
    [InlineData(
        "evaluate --bundle b --split tme",
        "--split is 'tme': give cold-items, leave-one-out, session or time. Did you mean time?"
    )]
    [InlineData("work --strays rerute", "--strays is 'rerute': give dead-letter or re-route. Did you mean re-route?")]
    [InlineData("demo --rate fast", "--rate is 'fast': give a number")]
    [InlineData("demo --seconds NaN", "--seconds is 'NaN': give a number")]
    [InlineData("demo --seed 99999999999", "--seed is '99999999999'")]
    [InlineData("produce --events e --topic t --rate 2,5", "--rate is '2,5': write 2.5")]
    [InlineData("produce --events e --topic t --rate 1.000", "--rate is '1.000'")]
    [InlineData("recover --topic t --group g --partition 1,2", "--partition is '1,2': give a whole number")]
    public void What_is_wrong_is_named(string line, string named)
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            CommandTree
                .Read(CommandTree.Create(), line.Split(' '))
                .Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains(named, fault.Message);
        Assert.DoesNotContain("System.", fault.Message);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Theory]
    [InlineData("lookup @alice")]
    [InlineData("lookup -5")]
    [InlineData("lookup -x")]
    [InlineData("lookup -- --weird")]
    [InlineData("bench --work --batch-linger --work 2ms")]
    [InlineData("produce --events e --topic t --rate 0.125")]
    public void What_only_looks_wrong_is_taken(string line) =>
        Assert.Empty(CommandTree.Read(CommandTree.Create(), line.Split(' ')).Errors);

    [Theory]
    [InlineData("", "evaluate")]
    [InlineData("help sweep", "--one-at-a-time")]
    public async Task Help_is_shown(string line, string named)
    {
        var (code, output, _) = await StreamRecProcess.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(0, code);
        Assert.Contains(named, output);
    }

    [Fact]
    public void Every_setting_stands_in_the_help_with_its_range_and_default()
    {
        var help = Help("work");

        Assert.All(Setting.Of(typeof(WorkOptions)), setting => Assert.Contains($"  {setting.Name} ", help));
        Assert.Contains("N, items in a list (1–1000). Default 100.", help);
        Assert.Contains("by record time (1h–3653d). Default 365d.", help);
        Assert.Contains("(classic or consumer). Default classic.", help);
        Assert.Contains("RedisCertificate", Help("lookup"));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("sweep")]
    public void Every_option_of_a_configuration_stands_in_the_help(string command)
    {
        var help = Help(command);

        Assert.All(ModelConfig.Settings, option => Assert.Contains($"  {option.Name} ", help));
    }

    [Theory]
    [InlineData(typeof(WorkOptions))]
    [InlineData(typeof(ModelOptions))]
    public void What_can_be_set_is_told(Type options) =>
        Assert.Equal(
            options.GetProperties().Where(property => property.CanWrite).Select(property => property.Name).Order(),
            Setting.Of(options).Select(setting => setting.Name).Order()
        );

    [Theory]
    [InlineData("produce")]
    [InlineData("sweep")]
    [InlineData("recover")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("lookup")]
    public void Results_are_there_for_machines(string command) => Assert.Contains("--json", Help(command));

    private static string Help(string command)
    {
        var output = new StringWriter();
        CommandTree
            .Read(CommandTree.Create(), [command, "--help"])
            .Invoke(new InvocationConfiguration { Output = output });
        return output.ToString();
    }
}
