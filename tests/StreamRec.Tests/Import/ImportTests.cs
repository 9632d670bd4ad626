using StreamRec.Events;
using StreamRec.Import;
using StreamRec.Import.Formats;

namespace StreamRec.Tests.Import;

/// <summary>Small files made up in the form of each data set.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly ImportFixture _import = new();

    public void Dispose() => _import.Dispose();

    [Theory]
    [InlineData("u.user", "1|24|M|technician|85711\n2|53|F|other|94043\n")]
    [InlineData(
        "some.user",
        "user_id:token\tage:token\tgender:token\toccupation:token\n1\t24\tM\ttechnician\n2\t53\tF\tother\n"
    )]
    public void The_users_beside_ml_100k_are_segments(string name, string users)
    {
        _import.Write(users, name);

        var events = _import.Format("ml-100k", "1\t242\t3\t881250949\n2\t302\t3\t881250950\n3\t302\t3\t881250951\n");

        Assert.Equal(
            ["age:20-29 occupation:technician gender:M", "age:50-59 occupation:other gender:F", ""],
            events.Select(read => string.Join(' ', read.Segments ?? []))
        );
        Assert.Contains(_import.Told, told => told.Contains("2 users", StringComparison.Ordinal));
    }

    [Fact]
    public void Ml_100k_as_published_with_a_header_and_as_inter_are_the_same()
    {
        const string Rows =
            "196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t7\t5\t881250949\n22\t377\t1\t878887116\n";
        var published = _import.Format("ml-100k", Rows);

        Assert.Equal(
            [
                "22 377 rating 878887116000",
                "196 242 rating 881250949000",
                "196 7 rating 881250949000",
                "186 302 rating 891717742000",
            ],
            ImportFixture.Texts(published)
        );
        Assert.Equal(published, _import.Format("ml-100k", "user id\titem id\trating\ttimestamp\n" + Rows));
        Assert.Equal(
            published,
            _import.Format("inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\n" + Rows)
        );
        Assert.Empty(_import.Told);
    }

    [Fact]
    public void Ml_1m_as_published_and_as_pairs()
    {
        Assert.Equal(
            ["1 661 rating 978302109000", "1 1193 rating 978302110000"],
            ImportFixture.Texts(_import.Format("ml-1m", "1::1193::5::978302110\n1::661::3::978302109\n"))
        );
        Assert.Equal(
            ["1 1 rating 946684800000", "1 2 rating 946684801000", "2 80 rating 946684802000"],
            ImportFixture.Texts(_import.Format("ml-1m", "1 1\n1 2\n2 80\n"))
        );
    }

    [Fact]
    public void Yoochoose_clicks_with_and_without_a_header_and_buys()
    {
        const string Rows = "2,2014-04-07T10:49:57.614Z,214662742,0\n1,2014-04-07T10:49:09.277Z,214536502,S\n";
        string[] expected = ["1 214536502 click 1396867749277", "2 214662742 click 1396867797614"];

        Assert.Equal(expected, ImportFixture.Texts(_import.Format("yoochoose", Rows)));
        Assert.Equal(
            expected,
            ImportFixture.Texts(_import.Format("yoochoose", "session_id,timestamp,item_id,category\n" + Rows))
        );
        Assert.Equal(
            expected,
            ImportFixture.Texts(_import.Format("yoochoose", "Session ID,Timestamp,Item ID,Category\n" + Rows))
        );
        Assert.Equal(
            ["420374 214537888 purchase 1396809509000"],
            ImportFixture.Texts(_import.Format("yoochoose", "420374,2014-04-06T18:38:29.000Z,214537888,12462,1\n"))
        );
        Assert.Contains(
            "evaluate --prefixes",
            Assert.Throws<StreamRecException>(() => _import.Format("yoochoose", "1 2\t3\n")).Message
        );
    }

    [Theory]
    [InlineData("sequences")]
    [InlineData("yoochoose")]
    public void A_sequence_a_line(string format)
    {
        var events = _import.Format(format, "a  b\r\n\nü\n");

        Assert.Equal(["a", "b", "ü"], events.Select(e => e.ItemId));
        Assert.Equal([946684800000, 946684801000, 946684802000], events.Select(e => e.TimeMs));
        Assert.Equal(events[0].UserId, events[1].UserId);
        Assert.NotEqual(events[0].UserId, events[2].UserId);
        Assert.All(events, e => Assert.Equal(e.UserId, e.SessionId));
    }

    [Theory]
    [InlineData("ml-100k", "1,2,3\n", "csv")]
    [InlineData("ml-100k", "1::1193::5::978302110\n", "ml-1m")]
    [InlineData("ml-1m", "user_id,item_id\n", "csv")]
    [InlineData("ml-1m", "1 2 3 4\n", "pairs")]
    [InlineData("yoochoose", "session,when,what\n1,2014-04-07T10:49:57Z,7\n", "csv")]
    [InlineData("yoochoose", "a\tb\n", "tsv")]
    [InlineData("yoochoose", "1::1193::5::978302110\n", "ml-1m")]
    [InlineData("sequences", "user;item\n1;2\n", "semicolon")]
    [InlineData("sequences", "196\t242\t3\t881250949\n", "ml-100k")]
    [InlineData("sequences", "userId,movieId,rating,timestamp\n", "csv")]
    [InlineData("sequences", "{\"event_id\":\"1\",\"user_id\":\"u\",\"item_id\":\"i\",\"ts\":1}\n", "events already")]
    [InlineData("inter", "{\"session\":1,\"events\":[]}\n", "jq")]
    [InlineData("inter", "user_id:token,item_id:token\n1,2\n", "tabs between")]
    [InlineData("inter", "session_id:token\titem_id_list:token_seq\titem_id:token\n1\t2 3\t4\n", "prefixes")]
    [InlineData("ml-100k", "<!DOCTYPE html>\n", "HTML")]
    public void A_file_of_another_kind_is_refused_and_its_command_named(string format, string text, string named)
    {
        var fault = Assert.Throws<StreamRecException>(() => _import.Format(format, text));

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("some.data", fault.Message);
        Assert.Contains(named, fault.Message);
    }

    [Fact]
    public void An_empty_file_is_refused()
    {
        Assert.Contains(
            "is empty",
            Assert.Throws<StreamRecException>(() => _import.Format("sequences", " \n\n")).Message
        );
    }

    [Fact]
    public void A_table_amid_sequences_becomes_no_item()
    {
        Assert.Equal(["1", "2"], _import.Format("sequences", "1 2\na,b\nx\ty\n").Select(e => e.ItemId));
        Assert.Equal(
            ["FILE:2: there is ','", "FILE:3: there is '\\u0009'"],
            _import.Told.Take(2).Select(told => told.Split(';')[0])
        );
    }

    [Fact]
    public void Bad_rows_are_told_by_line_and_counted_by_what_they_lack()
    {
        var events = _import.Format(
            "ml-100k",
            "1\t2\t3\t881250949\n1\t2\t3\n1\t\t3\t881250949\n1\tx\t3\t881250949\n"
                + "1\t4\t3\tnever\n1\t5\t3\t5\n1\t6\t3\t881250950\n"
        );

        Assert.Equal(2, events.Count);
        Assert.Equal(
            [
                "FILE:2: 3 fields, not 4",
                "FILE:3: the item is empty",
                "FILE:4: the item 'x' is no number",
                "FILE:5: the time 'never' cannot be read",
                "FILE:6: the time '5' is 1970-01-01 00:00, and events lie between 1973-03-03 and 5138-11-16",
                "FILE: 5 bad rows were left out (fields 1, item 2, time 2).",
            ],
            _import.Told.Select(told => told.Split(": is it")[0].Split(": give")[0])
        );
        Assert.Equal((2, 5, 2), (_import.Result.Events, _import.Result.BadRows, _import.Result.Bad["item"]));
    }

    [Fact]
    public void Twenty_bad_rows_are_told_and_the_rest_counted()
    {
        _import.Format("ml-1m", "1 2\n" + string.Concat(Enumerable.Repeat("x\n", 30)));

        Assert.Equal(
            20,
            _import.Told.Count(told => told.StartsWith("FILE:", StringComparison.Ordinal) && char.IsAsciiDigit(told[5]))
        );
        Assert.Contains(
            _import.Told,
            told =>
                told.Contains("30 bad rows", StringComparison.Ordinal)
                && told.Contains("first 20", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Order_is_by_time_and_then_as_in_the_file_however_small_the_chunks()
    {
        var random = new Random(2);
        var clicks = Enumerable
            .Range(0, 5_000)
            .Select(i => new ClickEvent(
                $"{i}",
                "u",
                "i",
                "click",
                1767225600000 + random.Next(300),
                random.Next(2) == 0 ? "s" : null,
                Segments: random.Next(2) == 0 ? [$"age:{i % 9}", "ü"] : null
            ))
            .ToList();
        foreach (var chunk in new[] { 1_000_000, 700, 5_000, 1_250 })
        {
            using var order = new TimeOrder(chunk);
            clicks.ForEach(click => order.Add(click));

            Assert.Equal(clicks.OrderBy(click => click.TimeMs).Select(Whole), order.Events().Select(Whole));
        }
    }

    // Texts are compared, not the list that holds them.
    private static (ClickEvent, string?) Whole(ClickEvent click) =>
        (click with { Segments = null }, click.Segments is { } segments ? string.Join('|', segments) : null);

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_by_line_and_not_replaced()
    {
        var path = _import.Write([.. "a b\nc d\nf"u8, 0xFC, .. "r c\n"u8]);

        var fault = Assert.Throws<StreamRecException>(() =>
            _import.Read(path, (source, _) => ImportFormat.All.Single(f => f.Name == "sequences").Read(source, null))
        );
        Assert.Contains("line 3", fault.Message);
        Assert.Contains("iconv", fault.Message);
    }
}
