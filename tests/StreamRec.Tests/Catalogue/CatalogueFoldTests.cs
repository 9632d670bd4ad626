using StreamRec.Catalogue;
using StreamRec.Delivery.Ports;

namespace StreamRec.Tests.Catalogue;

/// <summary>A view is a function of the log up to its offset, compacted or not.</summary>
public sealed class CatalogueFoldTests
{
    [Fact]
    public void The_last_record_of_an_item_says_all_of_it()
    {
        var fold = new CatalogueFold("uuid");
        Assert.Null(fold.View());
        Assert.Null(fold.Apply(Record(0, "a", "{}")));
        Assert.Null(fold.Apply(Record(1, "b", """{"available":false}""")));
        Assert.Null(fold.Apply(Record(4, "c", "{}")));
        var before = fold.View()!;

        Assert.Null(fold.Apply(Record(5, "a", null)));
        Assert.Null(fold.Apply(Record(6, "b", "{}")));
        var after = fold.View()!;

        // What was shown stays as it was.
        Assert.Equal((4, "uuid"), (before.Version!.Value.Offset, before.Version.Value.TopicUuid));
        Assert.Equal(["a", "c"], Listed(before, "a", "b", "c", "d"));
        Assert.Equal(6, after.Version!.Value.Offset);
        Assert.Equal(["b", "c"], Listed(after, "a", "b", "c", "d"));
        Assert.Equal(2, fold.Items);
    }

    [Fact]
    public void An_item_whose_record_cannot_be_read_is_not_there_until_one_can()
    {
        var fold = new CatalogueFold("uuid");
        fold.Apply(Record(0, "a", "{}"));

        Assert.Equal("malformed_json", fold.Apply(Record(1, "a", "{"))!.Value.Code);
        Assert.Empty(Listed(fold.View()!, "a"));

        fold.Apply(Record(2, "a", "{}"));
        Assert.Equal(["a"], Listed(fold.View()!, "a"));
    }

    [Fact]
    public void What_changes_no_list_gives_the_same_answers_under_another_version()
    {
        var fold = new CatalogueFold("uuid");
        fold.Apply(Record(0, "a", "{}"));
        var before = fold.View()!;

        fold.Apply(Record(1, "a", """{"title":"A"}"""));

        Assert.Equal(1, fold.View()!.Version!.Value.Offset);
        Assert.Same(before.Eligible, fold.View()!.Eligible);
    }

    [Fact]
    public void A_log_that_was_compacted_gives_the_same_view()
    {
        string?[] values =
        [
            "{}",
            """{"available":false}""",
            """{"until":1767225600000}""",
            """{"since":1767225600000}""",
            "{",
            null,
        ];
        var random = new Random(8);
        var log = Enumerable
            .Range(0, 400)
            .Select(offset => Record(offset, $"i{random.Next(30)}", values[random.Next(values.Length)]))
            .ToList();
        string[] ids = [.. Enumerable.Range(0, 30).Select(item => $"i{item}")];
        foreach (var end in (int[])[1, 20, 150, 400])
        {
            var whole = Fold(log.Take(end));
            // The last record of each key, and tombstones only for as long as the broker keeps them.
            var compacted = Fold(
                log.Take(end)
                    .GroupBy(record => System.Text.Encoding.UTF8.GetString(record.Key.Span))
                    .Select(records => records.Last())
                    .Where(record => !record.Value.IsEmpty || record.Offset == end - 1)
                    .OrderBy(record => record.Offset)
            );

            Assert.Equal(whole.Version, compacted.Version);
            foreach (var time in (long[])[0, 1767225599999, 1767225600000, long.MaxValue])
            {
                Assert.Equal(
                    ids.Select(id => whole.Eligible.Holds(id, time)),
                    ids.Select(id => compacted.Eligible.Holds(id, time))
                );
            }
        }
    }

    [Fact]
    public void Places_that_were_found_hold_for_later_views_and_for_no_other_catalogue()
    {
        var (fold, other) = (new CatalogueFold("uuid"), new CatalogueFold("other"));
        string[] ids = ["", .. Enumerable.Range(0, 900).Select(item => $"i{item}")];
        var random = new Random(4);
        AvailabilityTable.Places? places = null;
        var views = new List<(CatalogueView View, bool[] Held)>();
        for (var offset = 0; offset < 3_000; offset++)
        {
            var id = ids[random.Next(1, ids.Length)];
            fold.Apply(Record(offset, id, random.Next(3) == 0 ? null : "{}"));
            if (offset % 97 == 0)
            {
                var view = fold.View()!;
                places = view.Eligible.Items!.Find(ids, places);
                views.Add((view, Array.ConvertAll(ids, at => view.Eligible.Holds(at, 0))));
                Assert.Equal(views[^1].Held, places.ById.Select(place => view.Eligible.Items.At(place).Holds(0)));
            }
        }
        Assert.All(views, seen => Assert.Equal(seen.Held, ids.Select(id => seen.View.Eligible.Holds(id, 0))));

        other.Apply(Record(0, ids[^1], "{}"));
        var found = other.View()!.Eligible.Items!;
        Assert.Equal(
            [ids.Length - 1],
            found.Find(ids, places).ById.Index().Where(at => at.Item >= 0).Select(at => at.Index)
        );
    }

    [Fact]
    public void Within_a_span_nothing_comes_or_goes()
    {
        var eligible = new EligibleItems(
            new Dictionary<string, Availability>
            {
                ["a"] = new(true, SinceMs: 10, UntilMs: 30),
                ["b"] = new(true, SinceMs: 30),
                ["never"] = new(false, SinceMs: 20),
            }
        );

        Assert.Equal([0, 0, 1, 1, 2, 2], ((long[])[-1, 9, 10, 29, 30, 99]).Select(eligible.SpanOf));
        foreach (var time in Enumerable.Range(-1, 40))
        {
            var begin = eligible.Begin(eligible.SpanOf(time));
            Assert.Equal(eligible.Holds("a", begin), eligible.Holds("a", time));
            Assert.Equal(eligible.Holds("b", begin), eligible.Holds("b", time));
        }
        Assert.True(eligible.Holds("a", 29));
        Assert.False(eligible.Holds("a", 30));
    }

    private static CatalogueView Fold(IEnumerable<LogRecord> log)
    {
        var fold = new CatalogueFold("uuid");
        foreach (var record in log)
        {
            fold.Apply(record);
        }
        return fold.View()!;
    }

    private static IEnumerable<string> Listed(CatalogueView view, params string[] ids) =>
        ids.Where(id => view.Eligible.Holds(id, 0));

    private static LogRecord Record(long offset, string key, string? value) =>
        new(
            offset,
            0,
            offset,
            System.Text.Encoding.UTF8.GetBytes(key),
            value is null ? default : System.Text.Encoding.UTF8.GetBytes(value)
        );
}
