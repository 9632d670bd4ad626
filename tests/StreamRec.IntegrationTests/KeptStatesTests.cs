using StreamRec.Commands;
using StreamRec.Testing;
using StreamRec.Testing.Oracles;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests;

/// <summary>
/// Halts whose message names a command that keeps the states: it is run as it stands there, and what was known still
/// holds.
/// </summary>
[Collection(nameof(Servers))]
public sealed class KeptStatesTests(Servers servers)
{
    [ServerFact]
    public async Task A_renamed_group_takes_the_states_over()
    {
        await using var stage = await WorkedAsync("renamed");
        stage.Settings = stage.Settings with { Group = stage.Settings.Group + "-renamed" };

        await HaltedAndRecoveredAsync(stage, "OtherGroup");

        await GoesOnAsync(stage);
    }

    [ServerFact]
    public async Task A_topic_made_anew_goes_on_from_what_was_known()
    {
        await using var stage = await WorkedAsync("anew");
        stage.Deleted.AddRange(TopicLog.Read(servers.Kafka.Bootstrap, stage.Name, Stage.Partitions).Records);
        await servers.Kafka.CreateAnewAsync(stage.Name, Stage.Partitions);

        await HaltedAndRecoveredAsync(stage, "TopicRecreated");

        await GoesOnAsync(stage);
    }

    private async Task<Stage> WorkedAsync(string name)
    {
        var stage = new Stage(servers.Kafka, servers.Redis, await SmallBundle.PathAsync(), name);
        await stage.OpenAsync([]);
        await stage.StartedAsync();
        await stage.Traffic.SendAsync(1000, 4000);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        return stage;
    }

    private static async Task HaltedAndRecoveredAsync(Stage stage, string reason)
    {
        var worker = stage.Start();
        Assert.Equal((int)ExitCode.Halted, await stage.EndsAsync(worker));
        Assert.Contains($"halted ({reason})", worker.Output);
        Assert.Contains("keep its states", await Streamrec.RecoverAsync(worker.Output, stage.Settings));
    }

    private static async Task GoesOnAsync(Stage stage)
    {
        await stage.StartedAsync();
        await stage.Traffic.SendAsync(1000, 4000);
        await stage.SettledAsync();
        await stage.StopAllAsync();
        var verdict = await stage.JudgeAsync(journal: false);
        Assert.True(verdict.Holds, string.Join('\n', verdict.Faults));
    }
}
