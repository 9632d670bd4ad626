using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;

namespace StreamRec.Serving;

/// <summary>A batch's columns to look at: by event, by user (slot), and by list (place).</summary>
internal readonly ref struct ServedBatch
{
    private readonly ServingBatch _batch;
    private readonly ServingModel _model;
    private readonly IReadOnlyList<int> _encoded;

    /// <param name="encoded">Slots by place; null before there are lists.</param>
    public ServedBatch(ServingBatch batch, ServingModel model, IReadOnlyList<int>? encoded = null) =>
        (_batch, _model, _encoded) = (batch, model, encoded ?? []);

    public PartitionIdentity Partition => _batch.Partition;

    public string ModelId => _model.Bundle.Manifest.ModelId;

    /// <summary>Events that enter a sequence.</summary>
    public int Events => _batch.Arrivals.Count;

    /// <summary>Distinct users.</summary>
    public int Users => _batch.UserCount;

    /// <summary>Users with a list.</summary>
    public int Lists => _encoded.Count;

    public LogRecord Record(int at) => _batch.Records[_batch.Arrivals[at].Record];

    /// <summary>An event's user.</summary>
    public int Slot(int at) => _batch.Arrivals[at].Slot;

    /// <summary>An event's item as the model knows it; 0 if it does not.</summary>
    public int Item(int at) => _batch.Items[at];

    public string UserId(int slot) => _batch.UserId(slot);

    /// <summary>Events that a user's sequence has accepted.</summary>
    public long Accepted(int slot) => _batch.Users[slot].Sequence.Accepted;

    /// <summary>The items of a user's kept events, oldest first; 0 for those that the model does not know.</summary>
    public ReadOnlySpan<int> Kept(int slot) => _batch.Users[slot].Items;

    /// <summary>Whose list it is.</summary>
    public int SlotOf(int place) => _encoded[place];

    /// <summary>How it was chosen: one of <see cref="StreamRec.Lists.ListKinds"/>.</summary>
    public string Kind(int place) => _batch.Ranked.Kind(place);

    /// <summary>Item indices, best first.</summary>
    public ReadOnlySpan<int> Listed(int place) => _batch.Ranked.Items(place);

    /// <summary>As many scores.</summary>
    public ReadOnlySpan<float> Scores(int place) => _batch.Ranked.Scores(place);

    /// <summary>As it is published.</summary>
    public ReadOnlySpan<byte> Text(int place) => _batch.Lists[_encoded[place]].Span;
}
