using StackExchange.Redis;
using StreamRec.Commands;
using StreamRec.Embedded;
using StreamRec.IntegrationTests.Security;
using StreamRec.Testing;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Cluster;

/// <summary>The rights for a cluster on docs/security.md suffice, and each of them is needed.</summary>
[Collection(nameof(RedisCluster))]
public sealed class ClusterRightsTests(RedisCluster cluster)
{
    private const string Secret = "cluster-secret";

    [ClusterFact]
    public async Task The_rights_on_the_page_suffice_and_each_is_needed_and_named()
    {
        using var broker = EmbeddedBroker.Start();
        using var traffic = new ClusterTraffic(broker.Address, "rights");
        traffic.Produce(200);
        var line = SecurityPage.Block("redis-cluster-worker").Single();
        // The embedded broker serves any prefix; the page's is the product's own.
        var work = WorkerProcess.Arguments(
            broker.Address,
            cluster,
            "streamrec",
            "rights",
            await SmallBundle.PathAsync(),
            "--until-end"
        );
        var user = new Dictionary<string, string>
        {
            ["STREAMREC__REDISUSER"] = "worker",
            ["STREAMREC__REDISPASSWORD"] = Secret,
            ["STREAMREC__STARTTIMEOUT"] = "00:00:05",
        };

        List<string> wrong = [];
        foreach (var right in line.Where(word => word[0] == '+').Select(word => word[1..]))
        {
            await SetUserAsync([.. line, $"-{right}"]);
            using var worker = Streamrec.Start(work, user);
            var code = await worker.ExitAsync(TimeSpan.FromMinutes(2));
            var needed = right is not ("ping" or "info" or "acl|whoami");
            string[] named = needed ? [right.Replace('|', ' '), "docs/security.md"] : [];
            if (
                code != (needed ? (int)ExitCode.Unreachable : 0)
                || !named.All(word => worker.Output.Contains(word, StringComparison.OrdinalIgnoreCase))
            )
            {
                wrong.Add($"{right}: {code}: {worker.Output}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));

        await SetUserAsync(line);
        await Streamrec.RunAsync(work, user);
        var redis = cluster.Connection.GetDatabase();
        var lists = await Task.WhenAll(traffic.Users.Select(name => redis.KeyExistsAsync($"streamrec:list:{name}")));
        Assert.Contains(true, lists);
    }

    private Task SetUserAsync(string[] line) =>
        cluster.OnEachAsync([
            .. line.Skip(1).Select(word => word.Replace("PASSWORD", Secret, StringComparison.Ordinal)),
        ]);
}
