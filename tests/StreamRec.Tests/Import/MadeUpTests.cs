using StreamRec.Import.Formats;

namespace StreamRec.Tests.Import;

/// <summary>Ids, users and times that a file lacks: the same for the same file, others for another.</summary>
public sealed class MadeUpTests : IDisposable
{
    private static readonly TableOptions s_timed = new()
    {
        User = "u",
        Item = "i",
        Time = "t",
    };
    private static readonly TableOptions s_timeless = new() { User = "u", Item = "i" };

    private readonly ImportFixture _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public void Two_exports_have_no_id_in_common_and_one_has_the_same_ids_again()
    {
        const string First = "u,i,t\nann,s1,2025-11-01\nann,s2,2025-11-01\nbob,s3,2025-11-01\n";
        var first = _import.Csv(First, s_timed);
        var second = _import.Csv("u,i,t\nann,s1,2025-11-02\nann,s2,2025-11-02\nbob,s3,2025-11-02\n", s_timed);

        Assert.Equal(6, first.Concat(second).Select(e => (e.UserId, e.EventId)).Distinct().Count());
        Assert.Equal(first, _import.Csv(First, s_timed));
    }

    [Fact]
    public void What_two_exports_both_hold_is_one_event()
    {
        var first = _import.Csv("u,i,t\nann,s1,2025-11-01\nann,s2,2025-11-02\n", s_timed);
        var second = _import.Csv("u,i,t\nbob,s1,2025-11-01\nann,s2,2025-11-02\nann,s3,2025-11-03\n", s_timed);

        Assert.Equal(first[1], second[1]);
        Assert.Equal(4, first.Concat(second).Distinct().Count());
    }

    [Fact]
    public void Equal_rows_are_events_of_their_own_and_sort_as_they_came()
    {
        var rows = string.Concat(Enumerable.Range(0, 300).Select(k => $"ann,i{k % 7},2025-11-01\n"));

        var events = _import.Csv("u,i,t\n" + rows, s_timed);

        Assert.Equal(300, events.Select(e => e.EventId).Distinct().Count());
        Assert.Equal(events, events.OrderBy(e => e.EventId, StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(0, 300).Select(k => $"i{k % 7}"), events.Select(e => e.ItemId));
    }

    [Fact]
    public void Equal_rows_of_two_files_without_times_are_two_events()
    {
        var first = _import.Csv("u,i\nann,milk\nbob,bread\n", s_timeless);
        var second = _import.Csv("u,i\nann,milk\nbob,beer\n", s_timeless);

        Assert.Equal(4, first.Concat(second).Select(e => (e.UserId, e.EventId)).Distinct().Count());
        Assert.Equal(first, _import.Csv("u,i\nann,milk\nbob,bread\n", s_timeless));
    }

    [Fact]
    public void A_second_file_without_times_follows_the_first_where_start_says_so()
    {
        var first = _import.Csv("u,i\nann,milk\nann,bread\n", s_timeless);

        var told = Assert.Single(_import.Told);
        Assert.EndsWith("--start 2000-01-01T00:00:02Z", told);
        var start = first[^1].TimeMs + 1_000;
        Assert.Equal(start, _import.Csv("u,i\nann,tea\n", s_timeless with { Times = new(StartMs: start) })[0].TimeMs);
        Assert.Equal(start, _import.Format("sequences", "1 2\n", start)[0].TimeMs);
        Assert.Equal(
            FaultKind.Usage,
            Assert.Throws<StreamRecException>(() => _import.Format("ml-1m", "1::1193::5::978302110\n", start)).Kind
        );
    }

    [Fact]
    public void Sequences_of_two_files_are_of_different_users()
    {
        var first = _import.Format("sequences", "1 2\n3\n");
        var second = _import.Format("sequences", "1 2\n4\n");

        Assert.Equal(4, first.Concat(second).Select(e => e.UserId).Distinct().Count());
        Assert.Equal(first, _import.Format("sequences", "1 2\n3\n"));
        Assert.Equal(
            ["1 2", "3"],
            first
                .GroupBy(e => e.UserId)
                .OrderBy(user => user.Key, StringComparer.Ordinal)
                .Select(user => string.Join(' ', user.Select(e => e.ItemId)))
        );
    }

    [Fact]
    public void Times_ahead_of_the_clock_are_told()
    {
        _import.Csv("u,i,t\nann,a,2025-11-01 11:59:59\nann,b,2025-11-01 21:00:00\n", s_timed);

        Assert.Equal(1, _import.Result.Future);
        Assert.Contains("1 events lie in the future, up to 2025-11-01T21:00:00Z", Assert.Single(_import.Told));
        Assert.Contains("--zone", _import.Told[0]);
    }
}
