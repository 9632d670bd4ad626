namespace StreamRec.Ranking;

/// <summary>
/// A batch's lists as item indices and scores, by place among the users that were encoded. Threads may write to places
/// of their own at once.
/// </summary>
internal sealed class RankedItems
{
    private int[] _items = [];
    private float[] _scores = [];
    private int[] _counts = [];
    private string[] _kinds = [];
    private int _room;

    /// <summary>Places of the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets the batch before.</summary>
    /// <param name="room">Candidates of a user at most.</param>
    public void Begin(int places, int room)
    {
        (Count, _room) = (places, room);
        if (_counts.Length < places)
        {
            (_counts, _kinds) = (new int[places], new string[places]);
        }
        if (_items.Length < places * room)
        {
            (_items, _scores) = (new int[places * room], new float[places * room]);
        }
    }

    /// <summary>Room for a user's candidates.</summary>
    public Span<int> ItemRoom(int place) => _items.AsSpan(place * _room, _room);

    /// <summary>Room for their scores.</summary>
    public Span<float> ScoreRoom(int place) => _scores.AsSpan(place * _room, _room);

    /// <summary>Takes a list that was left at the beginning of the user's room.</summary>
    public void Set(int place, string kind, int count) => (_kinds[place], _counts[place]) = (kind, count);

    /// <summary>One of <see cref="StreamRec.Lists.ListKinds"/>.</summary>
    public string Kind(int place) => _kinds[place];

    /// <summary>Item indices, best first.</summary>
    public ReadOnlySpan<int> Items(int place) => _items.AsSpan(place * _room, _counts[place]);

    /// <summary>As many scores.</summary>
    public ReadOnlySpan<float> Scores(int place) => _scores.AsSpan(place * _room, _counts[place]);
}
