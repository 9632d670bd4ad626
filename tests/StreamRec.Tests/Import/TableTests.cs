using StreamRec.Import.Formats;

namespace StreamRec.Tests.Import;

/// <summary>Tables by named columns, as all kinds of programs write them.</summary>
public sealed class TableTests : IDisposable
{
    private static readonly TableOptions s_plain = new() { User = "u", Item = "i" };
    private static readonly TableOptions s_timed = s_plain with { Time = "t" };

    private readonly ImportFixture _import = new();

    public void Dispose() => _import.Dispose();

    [Fact]
    public void Csv_by_named_columns_with_quotes()
    {
        const string Text =
            "when,who,\"what, exactly\",how,id,visit\r\n"
            + "2026-01-01 00:00:01,u1,\"a \"\"b\"\",\nc\",view,e1,s1\r\n2026-01-01T00:00:00.250Z,u2,d,click,e2,\r\n";

        var events = _import.Csv(
            Text,
            new TableOptions
            {
                User = "who",
                Item = "what, exactly",
                Time = "when",
                Type = "how",
                Event = "id",
                Session = "visit",
            }
        );

        Assert.Equal(["e2", "e1"], events.Select(e => e.EventId));
        Assert.Equal(["u2 d click 1767225600250", "u1 a \"b\",\nc view 1767225601000 s1"], ImportFixture.Texts(events));
    }

    [Fact]
    public void Columns_give_segments()
    {
        var options = s_plain with { Segments = SegmentColumn.Parse(["age=years/10", "land=land"]) };
        var events = _import.Csv("u,i,years,land\nv,a,25,DE\nw,b,,\nx,c,old,NULL\n", options);

        Assert.Equal(
            ["age:20-29 land:DE", "", "age:old"],
            events.Select(read => string.Join(' ', read.Segments ?? []))
        );
    }

    [Theory]
    [InlineData("age")]
    [InlineData("=age")]
    [InlineData("age=")]
    [InlineData("age=/10")]
    [InlineData("a:b=c")]
    public void A_segment_that_names_no_column_is_refused(string text) =>
        Assert.Contains(text, Assert.Throws<StreamRecException>(() => SegmentColumn.Parse([text])).Message);

