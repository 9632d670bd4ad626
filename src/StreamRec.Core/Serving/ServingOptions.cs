using System.Globalization;
using System.Text.Json;
using StreamRec.Binary;
using StreamRec.Catalogue;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Sequences;

namespace StreamRec.Serving;

/// <summary>What shapes a list, beside the state and the bundle.</summary>
public sealed record ServingOptions
{
    /// <summary>N, items in a list, 1–1,000. Default 100.</summary>
    public int ListSize { get; init; } = 100;

    /// <summary>Of which kept events the items are left out. Default all.</summary>
    public SeenRule ExcludeSeen { get; init; } = true;

    /// <summary>Which of the catalogue's items lists may hold. Default all.</summary>
    public ItemFilter Filter { get; init; } = ItemFilter.None;

    /// <summary>How many items of one kind the first places may hold; null: any.</summary>
    public ListCap? Cap { get; init; }

    /// <summary>
    /// How much a list's first places are varied, 0–1: 0 leaves the best, 1 goes furthest from them. Default 0.
    /// </summary>
    public float Dial { get; init; }

    /// <summary>The places that <see cref="Dial"/> varies, 1–1,000. Default 10.</summary>
    public int VariedPlaces { get; init; } = 10;

    /// <summary>
    /// The part of lists' places that items of the catalogue take which the model was not trained on, 0–1, where the
    /// bundle has a tower. Default 0: they are on no list and in no sequence.
    /// </summary>
    public float NewItemShare { get; init; }

    /// <summary>Event types that enter the sequence; empty: all.</summary>
    public IReadOnlySet<string> Types { get; init; } = new HashSet<string>();

    /// <summary>How far an event's time may lie ahead of its record's. Default 1 hour.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromHours(1);

    public SequenceOptions Sequence { get; init; } = new();

    /// <summary>
    /// What the producer of a stray must be told to set; no part of <see cref="Hash"/>. Default: murmur2's.
    /// </summary>
    public string StrayAdvice { get; init; } = "murmur2 (librdkafka: partitioner=murmur2_random)";

    /// <summary>
    /// By which hash of the key producers choose partitions: a record elsewhere is a stray, and changes no state.
    /// </summary>
    public string Partitioner { get; init; } = "murmur2";

    /// <summary>
    /// All that shapes a state beside the log, by the names of the settings: who folds under another text makes other
    /// states of the same log. Types come last, since their names may hold anything but a comma.
    /// </summary>
    public HashedText OfStates() =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"Kept={Sequence.Kept} IdleExpiry={Sequence.IdleExpiry.TotalSeconds} MaxAhead={MaxAhead.TotalSeconds} "
                    + $"Partitioner={Partitioner} "
                    + $"Types={(Types.Count == 0 ? "(all)" : string.Join(',', Types.Order(StringComparer.Ordinal)))}"
            )
        );

    /// <summary>
    /// All that shapes a list beside the state, the bundle and the catalogue, by the names of the settings: each list
    /// names its hash.
    /// </summary>
    public HashedText OfLists()
    {
        var invariant = CultureInfo.InvariantCulture;
        var dial = Dial == 0 ? "" : string.Create(invariant, $"Dial={Dial} VariedPlaces={VariedPlaces} ");
        var fresh = NewItemShare == 0 ? "" : string.Create(invariant, $"NewItemShare={NewItemShare} ");
        var filter = Filter.IsNone ? "" : $"{Filter.Text} ";
        var cap = Cap is null ? "" : $"Cap=\"{JsonEncodedText.Encode(Cap.Text)}\" ";
        return new(
            string.Create(
                invariant,
                $"ListSize={ListSize} ExcludeSeen={ExcludeSeen} {dial}{fresh}{filter}{cap}{OfStates().Text}"
            )
        );
    }
}
