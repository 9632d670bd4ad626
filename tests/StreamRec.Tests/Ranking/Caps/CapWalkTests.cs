using StreamRec.Models;
using StreamRec.Numerics.Instructions;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Tests.Numerics.Search;

namespace StreamRec.Tests.Ranking.Caps;

/// <summary>
/// A capped list is the greedy walk over all that is eligible, in the order of scores: on every path, and whatever else
/// is in the batch.
/// </summary>
public sealed class CapWalkTests
{
    private const int Items = 700,
        Dimension = 8,
        Users = 6;

    public static TheoryData<InstructionSet> Paths =>
        [.. Enum.GetValues<InstructionSet>().Where(InstructionSets.IsSupported)];

    [Theory]
    [InlineData(new[] { 0, 0, 0, 1, 0, 1 }, 6, true)]
    // One more place than there are candidates.
    [InlineData(new[] { 0, 0, 0, 1, 0, 1 }, 7, false)]
    // Another group might follow.
    [InlineData(new[] { 0, 0, 0, 0, 0, 0, 1 }, 6, false)]
    // Another item without a group might.
    [InlineData(new[] { 0, 0, 0, 1, 0, 1, 2 }, 6, false)]
    public void Where_no_group_has_a_place_left_no_other_candidates_are_asked_for(int[] sets, int places, bool settled)
    {
        var groups = new ItemGroups(
            [0, .. sets],
            [
                [0],
                [1],
                [],
            ]
        );
        var walk = new CapWalk(new ListCap(ListCap.Category, 1, 5));
        int[] items = [1, 2, 3, 4, 5, 6];
        float[] scores = [6, 5, 4, 3, 2, 1];

        Assert.Equal(settled, walk.TryChoose(groups, items, scores, places, all: false));

        Assert.Equal(settled ? [1, 4, 2, 3, 5, 6] : [1, 2, 3, 4, 5, 6], items);
        Assert.Equal(settled ? [6, 3, 5, 4, 2, 1] : [6, 5, 4, 3, 2, 1], scores);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_list_equals_the_greedy_walk_over_the_plain_scan(InstructionSet path)
    {
        var random = new Random(7);
        var vectors = TestVectors.Users(random, Items + 1, Dimension, seed: 3);
        var index = ItemIndex.Build(vectors, Dimension, null);
        var widely = 0;
        for (var round = 0; round < 60; round++)
        {
            // Up to three of a few groups, of which one has most of the items; in every other round some have none.
            var groups = random.Next(1, 9);
            var categories = new ItemCategories([
                .. Enumerable
                    .Range(0, Items + 1)
                    .Select(_ =>
                        Enumerable
                            .Range(0, random.Next(round % 2, 4))
                            .Select(_ => random.Next(3) == 0 ? $"c{random.Next(groups)}" : "c0")
                            .ToArray()
                    ),
            ]);
            var cap = new ListCap(ListCap.Category, random.Next(1, 5), random.Next(5, 40));
            var listSize = random.Next(1, 40);
            int[] withheld =
            [
                .. Enumerable
                    .Range(1, Items)
                    .Where(_ => random.Next(Items) < Items * (round % 3) / 2 - random.Next(60)),
            ];
            var caps = new CapWalk(cap);
            var workspace = new RankingWorkspace(
                new ItemLayout(index),
                new RerankerChain([], caps.CandidatesFor(listSize)),
                caps,
                listSize,
                path
            );
            var eligible = new EligiblePositions(index, withheld);
            var of = ItemGroups.Of(categories);
            float[][] users = [.. Enumerable.Range(0, Users).Select(u => TestVectors.Users(random, 1, Dimension, u))];
            int[] seen = [.. Enumerable.Range(0, 5).Select(_ => random.Next(1, Items + 1))];
            var batch = workspace.Search.Begin(Users, eligible);
            foreach (var user in users)
            {
                batch.Add(user, seen);
            }
            workspace.Find(batch);
            var lists = new List<(int[] Items, float[] Scores)?>();
            for (var user = 0; user < Users; user++)
            {
                var (items, scores) = (new int[200], new float[200]);
                var count = workspace.List(batch, user, [], of, items, scores);
                lists.Add(count < 0 ? null : (items[..count], scores[..count]));
            }
            for (var user = 0; user < Users; user++)
            {
                var (found, of1) = (new int[200], new float[200]);
                var count = workspace.ListWidely(users[user], seen, eligible, null, [], of, found, of1);
                var all = PlainScan.Search(vectors, Dimension, null, users[user], withheld.Concat(seen), Items);
                var expected = Greedy(all, item => categories.Of(item).ToArray(), cap, listSize);

                // From as many candidates as a batch finds, where these are enough, and from more.
                Assert.Equal(expected, found[..count].Zip(of1[..count]));
                Assert.Equal(Math.Min(listSize, all.Length), count);
                widely += lists[user] is null ? 1 : 0;
                if (lists[user] is { } list)
                {
                    Assert.Equal(expected, list.Items.Zip(list.Scores));
                }
            }
        }
        Assert.InRange(widely, 20, 60 * Users - 20);
    }

    [Theory]
    [InlineData("category:3/10", "category", 3, 10)]
    [InlineData("a:b:1/1000", "a:b", 1, 1000)]
    public void A_cap_is_read(string text, string of, int most, int places)
    {
        Assert.Equal(new ListCap(of, most, places), ListCap.Parse("Cap", text));
        Assert.Equal(text, new ListCap(of, most, places).Text);
    }

    [Theory]
    [InlineData("3/10")]
    [InlineData("category:3")]
    [InlineData("category:10/10")]
    [InlineData("category:0/10")]
    [InlineData("category:3/1001")]
    [InlineData(":3/10")]
    [InlineData("category:3 /10")]
    public void What_is_no_cap_is_refused_with_its_text(string text)
    {
        var fault = Assert.Throws<StreamRecException>(() => ListCap.Parse("Cap", text));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains($"Cap is '{text}'", fault.Message);
        Assert.Contains("category:3/10", fault.Message);
    }

    /// <summary>The definition, of any order.</summary>
    internal static IEnumerable<T> Greedy<T>(
        IEnumerable<T> order,
        Func<T, IEnumerable<int>> groupsOf,
        ListCap cap,
        int listSize
    )
    {
        var counts = new Dictionary<int, int>();
        var (front, behind) = (new List<T>(), new List<T>());
        foreach (var item in order)
        {
            var groups = groupsOf(item).ToList();
            if (
                front.Count < Math.Min(cap.Places, listSize)
                && groups.All(group => counts.GetValueOrDefault(group) < cap.Most)
            )
            {
                front.Add(item);
                groups.ForEach(group => counts[group] = counts.GetValueOrDefault(group) + 1);
            }
            else
            {
                behind.Add(item);
            }
        }
        return front.Concat(behind).Take(listSize);
    }

    private static IEnumerable<(int, float)> Greedy(
        IEnumerable<(int Item, float Score)> order,
        Func<int, int[]> groupsOf,
        ListCap cap,
        int listSize
    ) => Greedy(order, pair => groupsOf(pair.Item), cap, listSize);
}