    [Fact]
    public void Tsv_has_no_quotes()
    {
        const string Text = "u\ti\ttitle\nv\ta\t\"Weird Al\" Someone\nv\tb\t\"Heroes\nv\tc\t12\" Mix\nv\t\"d\"\tx\n";

        Assert.Equal(["a", "b", "c", "\"d\""], _import.Tsv(Text, s_plain).Select(e => e.ItemId));
        Assert.Contains(_import.Told, told => told.Contains("stand in quotes", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_header_columns_have_numbers()
    {
        Assert.Equal(
            ["u i click 946684800000", "v j click 946684801000"],
            ImportFixture.Texts(
                _import.Tsv(
                    "i\tu\nj\tv\n",
                    new TableOptions
                    {
                        User = "2",
                        Item = "1",
                        Header = false,
                    }
                )
            )
        );
    }

    [Theory]
    [InlineData("v,a,12\" x,1577934245\n")]
    [InlineData("v,a,\"Weird Al\" x,1577934245\n")]
    [InlineData("v,a,\"Heroes,1577934245\n")]
    [InlineData("v,a,\"\"\",1577934245\n")]
    public void A_stray_quote_costs_no_row(string row)
    {
        var events = _import.Csv(
            "u,i,size\",t\n" + row + "v,b,c,1577934246\nv,c,\"Trans\" live,1577934247\nv,d,\"e\",1577934248\n",
            s_timed
        );

        Assert.Equal(["a", "b", "c", "d"], events.Select(e => e.ItemId));
        Assert.Contains(
            $"the first at line {(row.Contains("12", StringComparison.Ordinal) ? 4 : 2)}",
            Assert.Single(_import.Told)
        );
    }

    [Fact]
    public void A_quote_that_another_row_seems_to_close_hides_no_row_that_has_a_time()
    {
        // The quote of the first row would end with that of the third.
        const string Text =
            "t,u,i,title\n1577934245,v,a,\"Heroes\n1577934246,v,b,Trans\n1577934247,v,c,Live\"\n1577934248,v,d,x\n";

        Assert.Equal(["a", "b", "c", "d"], _import.Csv(Text, s_timed).Select(e => e.ItemId));
    }

    [Fact]
    public void A_field_of_several_lines_stays_one()
    {
        const string Text =
            "u,i,review,t\nv,a,\"Dear all,\n\ngood, but\r\nlate\",1577934245\nv,b,\"one\nmore\",1577934246\n";

        Assert.Equal(["a", "b"], _import.Csv(Text, s_timed).Select(e => e.ItemId));
        Assert.Empty(_import.Told);
    }

    [Fact]
    public void Where_no_time_tells_a_row_of_many_lines_is_told()
    {
        Assert.Equal(
            ["a", "d"],
            _import.Csv("u,i,title\nv,a,\"Heroes\nv,b,Trans\nv,c,Live\"\nv,d,x\n", s_plain).Select(e => e.ItemId)
        );
        Assert.Contains(_import.Told, told => told.Contains("line 2 runs over 3 lines", StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_rows_are_told_by_the_line_they_begin_on_blank_lines_counted()
    {
        var events = _import.Csv("\nu,i,t\n\n1,\"two\nlines\",881250949\n1,2\n\n \n1,3,x\n1,4,881250950\n", s_timed);

        Assert.Equal(["two\nlines", "4"], events.Select(e => e.ItemId));
        Assert.Equal(["FILE:6:", "FILE:9:"], _import.Told.Take(2).Select(told => told[..7]));
    }

    [Theory]
    [InlineData("u;i;t\n1;a;881250949\n", null)]
    [InlineData("u|i|t\n1|a|881250949\n", null)]
    [InlineData("u\ti\tt\n1\t\"a\"\t881250949\n", null)]
    [InlineData("sep=;\nu;i;t\n1;a;881250949\n", null)]
    [InlineData("u::i::t\n1::a::881250949\n", "::")]
    [InlineData("u;x,y;i;t\n1;,;a;881250949\n", "semicolon")]
    public void Separators_of_many_kinds(string text, string? separator)
    {
        Assert.Equal(["1 a click 881250949000"], ImportFixture.Texts(_import.Csv(text, s_timed, separator)));
        Assert.Equal(separator is null && !text.StartsWith("sep", StringComparison.Ordinal), _import.Told.Count == 1);
    }

    [Fact]
    public void A_separator_that_is_not_taken_is_told_where_a_column_is_missing()
    {
        Assert.Contains(
            "--separator semicolon",
            Assert.Throws<StreamRecException>(() => _import.Csv("u;i;\"a,b\"\n1;2;3\n", s_plain)).Message
        );
        Assert.Contains(
            "import csv",
            Assert.Throws<StreamRecException>(() => _import.Tsv("u,i\n1,2\n", s_plain)).Message
        );
        Assert.Contains("jq", Assert.Throws<StreamRecException>(() => _import.Csv("{\"u\":1}\n", s_plain)).Message);
    }

    [Fact]
    public void A_column_that_is_not_there_is_named_with_those_that_are()
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            _import.Csv("user, Item \n1,2\n", new TableOptions { User = "user", Item = "product" })
        );

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("--item is 'product'", fault.Message);
        Assert.Contains("user,  Item ", fault.Message);
        Assert.Equal(
            ["2"],
            _import.Csv("user, item \n1,2\n", new TableOptions { User = "user", Item = "item" }).Select(e => e.ItemId)
        );
        Assert.Contains("--no-header", Assert.Throws<StreamRecException>(() => _import.Csv("7,9\n", s_plain)).Message);
    }

    [Fact]
    public void Of_two_columns_of_one_name_none_is_taken_but_by_number()
    {
        var fault = Assert.Throws<StreamRecException>(() => _import.Csv("u,i,i\n1,10,A\n", s_plain));

        Assert.Contains("'#2' or '#3'", fault.Message);
        Assert.Equal(["A"], _import.Csv("u,i,i\n1,10,A\n", s_plain with { Item = "#3" }).Select(e => e.ItemId));
    }

    [Fact]
    public void Markers_of_no_value_are_no_users_and_counted()
    {
        const string Text = "u,i,k,s\nNA,a,view,\nnull,b,view,x\n,c,,\n\\N,d,,\n1,NaN,view,-\n1,e,NULL,None\n-,f,,\n";

        Assert.Equal(
            ["1 e click 946684800000"],
            ImportFixture.Texts(_import.Csv(Text, s_plain with { Type = "k", Session = "s" }))
        );
        Assert.Equal((5, 1), (_import.Result.Bad["user"], _import.Result.Bad["item"]));
        Assert.Contains("'NA'", _import.Told[0]);
        Assert.Equal(
            ["NA a", "\\N d", "1 NaN", "1 e"],
            _import
                .Csv(Text, s_plain with { Nulls = TableOptions.Markers(["null", "-"]) })
                .Select(e => $"{e.UserId} {e.ItemId}")
        );
    }

    [Fact]
    public void Spaces_around_ids_are_told_or_cut()
    {
        Assert.Equal([" a", "b "], _import.Csv("u,i\n1, a\n1,b \n", s_plain).Select(e => e.ItemId));
        Assert.Contains(_import.Told, told => told.Contains("--trim", StringComparison.Ordinal));
        Assert.Equal(["a", "b"], _import.Csv("u,i\n1, a\n1,b \n", s_plain with { Trim = true }).Select(e => e.ItemId));
    }

    [Fact]
    public void What_is_quoted_of_a_file_is_cut_and_printable()
    {
        _import.Csv($"u,i,t\n1,a,{new string('x', 300_000)}\n1,b,\u001b[31mred\u202e\n1,c,1577934245\n", s_timed);

        Assert.All(_import.Told, told => Assert.True(told.Length < 400, told));
        Assert.Contains("\\u001b[31mred\\u202e", _import.Told[1]);
    }

    [Fact]
    public void A_line_beyond_all_bounds_is_one_bad_row()
    {
        Assert.Equal(
            ["a", "b"],
            _import.Csv($"u,i\n1,a\n1,{new string('x', 3 << 20)}\n1,b\n", s_plain).Select(e => e.ItemId)
        );
        Assert.Contains("FILE:3: the line has more than", _import.Told[0]);
    }

    [Fact]
    public void Latin1_is_refused_by_line_where_it_would_become_an_id_alone()
    {
        byte[] text = [.. "u,i,title\n1,a,caf"u8, 0xE9, .. "\n1,b,x\n"u8];

        Assert.Equal(["a", "b"], _import.Csv(_import.Write(text), null, s_plain).Select(e => e.ItemId));
        var fault = Assert.Throws<StreamRecException>(() =>
            _import.Csv(_import.Write(text), null, s_plain with { Item = "title" })
        );
        Assert.Contains("line 2", fault.Message);
    }

    [Fact]
    public void Line_ends_of_old_macintoshes()
    {
        Assert.Equal(["a", "b"], _import.Csv("u,i\r1,a\r1,b\r", s_plain).Select(e => e.ItemId));
    }
}
