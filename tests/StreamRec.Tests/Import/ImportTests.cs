using System.Text.Json.Nodes;
using StreamRec.Events;
using StreamRec.Import;

namespace StreamRec.Tests.Import;

/// <summary>Small files made up in the form of each data set.</summary>
public sealed class ImportTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-import-");
    private readonly List<string> _told = [];

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Ml_100k_as_published_and_as_inter_are_the_same()
    {
        var published = Import("ml-100k", "196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t7\t5\t881250949\n22\t377\t1\t878887116\n");
        var inter = Import("ml-100k", "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t3\t891717742\n196\t7\t5\t881250949\n22\t377\t1\t878887116\n");

        Assert.Equal(
            ["000000000001 22 377 rating 878887116000", "000000000002 196 242 rating 881250949000", "000000000003 196 7 rating 881250949000", "000000000004 186 302 rating 891717742000"],
            published);
        Assert.Equal(published, inter);
    }

    [Fact]
    public void Ml_1m_as_published_and_as_pairs()
    {
        Assert.Equal(
            ["000000000001 1 661 rating 978302109000", "000000000002 1 1193 rating 978300760000".Replace("978300760000", "978302110000", StringComparison.Ordinal)],
            Import("ml-1m", "1::1193::5::978302110\n1::661::3::978302109\n"));
        Assert.Equal(
            ["000000000001 1 1 rating 946684800000", "000000000002 1 2 rating 946684801000", "000000000003 2 80 rating 946684802000"],
            Import("ml-1m", "1 1\n1 2\n2 80\n"));
    }

    [Fact]
    public void Yoochoose_clicks_buys_and_sessions()
    {
        Assert.Equal(
            ["000000000001 1 214536502 click 1396867749277", "000000000002 2 214662742 click 1396867797614"],
            Import("yoochoose", "2,2014-04-07T10:49:57.614Z,214662742,0\n1,2014-04-07T10:49:09.277Z,214536502,S\n"));
        Assert.Equal(
            ["000000000001 420374 214537888 purchase 1396809509000"],
            Import("yoochoose", "420374,2014-04-06T18:38:29.000Z,214537888,12462,1\n"));
        Assert.Equal(
            ["000000000001 000000001 2612 click 946684800000", "000000000002 000000001 33285 click 946684801000", "000000000003 000000002 7 click 946684802000"],
            Import("yoochoose", "2612 33285\n7\n"));
        Assert.Contains("evaluate --prefixes", Assert.Throws<StreamRecException>(() => Import("yoochoose", "1 2\t3\n")).Message);
    }

    [Fact]
    public void A_sequence_a_line()
    {
        Assert.Equal(
            ["000000000001 000000001 a click 946684800000", "000000000002 000000001 b click 946684801000", "000000000003 000000002 ü click 946684802000"],
            Import("sequences", "a  b\r\n\nü\n"));
    }

    [Theory]
    [InlineData("ml-100k", "1,2,3\n")]
    [InlineData("ml-1m", "user_id,item_id\n")]
    [InlineData("yoochoose", "")]
    public void A_file_of_another_kind_is_refused_by_name(string format, string text)
    {
        var fault = Assert.Throws<StreamRecException>(() => Import(format, text));
        Assert.Equal(ExitCode.BadInput, fault.Code);
        Assert.Contains("data", fault.Message);
    }

    [Fact]
    public void Bad_rows_are_told_by_line_and_counted()
    {
        var events = Import("ml-100k", "1\t2\t3\t881250949\n1\t2\t3\n1\t\t3\t881250949\n1\t4\t3\tnever\n1\t5\t3\t5\n1\t6\t3\t881250950\n", out var result);

        Assert.Equal(2, events.Count);
        Assert.Equal((2, 4), (result.Events, result.Bad));
        Assert.Equal([":2: 3 fields, not 4", ":3: item_id:", ":4: the time 'never'", ":5: ts:", ": 4 bad rows"], _told.Select((told, i) => told[told.IndexOf(':', StringComparison.Ordinal)..][..new[] { ":2: 3 fields, not 4", ":3: item_id:", ":4: the time 'never'", ":5: ts:", ": 4 bad rows" }[i].Length]));
    }

    [Fact]
    public void Csv_by_named_columns_with_quotes()
    {
        const string Text = "when,who,\"what, exactly\",how,id,visit\r\n2026-01-01 00:00:01,u1,\"a \"\"b\"\",\nc\",view,e1,s1\r\n2026-01-01T00:00:00.250Z,u2,d,click,e2,\r\n";

        Assert.Equal(
            ["e2 u2 d click 1767225600250", "e1 u1 a \"b\",\nc view 1767225601000 s1"],
            Import(Text, new TableOptions { User = "who", Item = "what, exactly", Time = "when", Type = "how", Event = "id", Session = "visit" }));
    }

    [Fact]
    public void Tsv_without_a_header_by_number()
    {
        Assert.Equal(
            ["000000000001 u i click 946684800000", "000000000002 v j click 946684801000"],
            Import("i\tu\nj\tv\n", new TableOptions { User = "2", Item = "1", Header = false, Delimiter = '\t' }));
    }

    [Fact]
    public void Bad_rows_of_a_table_are_told_by_the_line_they_begin_on()
    {
        var events = Import(
            "u,i,t\n1,\"two\nlines\",881250949\n1,2\n1,a\"b,881250949\n1,3,x\n1,4,881250950\n",
            new TableOptions { User = "u", Item = "i", Time = "t" });

        Assert.Equal(2, events.Count);
        Assert.Equal([":4:", ":5:", ":6:"], _told.Take(3).Select(told => told[told.IndexOf(':', StringComparison.Ordinal)..][..3]));
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_those_that_are()
    {
        var fault = Assert.Throws<StreamRecException>(() => Import("user,item\n1,2\n", new TableOptions { User = "user", Item = "product" }));
        Assert.Equal(ExitCode.Usage, fault.Code);
        Assert.Contains("--item is 'product'", fault.Message);
        Assert.Contains("user, item", fault.Message);
    }

    [Theory]
    [InlineData("881250949", "Auto", 881250949000)]
    [InlineData("881250949.5", "Auto", 881250949500)]
    [InlineData("8.81250949E8", "Auto", 881250949000)]
    [InlineData("881250949000", "Auto", 881250949000)]
    [InlineData("881250949000000", "Auto", 881250949000)]
    [InlineData("881250949000000000", "Auto", 881250949000)]
    [InlineData("200000000000", "Milliseconds", 200000000000)]
    [InlineData("2026-01-01T01:00:00+01:00", "Auto", 1767225600000)]
    [InlineData("2026-01-01", "Auto", 1767225600000)]
    public void Times_of_many_kinds(string text, string unit, long expected)
    {
        Assert.True(TimeText.TryParse(text, Enum.Parse<TimeUnit>(unit), out var ms));
        Assert.Equal(expected, ms);
    }

    [Fact]
    public void Order_is_by_time_and_then_as_in_the_file_however_small_the_chunks()
    {
        var random = new Random(2);
        var clicks = Enumerable.Range(0, 5_000)
            .Select(i => new ClickEvent($"{i}", "u", "i", "click", 1767225600000 + random.Next(300), random.Next(2) == 0 ? "s" : null)).ToList();
        foreach (var chunk in new[] { 1_000_000, 700, 5_000, 1_250 })
        {
            using var order = new TimeOrder(chunk);
            clicks.ForEach(click => order.Add(click));

            Assert.Equal(clicks.OrderBy(click => click.TimeMs), order.Events());
        }
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_and_not_replaced()
    {
        var path = Path.Combine(_directory.FullName, "latin1.data");
        File.WriteAllBytes(path, [.. "a b\nf"u8, 0xFC, .. "r c\n"u8]);

        Assert.Contains("iconv", Assert.Throws<StreamRecException>(() => Run(path, ImportFormat.All.Single(f => f.Name == "sequences").Read(path), out _)).Message);
    }

    private List<string> Import(string format, string text) => Import(format, text, out _);

    private List<string> Import(string format, string text, out ImportResult result)
    {
        var path = Write(text);
        return Run(path, ImportFormat.All.Single(known => known.Name == format).Read(path), out result);
    }

    private List<string> Import(string text, TableOptions options)
    {
        var path = Write(text);
        return Run(path, Table.Read(path, options), out _);
    }

    private string Write(string text)
    {
        var path = Path.Combine(_directory.FullName, "some.data");
        File.WriteAllText(path, text);
        return path;
    }

    private List<string> Run(string path, IEnumerable<ImportRow> rows, out ImportResult result)
    {
        using var output = new MemoryStream();
        using var order = new TimeOrder();
        result = ImportRun.Run(path, rows, output, order, _told.Add, default);
        var events = EventLines.Read(new MemoryStream(output.ToArray())).ToList();
        Assert.All(events, line => Assert.True(line.Event is not null, line.Error.ToString()));
        Assert.Equal(result.Events, events.Count);
        return [.. events.Select(line => line.Event!.Value).Select(e => $"{e.EventId} {e.UserId} {e.ItemId} {e.Type} {e.TimeMs}{(e.SessionId == null || e.SessionId == e.UserId ? "" : " " + e.SessionId)}")];
    }
}
