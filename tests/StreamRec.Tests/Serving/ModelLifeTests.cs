using StreamRec.Delivery.Batches;
using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Ranking;
using StreamRec.Sequences;
using StreamRec.Serving;
using StreamRec.Tests.Numerics.Search;

namespace StreamRec.Tests.Serving;

/// <summary>
/// A model is there for as long as somebody uses it, and gives back what it holds once. A batch is of one model, and a
/// user in memory of whichever is live.
/// </summary>
public sealed class ModelLifeTests : IDisposable
{
    private const int Window = 4;

    private static readonly PartitionIdentity s_partition = new("clicks", 0, "uuid", 1, "g");
    private static readonly ServingOptions s_options = new()
    {
        ListSize = 5,
        Sequence = new SequenceOptions { Kept = 2 * Window - 1 },
    };

    // The second one knows the first 20 items alone, and has other vectors, twice as long.
    private readonly RandomBundle _first = new(Window, items: 50, dimension: 16, seed: 3);
    private readonly RandomBundle _second = new(Window, items: 20, dimension: 32, seed: 4);
    private long _offset;

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void A_replaced_model_ends_once_and_with_its_last_lease()
    {
        var (encoders, next) = (new TestEncoders(_first.Bundle), new TestEncoders(_second.Bundle));
        var models = new LiveModel(new ServingModel(_first.Bundle, encoders, s_options));
        var (one, two) = (models.Lease(), models.Lease());
        var model = one.Model;
        var index = model.Workspaces.Index;

        models.Replace(new ServingModel(_second.Bundle, next, s_options));

        using (var after = models.Lease())
        {
            Assert.Same(_second.Bundle, after.Model.Bundle);
        }
        one.Dispose();
        one.Dispose();
        model.Dispose();
        Assert.Equal((0, false), (encoders.Disposals, index.IsDisposed));
        using (model.Lease())
        {
            two.Dispose();
            Assert.Equal((0, false), (encoders.Disposals, index.IsDisposed));
        }
        Assert.Equal((1, true), (encoders.Disposals, index.IsDisposed));

        Assert.Throws<ObjectDisposedException>(() => two.Model);
        Assert.Throws<ObjectDisposedException>(model.Lease);
        Assert.Throws<ObjectDisposedException>(model.RentEncoding);
        Assert.Throws<ObjectDisposedException>(model.Workspaces.Rent);
        models.Dispose();
        models.Dispose();
        Assert.Equal((1, 1), (encoders.Disposals, next.Disposals));
        Assert.Throws<ObjectDisposedException>(models.Lease);
    }

    [Fact]
    public void What_cannot_become_live_gives_back_what_it_holds()
    {
        var encoders = new TestEncoders(_first.Bundle);
        var few = s_options with { Sequence = new SequenceOptions { Kept = 2 * Window - 2 } };
        Assert.Throws<StreamRecException>(() => new ServingModel(_first.Bundle, encoders, few));
        Assert.Equal(1, encoders.Disposals);

        var models = TestEncoders.Live(_first.Bundle, s_options);
        models.Dispose();
        var late = new TestEncoders(_second.Bundle);
        Assert.Throws<ObjectDisposedException>(() =>
            models.Replace(new ServingModel(_second.Bundle, late, s_options))
        );
        Assert.Equal(1, late.Disposals);
    }

    /// <summary>An encoder of each thread goes with the model, before what it was opened from.</summary>
    [Fact]
    public void Encoders_that_were_lent_end_with_the_model()
    {
        var steps = new List<CountedStep>();
        var model = new ServingModel(_first.Bundle, new Counted(steps), s_options);
        var (one, two) = (model.RentEncoding(), model.RentEncoding());
        model.Return(one);
        model.Return(two);
        Assert.Same(two, model.RentEncoding());
        model.Return(two);

        model.Dispose();

        Assert.Equal([1, 1], steps.Select(step => step.Disposals));
    }

    [Fact]
    public async Task A_layout_under_way_keeps_the_items_until_it_ends()
    {
        using var large = new RandomBundle(Window, 10_000, 32);
        var model = new ServingModel(large.Bundle, new TestEncoders(large.Bundle, rerun: true), s_options);
        var pool = model.Workspaces;
        var before = pool.Index;
        var lent = pool.Rent();

        pool.Learn(TestVectors.Users(new Random(7), WorkspacePool.SampleUsers, 32, seed: 1));
        model.Dispose();
        await pool.Learned;

        // The one that is lent is the old one's last use; the new one had none.
        Assert.NotSame(before, pool.Index);
        Assert.Equal((false, true), (before.IsDisposed, pool.Index.IsDisposed));
        lent.Search.Begin(1);
        lent.Search.Add(large.Bundle.Vectors.AsSpan(32, 32), []);
        lent.Search.Search(5);
        Assert.Equal(5, lent.List(0));
        WorkspacePool.Return(lent);
        Assert.True(before.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => lent.Search.Begin(1));
    }

    /// <summary>A replaced layout goes as soon as nobody ranks with it, not when the collector comes by.</summary>
    [Fact]
    public async Task A_replaced_layout_is_given_back()
    {
        using var large = new RandomBundle(Window, 10_000, 32);
        using var pool = new WorkspacePool(large.Bundle, listSize: 5, diversity: 0);
        var (before, lent) = (pool.Index, pool.Rent());
        WorkspacePool.Return(pool.Rent());

        pool.Learn(TestVectors.Users(new Random(7), WorkspacePool.SampleUsers, 32, seed: 1));
        await pool.Learned;

        Assert.False(before.IsDisposed);
        WorkspacePool.Return(lent);
        Assert.True(before.IsDisposed);
        Assert.False(pool.Index.IsDisposed);
    }

