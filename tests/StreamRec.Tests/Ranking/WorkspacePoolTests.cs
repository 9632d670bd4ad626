using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Serving.Users;
using StreamRec.Tests.Numerics.Search;
using StreamRec.Tests.Serving;

namespace StreamRec.Tests.Ranking;

/// <summary>Items are laid out anew for the users that come, and lists stay the same.</summary>
public sealed class WorkspacePoolTests
{
    private const int Dimension = 32;
    private readonly Random _random = new(7);

    [Fact]
    public async Task A_sample_of_users_changes_the_layout_and_no_list()
    {
        using var bundle = new RandomBundle(4, 10_000, Dimension);
        using var pool = new WorkspacePool(bundle.Bundle, listSize: 40);
        var users = Users(30);
        var lent = pool.Rent();
        var before = List(pool, users);
        Assert.Equal(Dimension, pool.Index.Space.Kept);

        pool.Learn(Users(WorkspacePool.SampleUsers - 1));
        Assert.True(pool.Learned.IsCompleted);
        Assert.Same(lent.Search.Index, pool.Index);
        pool.Learn(Users(1));
        await pool.Learned;

        Assert.InRange(pool.Index.Space.Kept, 3, 8);
        Assert.Same(lent.Search.Index.Rows, pool.Index.Rows);
        WorkspacePool.Return(lent);
        Assert.Same(pool.Index, pool.Rent().Search.Index);
        Assert.Equal(before, List(pool, users));
    }

    [Fact]
    public async Task A_layout_that_fails_is_told_and_leaves_what_was()
    {
        using var bundle = new RandomBundle(4, 1_100, Dimension);
        using var pool = new WorkspacePool(bundle.Bundle, listSize: 40);
        var faults = new List<string>();
        pool.Failed += fault => faults.Add(fault.Message);
        var (first, users) = (pool.Index, Users(5));
        var before = List(pool, users);

        bundle.Bundle.Vectors[7 * Dimension] = float.NaN;
        pool.Learn(Users(WorkspacePool.SampleUsers));
        await pool.Learned;

        Assert.Contains("item 7", Assert.Single(faults));
        Assert.Same(first, pool.Index);
        Assert.Equal(before, List(pool, users));
    }

    [Fact]
    public async Task Users_of_a_log_are_learned_from()
    {
        using var random = new RandomBundle(4, 10_000, Dimension);
        var bundle = random.Bundle;
        var options = new ServingOptions { Sequence = new SequenceOptions { Kept = 7 } };
        using var models = TestEncoders.Live(bundle, options, rerun: true);
        using var lease = models.Lease();
        var model = lease.Model;
        var first = model.Workspaces.Index;
        for (var left = WorkspacePool.SampleUsers; left > 0; left -= 128)
        {
            model.Encode([.. Enumerable.Range(0, 128).Select(_ => User(model))]).Dispose();
            Assert.True(left <= 128 || model.Workspaces.Learned.IsCompleted);
        }
        await model.Workspaces.Learned;

        Assert.NotSame(first, model.Workspaces.Index);
    }

    private ServedUser User(ServingModel model)
    {
        var bundle = model.Bundle;
        var user = new ServedUser("u", null);
        user.Open(model.Items);
        var click = new ClickEvent(
            "e",
            "u",
            bundle.ItemIds[_random.Next(1, bundle.Manifest.Items + 1)],
            "click",
            1_700_000_000_000
        );
        user.Apply(
            EventText.Of(click),
            bundle.IndexOf(click.ItemId),
            new LogRecord(0, 3, click.TimeMs, default, default),
            new SequenceOptions { Kept = 7 },
            model.Items
        );
        return user;
    }

    [Fact]
    public async Task Later_samples_lie_further_apart()
    {
        using var bundle = new RandomBundle(4, 1_100, Dimension);
        using var pool = new WorkspacePool(bundle.Bundle, listSize: 100);
        pool.Learn(Users(WorkspacePool.SampleUsers));
        await pool.Learned;
        var first = pool.Index;

        // One in eight of them, in batches of any size.
        var left = 8 * WorkspacePool.SampleUsers - 1;
        while (left > 0)
        {
            var batch = Math.Min(left, _random.Next(1, 200));
            pool.Learn(Users(batch));
            left -= batch;
        }
        Assert.True(pool.Learned.IsCompleted);
        Assert.Same(first, pool.Index);
        pool.Learn(Users(1));
        await pool.Learned;
        Assert.NotSame(first, pool.Index);
    }

    [Theory]
    [InlineData(900, 32)]
    [InlineData(2_000, 16)]
    public void Few_items_or_coordinates_stay_as_they_are(int items, int dimension)
    {
        using var bundle = new RandomBundle(4, items, dimension);
        using var pool = new WorkspacePool(bundle.Bundle, listSize: 100);
        var first = pool.Index;
        pool.Learn(TestVectors.Users(_random, 2 * WorkspacePool.SampleUsers, dimension, seed: 1));

        Assert.True(pool.Learned.IsCompleted);
        Assert.Same(first, pool.Index);
    }

    private float[] Users(int count) => TestVectors.Users(_random, count, Dimension, seed: 1);

    private static List<(int Item, float Score)> List(WorkspacePool pool, float[] users)
    {
        var workspace = pool.Rent();
        var batch = workspace.Search.Begin(users.Length / Dimension);
        foreach (var user in users.Chunk(Dimension))
        {
            batch.Add(user, [5, 6, 7]);
        }
        workspace.Find(batch);
        var all = new List<(int, float)>();
        var (items, scores) = (new int[pool.Candidates], new float[pool.Candidates]);
        for (var user = 0; user < users.Length / Dimension; user++)
        {
            var count = workspace.List(batch, user, [], ItemGroups.None, items, scores);
            all.AddRange(items.Zip(scores).Take(count));
        }
        WorkspacePool.Return(workspace);
        return all;
    }
}
