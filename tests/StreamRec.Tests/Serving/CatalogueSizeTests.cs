using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Sequences;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>
/// A catalogue of any size, from one item on, and users who have seen any part of it: every list holds what is
/// eligible, as much as fits, whatever the options are.
/// </summary>
public sealed class CatalogueSizeTests
{
    private const int Window = 4,
        Kept = 64;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");

    /// <summary>Lists of N from 1, 2, N−1, N, N+1, 2N−1, 2N and 2N+1 items.</summary>
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<int, int>();
            foreach (var listSize in (int[])[1, 2, 10])
            {
                foreach (
                    var items in (
                        (int[])
                            [
                                1,
                                2,
                                listSize - 1,
                                listSize,
                                listSize + 1,
                                2 * listSize - 1,
                                2 * listSize,
                                2 * listSize + 1,
                            ]
                    )
                        .Where(n => n > 0)
                        .Distinct()
                )
                {
                    sizes.Add(items, listSize);
                }
            }
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_list_holds_what_is_eligible(int items, int listSize)
    {
        using var random = new RandomBundle(Window, items);
        foreach (var excludeSeen in (bool[])[true, false])
        {
            foreach (var rerun in (bool[])[false, true])
            {
                List<PublishedList?> Of(int size, float dial) =>
                    Lists(
                        random.Bundle,
                        rerun,
                        new()
                        {
                            ListSize = size,
                            ExcludeSeen = excludeSeen,
                            Dial = dial,
                        }
                    );
                var whole = Of(items, 0);
                foreach (var dial in (float[])[0, 0.5f, 1])
                {
                    var lists = Of(listSize, dial);
                    // The model knows nothing of the first user, and of one who has seen all there is nothing to say.
                    for (var seen = 1; seen <= (excludeSeen ? items - 1 : items); seen++)
                    {
                        Check(lists[seen]!, whole[seen]!, excludeSeen ? items - seen : items, listSize, dial);
                    }
                }
            }
        }
    }

    /// <summary>As many users as a batch holds, which several threads share.</summary>
    [Fact]
    public void Many_users_of_a_small_catalogue_are_ranked_at_once()
    {
        const int items = 3,
            listSize = 5,
            users = 192;
        using var random = new RandomBundle(Window, items);

        var lists = Lists(random.Bundle, rerun: true, new() { ListSize = listSize, Dial = 0.5f }, users);

        Assert.Equal(users, lists.Count);
        Assert.All(lists, list => Assert.Equal(items - 1, list!.Items.Count));
    }

    /// <param name="whole">All that is eligible for the user, in the order of scores.</param>
    private static void Check(PublishedList list, PublishedList whole, int eligible, int listSize, float dial)
    {
        var candidates = whole.Items.Zip(whole.Scores).ToDictionary();
        Assert.Equal(eligible, whole.Items.Count);
        Assert.Equal(Math.Min(listSize, eligible), list.Items.Count);
        Assert.Equal(list.Items.Count, list.Items.Distinct().Count());
        Assert.All(list.Items.Zip(list.Scores), pair => Assert.Equal(candidates[pair.First], pair.Second));
        Assert.Equal(list.Scores.OrderDescending(), list.Scores);
        if (dial == 0)
        {
            Assert.Equal(whole.Items.Take(listSize), list.Items);
        }
    }

    /// <summary>
    /// One batch; user number i has seen the first i items, the first one an item that the model does not know.
    /// </summary>
    private static List<PublishedList?> Lists(Bundle bundle, bool rerun, ServingOptions options, int? users = null)
    {
        options = options with { Sequence = new SequenceOptions { Kept = Kept } };
        using var models = TestEncoders.Live(bundle, options, rerun);
        var recommender = new Recommender(models, options, TimeProvider.System, (_, _) => -1);
        var batch = recommender.Open(s_partition);
        var cache = new StateCache(users ?? Kept);
        var store = new Dictionary<string, byte[]>();
        long offset = 0;
        for (var user = 0; user < (users ?? bundle.Manifest.Items + 1); user++)
        {
            for (var item = 0; item < (users is null ? Math.Max(1, user) : 1); item++)
            {
                var click = new ClickEvent(
                    $"e{offset}",
                    $"u{user}",
                    user == 0 && users is null ? "unknown" : bundle.ItemIds[item + 1],
                    "click",
                    1_700_000_000_000 + offset
                );
                batch.Log.Add(
                    new LogRecord(
                        offset++,
                        3,
                        click.TimeMs,
                        System.Text.Encoding.UTF8.GetBytes(click.UserId),
                        EventJson.ToUtf8(click)
                    )
                );
            }
        }
        batch.Gather(cache);
        batch.Fill([.. batch.Missing.Select(store.GetValueOrDefault)], cache);
        var result = batch.Compute(new Claim(1, Guid.Empty), 0);
        Assert.Empty(result.DeadLetters);
        return
        [
            .. result.Writes.Select(write => write.List.IsEmpty ? null : PublishedList.Parse(write.List.ToArray())),
        ];
    }
}
