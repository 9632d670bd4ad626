using StreamRec.Events;
using StreamRec.Training.Data;

namespace StreamRec.Tests.Training;

public class SequenceDataTests
{
    private static readonly ClickEvent[] Events =
    [
        new("b", "u", "y", "click", 5),
        new("a", "u", "x", "click", 5),
        new("c", "u", "z", "click", 1),
        new("a", "u", "x", "click", 5),
        new("d", "t", "z", "click", 2),
    ];

    [Fact]
    public void Orders_by_time_then_event_id_and_drops_duplicates()
    {
        SequenceData data = SequenceData.From(Events);

        Assert.Equal(["", "x", "y", "z"], data.ItemIds);
        Assert.Equal(["t", "u"], data.UserIds);
        Assert.Equal([3, 1, 2], data.Sequences[1].ToArray());
        Assert.Equal([1L, 5L, 5L], data.Times[1].ToArray());
        Assert.Equal([0L, 1L, 1L, 2L], data.Counts());
    }

    [Fact]
    public void Minimum_counts_leave_out_items_then_users()
    {
        var data = SequenceData.From(Events).WithMinimumCounts(itemEvents: 2, userEvents: 1);

        Assert.Equal(["", "z"], data.ItemIds);
        Assert.Equal(["t", "u"], data.UserIds);
        Assert.Equal([1], data.Sequences[1].ToArray());
        Assert.Equal([1L], data.Times[1].ToArray());
        Assert.Equal(["u"], SequenceData.From(Events).WithMinimumCounts(1, 2).UserIds);
    }

    [Fact]
    public void A_split_knows_only_what_it_trains_on()
    {
        SequenceData all = SequenceData.From(Events);
        var part = all.WithPrefixes([all.Sequences[0], all.Sequences[1][..2]]);

        Assert.Equal(["", "x", "z"], part.ItemIds);
        Assert.Equal([2, 1], part.Sequences[1].ToArray());
        Assert.Equal([1L, 5L], part.Times[1].ToArray());
    }

    [Fact]
    public void Takes_the_wanted_types_and_says_which_there_are()
    {
        ClickEvent[] events = [.. Events, new("e", "t", "x", "purchase", 9), new("f", "v", "w", "view", 9)];

        SequenceData data = SequenceData.From(events, new HashSet<string> { "click", "view" });

        Assert.Equal(5, data.Events);
        Assert.Equal(["", "w", "x", "y", "z"], data.ItemIds);
        Assert.Equal(["click", "view"], data.WithMinimumCounts(2, 1).Types.Order());
        var fault = Assert.Throws<StreamRecException>(() => SequenceData.From(events, new HashSet<string> { "cart" }));
        Assert.Equal("No event is of the types cart; there are click, purchase, view.", fault.Message);
        Assert.Equal(FaultKind.Input, fault.Kind);
    }

    /// <summary>x y x z y x: the third event repeats one two back, the last two repeat ones three back.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    [InlineData(50, 3)]
    public void Repeats_are_counted_among_the_kept_events(int kept, int repeats)
    {
        SequenceData data = SequenceData.From(
            "xyxzyx".Select((item, at) => new ClickEvent($"e{at}", "u", $"{item}", "click", at))
        );

        Assert.Equal(repeats / 5.0, data.RepeatShare(kept), 12);
        Assert.Equal(0, SequenceData.From([]).RepeatShare(kept));
    }

    [Fact]
    public void Does_not_depend_on_the_order_of_arrival()
    {
        SequenceData data = SequenceData.From(Events),
            reversed = SequenceData.From(Events.Reverse());

        Assert.Equal(data.ItemIds, reversed.ItemIds);
        Assert.Equal(data.Sequences.Select(s => s.ToArray()), reversed.Sequences.Select(s => s.ToArray()));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(50)]
    public void Pieces_cover_every_event_with_a_successor_once(int window)
    {
        ReadOnlyMemory<int>[] sequences = [Enumerable.Range(1, 23).ToArray(), new[] { 24 }, new[] { 25, 26 }];
        var epoch = new TrainingPieces(sequences, window, 8);
        epoch.Epoch(new Random(2));
        epoch.Epoch(new Random(1));
        List<Piece> pieces = [.. Enumerable.Range(0, epoch.Batches).SelectMany(at => epoch.Batch(at).ToArray())];

        Assert.Equal([.. Enumerable.Range(1, 22), 25], pieces.SelectMany(p => p.Inputs.ToArray()).Order());
        Assert.All(pieces, p => Assert.InRange(p.Inputs.Length, 1, window));
        Assert.All(pieces, p => Assert.Equal(p.Inputs.ToArray().Select(i => i + 1), p.Targets.ToArray()));
    }
}