    /// <summary>Of users in memory: their items are looked up anew, and their step states made anew.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_user_in_memory_gets_from_a_replaced_model_what_a_fresh_one_gets(bool rerun)
    {
        using var models = TestEncoders.Live(_first.Bundle, s_options, rerun);
        var batch = new Recommender(models, s_options, new Still(), (_, _) => -1).Open(s_partition);
        var (cache, store) = (new StateCache(100), new Dictionary<string, byte[]>());
        for (var round = 0; round < 4; round++)
        {
            await ListsAsync(batch, cache, store, round);
        }

        models.Replace(new ServingModel(_second.Bundle, new TestEncoders(_second.Bundle, rerun), s_options));
        var stored = store.ToDictionary();
        var offset = _offset;
        var found = await ListsAsync(batch, cache, store, 4);

        // The same events on the same states, read anew by a worker that only ever had the second model.
        using var others = TestEncoders.Live(_second.Bundle, s_options, rerun);
        var other = new Recommender(others, s_options, new Still(), (_, _) => -1).Open(s_partition);
        _offset = offset;
        var expected = await ListsAsync(other, new StateCache(100), stored, 4);
        Assert.All(found, list => Assert.Equal(_second.Bundle.Manifest.ModelId, list.Value.Model));
        Assert.Equal(
            expected.Select(list => (list.Key, string.Join(',', list.Value.Items))),
            found.Select(list => (list.Key, string.Join(',', list.Value.Items)))
        );
        Assert.All(
            expected.Zip(found),
            pair =>
                Assert.All(
                    pair.First.Value.Scores.Zip(pair.Second.Value.Scores),
                    scores => Assert.Equal(scores.First, scores.Second, 1e-4)
                )
        );
    }

    /// <summary>A batch that was gathered before and is computed after is of the one that is live then,
    /// throughout.</summary>
    [Fact]
    public async Task A_batch_is_of_one_model_though_another_became_live_while_states_were_read()
    {
        using var models = TestEncoders.Live(_first.Bundle, s_options);
        var batch = new Recommender(models, s_options, new Still(), (_, _) => -1).Open(s_partition);
        var (cache, store) = (new StateCache(100), new Dictionary<string, byte[]>());

        var lists = await ListsAsync(
            batch,
            cache,
            store,
            0,
            () => models.Replace(new ServingModel(_second.Bundle, new TestEncoders(_second.Bundle), s_options))
        );

        using var others = TestEncoders.Live(_second.Bundle, s_options);
        var other = new Recommender(others, s_options, new Still(), (_, _) => -1).Open(s_partition);
        _offset = 0;
        var expected = await ListsAsync(other, new StateCache(100), [], 0);
        Assert.NotEmpty(lists);
        Assert.Equal(
            expected.Select(list => (list.Key, list.Value.Model, string.Join(',', list.Value.Items))),
            lists.Select(list => (list.Key, list.Value.Model, string.Join(',', list.Value.Items)))
        );
    }

    /// <summary>Eight users click on items of the first model, of which the second knows some.</summary>
    private async Task<SortedDictionary<string, PublishedList>> ListsAsync(
        PartitionBatch batch,
        StateCache cache,
        Dictionary<string, byte[]> store,
        int round,
        Action? gathered = null
    )
    {
        var random = new Random(round);
        for (var i = 0; i < 24; i++)
        {
            var item = _first.Bundle.ItemIds[random.Next(1, 51)];
            var click = new ClickEvent($"e{_offset}", $"u{i % 8}", item, "click", 1_700_000_000_000 + 1_000 * _offset);
            var key = System.Text.Encoding.UTF8.GetBytes(click.UserId);
            batch.Log.Add(new LogRecord(_offset++, 3, click.TimeMs, key, EventJson.ToUtf8(click)));
        }
        batch.Gather(cache);
        gathered?.Invoke();
        batch.Fill([.. batch.Missing.Select(store.GetValueOrDefault)], cache);
        var lists = new SortedDictionary<string, PublishedList>(StringComparer.Ordinal);
        var result = await batch.ProcessAsync(new Claim(1, Guid.Empty), 0, CancellationToken.None);
        foreach (var write in result.Writes)
        {
            store[write.UserId] = write.State.ToArray();
            if (!write.List.IsEmpty)
            {
                lists.Add(write.UserId, PublishedList.Parse(write.List.Span));
            }
        }
        batch.Clear();
        return lists;
    }

    private sealed class Still : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }

    private sealed class Counted(List<CountedStep> steps) : IModelEncoder
    {
        public IUserEncoder Whole => null!;

        public Func<IStepEncoder> OpenStep =>
            () =>
            {
                steps.Add(new CountedStep());
                return steps[^1];
            };

        public void Dispose() => Assert.All(steps, step => Assert.Equal(1, step.Disposals));
    }

    private sealed class CountedStep : IStepEncoder, IDisposable
    {
        public int Disposals { get; private set; }

        public int Dimension => 16;

        public int StateWidth => 1;

        public void Start(Span<float> state) { }

        public void Step(ReadOnlySpan<int> items, ReadOnlySpan<float[]> states, Span<float> users) { }

        public void Dispose() => Disposals++;
    }
}
