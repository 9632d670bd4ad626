using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Tests.Numerics.Search;
using StreamRec.Tests.Serving;

namespace StreamRec.Tests.Ranking;

/// <summary>Each link chooses from what the one before it leaves, and the last one leaves the list.</summary>
public class RerankerChainTests
{
    [Fact]
    public void Without_links_the_search_decides()
    {
        var chain = new RerankerChain([], 3);
        int[] items = [4, 5];

        Assert.Equal(3, chain.Candidates);
        Assert.Equal(2, chain.Run([], items, new float[2]));
        Assert.Equal([4, 5], items);
    }

    [Fact]
    public void A_link_leaves_as_many_as_the_next_one_chooses_from()
    {
        var (odd, reverse) = (new Odd(2), new Reverse(3));
        var chain = new RerankerChain([odd, reverse], 4);
        int[] items = [.. Enumerable.Range(1, chain.Candidates)];
        float[] scores = [.. items.Select(item => 100f - item)];

        var count = chain.Run([], items, scores);

        // 4 places of 3 candidates, of 2 each; of those half are odd.
        Assert.Equal((24, 12, 4), (chain.Candidates, odd.Places, reverse.Places));
        Assert.Equal([23, 21, 19, 17], items[..count]);
        Assert.Equal([77f, 79f, 81f, 83f], scores[..count]);
    }

    /// <summary>The search finds as many as the chain begins with, and a list is what the chain leaves.</summary>
    [Fact]
    public void What_is_searched_for_is_what_the_chain_chooses_from()
    {
        const int dimension = 16;
        using var bundle = new RandomBundle(4, 50, dimension);
        using var plain = new WorkspacePool(bundle.Bundle, listSize: 24);
        using var chained = new WorkspacePool(bundle.Bundle, listSize: 4, () => [new Odd(2), new Reverse(3)]);
        var user = TestVectors.Users(new Random(2), 1, dimension, seed: 1);

        var expected = List(plain, user).Where(item => item % 2 == 1).Take(12).Reverse().Take(4);

        Assert.Equal(expected, List(chained, user));
    }

    private static int[] List(WorkspacePool pool, float[] user)
    {
        var workspace = pool.Rent();
        var batch = workspace.Search.Begin(1);
        batch.Add(user, []);
        workspace.Find(batch);
        var items = new int[pool.Candidates];
        var count = workspace.List(batch, 0, [], ItemGroups.None, items, new float[pool.Candidates]);
        WorkspacePool.Return(workspace);
        return items[..count];
    }

    private abstract class Link(int candidatesPerPlace) : IReranker
    {
        public int Places { get; private set; }

        public int CandidatesFor(int places) => candidatesPerPlace * places;

        public int Choose(ReadOnlySpan<int> history, Span<int> items, Span<float> scores, int places)
        {
            Places = places;
            var pairs = items.ToArray().Zip(scores.ToArray());
            var chosen = Chosen(pairs).Take(places).ToArray();
            for (var place = 0; place < chosen.Length; place++)
            {
                (items[place], scores[place]) = chosen[place];
            }
            return chosen.Length;
        }

        protected abstract IEnumerable<(int Item, float Score)> Chosen(IEnumerable<(int Item, float Score)> all);
    }

    private sealed class Odd(int candidatesPerPlace) : Link(candidatesPerPlace)
    {
        protected override IEnumerable<(int Item, float Score)> Chosen(IEnumerable<(int Item, float Score)> all) =>
            all.Where(pair => pair.Item % 2 == 1);
    }

    private sealed class Reverse(int candidatesPerPlace) : Link(candidatesPerPlace)
    {
        protected override IEnumerable<(int Item, float Score)> Chosen(IEnumerable<(int Item, float Score)> all) =>
            all.Reverse();
    }
}
