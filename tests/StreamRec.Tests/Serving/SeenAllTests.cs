using System.Text.Json.Nodes;
using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Serving;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Hosting;

namespace StreamRec.Tests.Serving;

/// <summary>
/// A user who has seen all of a small catalogue has something to show, and a reader can tell what it is.
/// </summary>
public sealed class SeenAllTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-seen-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    // The mean of what was seen scores c highest. Of items that were not seen there are two, one, none.
    [InlineData("a", true, "model", "c,b")]
    [InlineData("a,b", true, "model", "c")]
    [InlineData("a,b,c", true, "seen", "c,b,a")]
    [InlineData("a,b,c,a,no-such-item", true, "seen", "c,b,a")]
    [InlineData("a,b,c", false, "model", "c,b,a")]
    public void The_list_is_of_what_was_not_seen_or_else_of_what_was(
        string seen,
        bool exclude,
        string kind,
        string expected
    )
    {
        var bundle = Bundle.Load(MeanBundle.Write(Path.Combine(_directory.FullName, "model")));
        var options = new ServingOptions
        {
            ExcludeSeen = exclude,
            Sequence = new() { Kept = 99 },
        };
        using var models = TestEncoders.Live(bundle, options);
        var batch = new Recommender(models, options, TimeProvider.System, (_, _) => -1).Open(
            new PartitionIdentity("clicks", 0, "uuid", 1, "g")
        );
        // Beside one who has not, in the same batch.
        Click(batch, "other", "a");
        foreach (var item in seen.Split(','))
        {
            Click(batch, "u", item);
        }
        var cache = new StateCache(10);
        batch.Gather(cache);
        batch.Fill([.. batch.Missing.Select(_ => (byte[]?)null)], cache);

        var writes = batch.Compute(new Claim(1, Guid.Empty), 0).Writes;

        var written = writes.Single(write => write.UserId == "u").List;
        var list = PublishedList.Parse(written.Span);
        Assert.Equal((kind, expected), (list.Kind, string.Join(',', list.Items)));
        Assert.Equal(kind == "seen", list.IsSeen);
        Assert.False(list.IsPopular);
        Assert.Equal(list.Scores.OrderDescending(), list.Scores);
        Assert.NotNull(list.Through);
        Assert.True(ContractFiles.IsValid("list.schema.json", System.Text.Encoding.UTF8.GetString(written.Span)));
        Assert.Equal(
            exclude ? ["c", "b"] : ["c", "b", "a"],
            PublishedList.Parse(writes.Single(write => write.UserId == "other").List.Span).Items
        );
    }

    /// <summary>As a list of the model it names what it includes: nothing may take its place that is older.</summary>
    [Theory]
    [InlineData("last_event")]
    [InlineData("through")]
    public void The_schema_refuses_a_seen_list_that_does_not_say_what_it_includes(string field)
    {
        var list = JsonNode.Parse(ContractFiles.Golden("list.json"))!.AsObject();
        list["kind"] = "seen";
        Assert.True(ContractFiles.IsValid("list.schema.json", list.ToJsonString()));
        list.Remove(field);
        Assert.False(ContractFiles.IsValid("list.schema.json", list.ToJsonString()));
    }

    private static void Click(PartitionBatch batch, string user, string item)
    {
        var click = new ClickEvent($"e{batch.Log.Count}", user, item, "click", 1_700_000_000_000 + batch.Log.Count);
        batch.Log.Add(
            new LogRecord(
                batch.Log.Count,
                0,
                click.TimeMs,
                System.Text.Encoding.UTF8.GetBytes(user),
                EventJson.ToUtf8(click)
            )
        );
    }
}
