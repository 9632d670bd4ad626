using StreamRec.Evaluation;
using StreamRec.Models;
using StreamRec.Numerics.Matrices;
using StreamRec.Training.Data;
using StreamRec.Training.Reranking;
using StreamRec.Training.Runs;

namespace StreamRec.Training.Baselines;

/// <summary>What rankers may learn from. Tables that several of them share are made when first asked for.</summary>
public sealed class TrainingPart
{
    private readonly Lazy<EventPlaces> _places;
    private readonly Lazy<Matrix> _ease;
    private readonly Lazy<NewestSequences> _newest;

    /// <param name="sequences">Items in 1..N of each user, oldest first.</param>
    /// <param name="times">The same events' times in milliseconds; more of them may follow.</param>
    /// <param name="items">N.</param>
    /// <param name="categories">Of the items; null: not known.</param>
    public TrainingPart(
        IReadOnlyList<ReadOnlyMemory<int>> sequences,
        IReadOnlyList<ReadOnlyMemory<long>> times,
        int items,
        ItemCategories? categories = null,
        CancellationToken cancel = default
    )
    {
        (Sequences, Times, Items, Categories, Cancel) = (sequences, times, items, categories, cancel);
        Counts = SequenceData.Counts(sequences, items);
        _places = new Lazy<EventPlaces>(() => new EventPlaces(Sequences, Items));
        _ease = new Lazy<Matrix>(() => WeightTable.Ease(Places, Cancel));
        _newest = new Lazy<NewestSequences>(() => new NewestSequences(this));
    }

    public IReadOnlyList<ReadOnlyMemory<int>> Sequences { get; }

    public IReadOnlyList<ReadOnlyMemory<long>> Times { get; }

    /// <summary>N.</summary>
    public int Items { get; }

    public ItemCategories? Categories { get; }

    /// <summary>N+1: how often each item occurs.</summary>
    public IReadOnlyList<long> Counts { get; }

    internal CancellationToken Cancel { get; }

    internal EventPlaces Places => _places.Value;

    /// <summary>EASE's weights [N,N]: row i holds what item i + 1 says of the others.</summary>
    internal Matrix Ease => _ease.Value;

    internal NewestSequences Newest => _newest.Value;

    /// <summary>This one without the last event of evenly chosen users, and the questions that those are.</summary>
    public (TrainingPart Others, IReadOnlyList<RankingCase> Cases) HoldOut(int users)
    {
        var split = Trainer.HoldOut(Sequences, users);
        return (new TrainingPart(split.Training, Times, Items, Categories, Cancel), split.Cases);
    }

    /// <summary>All events in the order of time; at equal times by user, and within a user in order.</summary>
    internal IEnumerable<int> InOrderOfTime()
    {
        var times = Sequences.SelectMany((sequence, user) => Times[user][..sequence.Length].ToArray()).ToArray();
        var items = Sequences.SelectMany(sequence => sequence.ToArray()).ToArray();
        return Enumerable.Range(0, items.Length).OrderBy(at => times[at]).Select(at => items[at]);
    }

    /// <summary>A ranker that learns from a stream, with these events behind it.</summary>
    internal StreamCaseRanker Fed(string name, IStreamRanker ranker)
    {
        for (var user = 0; user < Sequences.Count; user++)
        {
            Cancel.ThrowIfCancellationRequested();
            var previous = 0;
            foreach (var item in Sequences[user].Span)
            {
                ranker.Observe(user, previous, item);
                previous = item;
            }
        }
        return new StreamCaseRanker(name, ranker);
    }
}
