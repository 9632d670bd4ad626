using StreamRec.Delivery.Protocol;
using StreamRec.Lists;
using StreamRec.Options;
using StreamRec.Redis;
using StreamRec.Redis.Store;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/redis-keys.md names the keys that the store uses.</summary>
public class KeyContractTests
{
    private const string Page = "redis-keys.md";

    private static readonly PartitionIdentity s_partition = new("clicks", 3, "uuid", 4, "group");

    [Fact]
    public void The_page_shows_the_keys()
    {
        var keys = new StoreKeys("streamrec");
        string shown = string.Join(
            '\n',
            new[]
            {
                keys.List("a:b {c}"),
                keys.Popular,
                keys.PopularOf("age:25-34"),
                keys.Withdrawn,
                keys.Meta(s_partition),
                keys.Settings("0123456789abcdef"),
                keys.Options("0123456789abcdef"),
                keys.State(s_partition, "a:b {c}"),
            }.Select(key => "    " + key.ToString())
        );

        Assert.Contains(shown, ContractFiles.Schema(Page));
    }

    [Fact]
    public void A_readers_keys_are_the_workers()
    {
        foreach (var user in new[] { "196", "a:b {c}", "ü\n\0" })
        {
            Assert.Equal(new StoreKeys("p").List(user), new ListKeys("p").List(user));
        }
        Assert.Equal("streamrec:popular", new ListKeys().Popular);
        Assert.Equal("streamrec:popular.age:25-34", new ListKeys().PopularOf("age:25-34"));
        Assert.Equal(new StoreKeys("p").PopularOf("a b"), new ListKeys("p").PopularOf("a b"));
        Assert.Equal("streamrec:withdrawn", new ListKeys().Withdrawn);
    }

    [Fact]
    public void Meta_has_the_fields_of_the_page()
    {
        var fields = ContractFiles.Rows(Page, "## Meta of a partition").Keys;
        foreach (var field in fields)
        {
            Assert.Contains($"'{field}'", StoreScripts.Claim + StoreScripts.Step);
        }
        Assert.Equal(
            [
                "group",
                "topic_uuid",
                "partitions",
                "generation",
                "claim",
                "claim_id",
                "next",
                "epoch",
                "seq",
                "settings",
                "promotion",
                "partitioner",
            ],
            fields
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a{b")]
    [InlineData("a b")]
    [InlineData("ü")]
    public void A_prefix_that_could_hide_a_hash_tag_is_refused(string prefix)
    {
        // Other teams use it too, who have no options.
        Assert.DoesNotContain("--", Assert.Throws<ArgumentException>(() => new ListKeys(prefix)).Message);
        var options = new WorkOptions
        {
            Bundle = "b",
            Topic = "t",
            Group = "g",
            Prefix = prefix,
        };
        Assert.Contains("--prefix", Assert.Throws<StreamRecException>(options.Validate).Message);
    }
}
