using StreamRec.Commands;
using StreamRec.Testing.Servers;

namespace StreamRec.IntegrationTests.Security;

/// <summary>The rights on docs/security.md suffice, and each of them is needed.</summary>
[Collection(nameof(SecureServers))]
public sealed class RightsTests(SecureServers servers)
{
    private const int Unreachable = (int)ExitCode.Unreachable;

    [SecureTheory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-512")]
    [InlineData("mTLS")]
    public async Task The_rights_on_the_page_suffice(string mechanism)
    {
        await servers.AskForCertificatesAsync(mechanism == "mTLS");
        try
        {
            await Streamrec.RunAsync(servers.Produce, servers.As("reader", mechanism));
            await Streamrec.RunAsync(servers.Work, servers.As("worker", mechanism));

            var list = await Streamrec.RunAsync(["lookup", "u000001", "--json"], servers.As("reader", mechanism));

            Assert.Contains("\"kind\":\"model\"", list);
        }
        finally
        {
            await servers.AskForCertificatesAsync(false);
        }
    }

    [SecureFact]
    public async Task Each_right_in_Kafka_is_needed_and_named()
    {
        foreach (var (block, command) in new[] { ("kafka-worker", servers.Work), ("kafka-producer", servers.Produce) })
        {
            foreach (var line in SecurityPage.Block(block))
            {
                await servers.WithdrawAsync(line);
                try
                {
                    var output = await Streamrec.RunAsync(command, servers.As("worker", "SCRAM-SHA-512"), Unreachable);
                    Assert.True(
                        output.Contains($"'{line[^1]}'", StringComparison.Ordinal)
                            && output.Contains("docs/security.md", StringComparison.Ordinal),
                        output
                    );
                }
                finally
                {
                    await servers.GrantAsync(line);
                }
            }
        }
    }

    [SecureFact]
    public async Task Each_right_in_Redis_is_needed_and_named()
    {
        var line = SecurityPage.Block("redis-worker").Single();
        try
        {
            foreach (var right in line.Where(word => word[0] == '+').Select(word => word[1..]))
            {
                await servers.SetUserAsync([.. line, $"-{right}"]);
                var needed = right is not ("ping" or "info" or "acl|whoami");
                var output = await Streamrec.RunAsync(
                    servers.Work,
                    servers.As("worker", "PLAIN"),
                    needed ? Unreachable : 0
                );
                // A short run may send no PING, so only that it works without is shown for that one.
                string[] named =
                    needed ? [right, "docs/security.md"]
                    : right == "info" ? [right]
                    : [];
                Assert.True(
                    named.All(word => output.Contains(word, StringComparison.OrdinalIgnoreCase)),
                    $"{right}: {output}"
                );
            }
            await servers.SetUserAsync([.. line, "resetkeys", "~streamrec:list:*"]);
            var denied = await Streamrec.RunAsync(servers.Work, servers.As("worker", "PLAIN"), Unreachable);
            Assert.All(
                ["streamrec:meta:", "streamrec:popular", "streamrec:popular.", "streamrec:withdrawn"],
                key => Assert.Contains($"SET {key}", denied)
            );
        }
        finally
        {
            await servers.SetUserAsync(line);
        }
    }

    /// <summary>An open default user lets everyone in: who is refused must not go on as that one.</summary>
    [SecureTheory]
    [InlineData("work")]
    [InlineData("lookup")]
    public async Task A_wrong_password_is_refused_where_the_default_user_is_open(string command)
    {
        var environment = servers.As("worker", "PLAIN");
        environment["STREAMREC__REDISPASSWORD"] = "wrong";
        await servers.Redis.ExecuteAsync("ACL", "SETUSER", "default", "nopass");
        try
        {
            var output = await Streamrec.RunAsync(
                command == "work" ? servers.Work : ["lookup", "u000001"],
                environment,
                Unreachable
            );

            Assert.Contains("'worker'", output);
            Assert.Contains("RedisPassword", output);
        }
        finally
        {
            await servers.Redis.ExecuteAsync("ACL", "SETUSER", "default", "resetpass", $">{SecureServers.RedisSecret}");
        }
    }

    /// <summary>
    /// The client makes lost connections anew by itself, and goes on as the default user where that is open.
    /// </summary>
    [SecureFact]
    public async Task A_password_that_changes_under_a_worker_ends_it_where_the_default_user_is_open()
    {
        await servers.Redis.ExecuteAsync("ACL", "SETUSER", "default", "nopass");
        try
        {
            using var worker = Streamrec.Start(
                servers.Work.Where(word => word != "--until-end"),
                servers.As("worker", "PLAIN")
            );
            await worker.SaysAsync("Working topic", TimeSpan.FromMinutes(1));
            await servers.Redis.ExecuteAsync("ACL", "SETUSER", "worker", "resetpass", ">another");
            await servers.Redis.ExecuteAsync("CLIENT", "KILL", "USER", "worker");

            Assert.Equal(Unreachable, await worker.ExitAsync(TimeSpan.FromMinutes(1)));
            Assert.Contains("'worker'", worker.Output);
            Assert.Contains("RedisPassword", worker.Output);
        }
        finally
        {
            await servers.SetUserAsync(SecurityPage.Block("redis-worker").Single());
            await servers.Redis.ExecuteAsync("ACL", "SETUSER", "default", "resetpass", $">{SecureServers.RedisSecret}");
        }
    }

    [SecureFact]
    public async Task An_operator_may_recover()
    {
        await Streamrec.RunAsync(servers.Produce, servers.As("reader", "PLAIN"));
        await Streamrec.RunAsync(servers.Work, servers.As("worker", "PLAIN"));

        await Streamrec.RunAsync(
            ["recover", "--topic", "clicks", "--group", "recommender", "--lists", "drop", "--yes"],
            servers.As("operator", "PLAIN")
        );

        await Streamrec.RunAsync(servers.Work, servers.As("worker", "PLAIN"));
        Assert.Contains(
            "\"kind\":\"model\"",
            await Streamrec.RunAsync(["lookup", "u000001", "--json"], servers.As("reader", "PLAIN"))
        );
    }

    [SecureFact]
    public async Task A_reader_may_read_lists_and_nothing_else()
    {
        var output = await Streamrec.RunAsync(servers.Work, servers.As("reader", "PLAIN"), Unreachable);
        Assert.Contains("eval", output);
        await Assert.ThrowsAnyAsync<Exception>(() =>
            Streamrec.RunAsync(["lookup", "u000001", "--prefix", "other"], servers.As("reader", "PLAIN"))
        );
    }
}
