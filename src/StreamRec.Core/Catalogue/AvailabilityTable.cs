using System.Collections.Concurrent;
using StreamRec.Binary;

namespace StreamRec.Catalogue;

/// <summary>
/// Availabilities by id, of one writer. What it has shown stays as it was: a change copies the few that stand beside
/// it, so that a large catalogue costs no more than its changes.
/// </summary>
/// <remarks>An id that was there once keeps its place for good.</remarks>
internal sealed class AvailabilityTable
{
    /// <summary>Places of a piece.</summary>
    public const int Together = 1 << TogetherBits;

    public const int TogetherBits = 8;

    // Places are only ever added, so that all views share them.
    private readonly ConcurrentDictionary<string, int> _places = new(Utf8TextComparer.Instance);

    // By place, and beyond the last one empty. Views share it up to their own last one.
    private string[] _ids = [];

    // By number: the pieces that no view has.
    private readonly HashSet<int> _own = [];
    private Availability[][] _pieces = [];
    private bool _shown;
    private int _count;

    /// <param name="keep">An id gets a place also to say that it is not there.</param>
    /// <returns>What stood there before; the default for an id that has no place yet.</returns>
    public Availability Set(string id, Availability availability, bool keep = false)
    {
        if (!_places.TryGetValue(id, out var place))
        {
            if (availability == default && !keep)
            {
                return default;
            }
            place = _count++;
            if (place == _ids.Length)
            {
                Array.Resize(ref _ids, Math.Max(Together, 2 * place));
            }
            _ids[place] = id;
        }
        var piece = Own(place / Together);
        var before = piece[place % Together];
        piece[place % Together] = availability;
        _places[id] = place;
        return before;
    }

    public View Show()
    {
        _own.Clear();
        _shown = true;
        return new View(_places, _pieces, _ids, _count);
    }

    private Availability[] Own(int number)
    {
        if (_own.Add(number))
        {
            if (number == _pieces.Length)
            {
                _pieces = [.. _pieces, new Availability[Together]];
            }
            else
            {
                _pieces = _shown ? [.. _pieces] : _pieces;
                _pieces[number] = [.. _pieces[number]];
            }
            _shown = false;
        }
        return _pieces[number];
    }

    /// <summary>The table as it was when it was shown: immutable.</summary>
    public sealed class View(ConcurrentDictionary<string, int> places, Availability[][] pieces, string[] ids, int count)
    {
        private readonly ConcurrentDictionary<string, int>.AlternateLookup<ReadOnlySpan<byte>> _utf8 =
            places.GetAlternateLookup<ReadOnlySpan<byte>>();

        /// <summary>Tells the table from others.</summary>
        public object Of => places;

        /// <summary>Ids that have a place, whether they are there or not.</summary>
        public ReadOnlySpan<string> Ids => ids.AsSpan(0, count);

        public int Pieces => pieces.Length;

        /// <summary>Whether nothing of a piece has changed since a view of the same table.</summary>
        public bool HasSame(int piece, View? before) =>
            before is not null && piece < before.Pieces && ReferenceEquals(pieces[piece], before.Piece(piece));

        /// <summary>The place of an id in UTF-8; -1 where it has none.</summary>
        public int PlaceOf(ReadOnlySpan<byte> id) => _utf8.TryGetValue(id, out var place) && place < count ? place : -1;

        private Availability[] Piece(int piece) => pieces[piece];

        /// <summary>Whether an id has a place, whether it is there or not.</summary>
        public bool Holds(string id) => places.TryGetValue(id, out var place) && place < count;

        /// <summary>The default for an id that is not there.</summary>
        public Availability this[string id] => At(places.GetValueOrDefault(id, -1));

        /// <summary>As the other, by a place of <see cref="Find"/>.</summary>
        public Availability At(int place) =>
            (uint)place < (uint)count ? pieces[place / Together][place % Together] : default;

        /// <summary>The places of ids, which hold for all views of the table.</summary>
        /// <param name="known">What an earlier view said of the same ids: those that had a place keep it.</param>
        public Places Find(string[] ids, Places? known)
        {
            if (known?.Of == places && known.Count == count)
            {
                return known;
            }
            int[] found = known?.Of == places ? [.. known.ById] : [.. Enumerable.Repeat(-1, ids.Length)];
            for (var at = 0; at < ids.Length; at++)
            {
                if (found[at] < 0)
                {
                    found[at] = places.GetValueOrDefault(ids[at], -1);
                }
            }
            return new Places(places, count, found);
        }

        /// <summary>All times at which an item comes or goes, each once, in order.</summary>
        public long[] Changes()
        {
            var times = new SortedSet<long>();
            foreach (var piece in pieces)
            {
                foreach (var item in piece)
                {
                    if (item is { Available: true, Filtered: false, SinceMs: > long.MinValue })
                    {
                        times.Add(item.SinceMs);
                    }
                    if (item is { Available: true, Filtered: false, UntilMs: < long.MaxValue })
                    {
                        times.Add(item.UntilMs);
                    }
                }
            }
            return [.. times];
        }
    }

    /// <summary>Where ids stand in a table.</summary>
    /// <param name="Of">Tells the table from others.</param>
    /// <param name="Count">Places that the table had.</param>
    /// <param name="ById">-1 for an id that had none.</param>
    public sealed record Places(object Of, int Count, int[] ById);
}
