using StreamRec.Encoders;
using StreamRec.Lists;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
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

    private static readonly ServingOptions s_options = new()
    {
        ListSize = 5,
        Sequence = new SequenceOptions { Kept = 2 * Window - 1 },
    };

    // The second one knows the first 20 items alone, and has other vectors, twice as long.
    private readonly RandomBundle _first = new(Window, items: 50, dimension: 16, seed: 3);
    private readonly RandomBundle _second = new(Window, items: 20, dimension: 32, seed: 4);

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

        models.Exchange(new ServingModel(_second.Bundle, next, s_options), promotion: 0).Dispose();

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
    public void A_model_that_is_kept_becomes_live_again_under_the_number_that_it_is_promoted_by()
    {
        var (encoders, next) = (new TestEncoders(_first.Bundle), new TestEncoders(_second.Bundle));
        using var models = new LiveModel(new ServingModel(_first.Bundle, encoders, s_options), 1);
        var batch = models.Lease();

        var kept = models.Exchange(new ServingModel(_second.Bundle, next, s_options), 2);
        Assert.Equal(2, models.Promotion);
        var other = models.Exchange(kept, 3);
        models.Renumber(4);

        using (var lease = models.Lease())
        {
            Assert.Same(batch.Model, lease.Model);
            Assert.Equal((1, 4), (batch.Promotion, lease.Promotion));
        }
        batch.Dispose();
        other.Dispose();
        Assert.Equal((0, 1), (encoders.Disposals, next.Disposals));
        models.Dispose();
        Assert.Equal((1, 1), (encoders.Disposals, next.Disposals));
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
            models.Exchange(new ServingModel(_second.Bundle, late, s_options), promotion: 0).Dispose()
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
        var batch = lent.Search.Begin(1);
        batch.Add(large.Bundle.Vectors.AsSpan(32, 32), []);
        lent.Find(batch);
        Assert.Equal(5, lent.List(batch, 0, [], ItemGroups.None, new int[5], new float[5]));
        WorkspacePool.Return(lent);
        Assert.True(before.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => lent.Search.Begin(1));
    }

    /// <summary>A replaced layout goes as soon as nobody ranks with it, not when the collector comes by.</summary>
    [Fact]
    public async Task A_replaced_layout_is_given_back()
    {
        using var large = new RandomBundle(Window, 10_000, 32);
        using var pool = new WorkspacePool(large.Bundle, listSize: 5);
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
    public void A_user_in_memory_gets_from_a_replaced_model_what_a_fresh_one_gets(bool rerun)
    {
        using var models = TestEncoders.Live(_first.Bundle, s_options, rerun);
        var scene = new ServingScene(Recommending(models));
        for (var round = 0; round < 4; round++)
        {
            scene.Click(_first.Bundle);
        }
        models
            .Exchange(
                new ServingModel(_second.Bundle, new TestEncoders(_second.Bundle, rerun), s_options),
                promotion: 0
            )
            .Dispose();
        // The same events on the same states, read anew by a worker that only ever had the second model.
        using var others = TestEncoders.Live(_second.Bundle, s_options, rerun);
        var other = scene.Copy(Recommending(others));
        for (var round = 0; round < 2; round++)
        {
            var found = scene.Click(_first.Bundle);
            Same(other.Click(_first.Bundle), found);
            Assert.All(found.Values, list => Assert.Equal(_second.Bundle.Manifest.ModelId, list.Model));
        }
    }

    /// <summary>A batch that was gathered before and is computed after is of the one that is live then.</summary>
    [Fact]
    public void A_batch_is_of_one_model_though_another_became_live_while_states_were_read()
    {
        using var models = TestEncoders.Live(_first.Bundle, s_options);

        var found = new ServingScene(Recommending(models)).Click(
            _first.Bundle,
            () =>
                models
                    .Exchange(
                        new ServingModel(_second.Bundle, new TestEncoders(_second.Bundle), s_options),
                        promotion: 0
                    )
                    .Dispose()
        );

        using var others = TestEncoders.Live(_second.Bundle, s_options);
        Same(new ServingScene(Recommending(others)).Click(_first.Bundle), found);
        Assert.All(found.Values, list => Assert.Equal(_second.Bundle.Manifest.ModelId, list.Model));
    }

    /// <summary>Batches that are under way end on the model that they began with; it goes with the last of
    /// them.</summary>
    [Fact]
    public void A_batch_under_way_ends_on_the_model_that_it_began_with()
    {
        var encoders = new TestEncoders(_first.Bundle);
        using var models = new LiveModel(new ServingModel(_first.Bundle, encoders, s_options));
        var swap = new Swap(() =>
        {
            models
                .Exchange(new ServingModel(_second.Bundle, new TestEncoders(_second.Bundle), s_options), promotion: 0)
                .Dispose();
            Assert.Equal(0, encoders.Disposals);
        });
        var recommender = new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1) { Tap = swap };
        var scene = new ServingScene(recommender);

        var found = scene.Click(_first.Bundle);

        Assert.Equal(8, found.Count);
        Assert.All(found.Values, list => Assert.Equal(_first.Bundle.Manifest.ModelId, list.Model));
        Assert.Equal(1, encoders.Disposals);
        Assert.All(
            scene.Click(_first.Bundle).Values,
            list => Assert.Equal(_second.Bundle.Manifest.ModelId, list.Model)
        );
    }

    private static Recommender Recommending(LiveModel models) =>
        new(models, s_options, ServingScene.Clock, (_, _) => -1);

    private static void Same(
        SortedDictionary<string, PublishedList> expected,
        SortedDictionary<string, PublishedList> found
    )
    {
        Assert.NotEmpty(found);
        Assert.Equal(
            expected.Select(list => (list.Key, list.Value.Model, string.Join(',', list.Value.Items))),
            found.Select(list => (list.Key, list.Value.Model, string.Join(',', list.Value.Items)))
        );
        foreach (var (user, list) in expected)
        {
            Assert.All(list.Scores.Zip(found[user].Scores), scores => Assert.Equal(scores.First, scores.Second, 1e-4));
        }
    }

    /// <summary>Acts once, while the first batch is under way.</summary>
    private sealed class Swap(Action act) : IServingTap
    {
        private Action? _act = act;

        public void Before(in ServedBatch batch) => Interlocked.Exchange(ref _act, null)?.Invoke();

        public void After(in ServedBatch batch) { }
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

        public void Step(
            ReadOnlySpan<int> items,
            ReadOnlySpan<float[]> states,
            Span<float> users,
            IAddedRows? added = null
        )
        {
            // The vectors are not looked at here.
        }

        public void Dispose() => Disposals++;
    }
}
