using System.Text;
using StreamRec.Import.Formats;
using StreamRec.Import.Rows;
using StreamRec.Tests.Events;

namespace StreamRec.Tests.Import;

public sealed class FieldReaderTests
{
    private static readonly string[] s_pieces = ["a", "ü", "\"", ",", "\n", "\r\n", "\r", " ", "", "xyz"];

    [Fact]
    public void Lines_come_whole_and_numbered_however_the_stream_is_cut()
    {
        var random = new Random(7);
        string[] ends = ["\n", "\r\n", "\r"];
        for (var round = 0; round < 200; round++)
        {
            string[] lines =
            [
                .. Enumerable.Range(0, random.Next(1, 40)).Select(i => new string('x', random.Next(12)) + i),
            ];
            var text = string.Concat(lines.Select(line => line + ends[random.Next(3)]));
            var buffer = new LineBuffer(new Dribble(System.Text.Encoding.UTF8.GetBytes(text), random, 30));

            var read = new List<string>();
            while (buffer.Next())
            {
                read.Add(System.Text.Encoding.UTF8.GetString(buffer.Record));
                Assert.Equal(read.Count, buffer.Number);
            }
            Assert.Equal(lines, read);
        }
    }

    [Fact]
    public void Whatever_stands_in_quotes_comes_back_as_it_was()
    {
        var random = new Random(8);
        for (var round = 0; round < 500; round++)
        {
            var width = random.Next(1, 5);
            string[][] rows =
            [
                .. Enumerable
                    .Range(0, random.Next(1, 12))
                    .Select(_ =>
                        Enumerable
                            .Range(0, width)
                            .Select(_ =>
                                "f"
                                + string.Concat(
                                    Enumerable
                                        .Range(0, random.Next(4))
                                        .Select(_ => s_pieces[random.Next(s_pieces.Length)])
                                )
                            )
                            .ToArray()
                    ),
            ];
            var text = string.Concat(rows.Select(row => string.Join(',', row.Select(Quoted)) + "\n"));

            Assert.Equal(rows, Read(text, width, random).Select(row => row.Fields));
        }
    }

    [Fact]
    public void However_quotes_are_strewn_a_row_without_any_is_never_lost()
    {
        var random = new Random(9);
        for (var round = 0; round < 500; round++)
        {
            string[] rows =
            [
                .. Enumerable
                    .Range(0, 30)
                    .Select(i =>
                    {
                        var row = new StringBuilder($"100{i:D2},u{i},t{i}");
                        if (random.Next(4) == 0)
                        {
                            row.Insert(random.Next(6, row.Length + 1), '"');
                        }
                        return row.ToString();
                    }),
            ];

            var read = Read(string.Join('\n', rows), 3, random, time: 0).Select(row => row.Fields[0]).ToHashSet();

            Assert.All(rows.Where(row => !row.Contains('"')), row => Assert.Contains(row.Split(',')[0], read));
        }
    }

    /// <summary>Its last line ends as a row does, and is none.</summary>
    [Fact]
    public void A_text_of_two_lines_in_front_of_the_time_is_one_field()
    {
        var rows = Read("\"it said: a\nb\",u1,10001\nc,u2,10002\n", 3, new Random(10), time: 2);

        Assert.Equal(
            [(1, "it said: a\nb|u1|10001"), (3, "c|u2|10002")],
            rows.Select(row => (row.Line, string.Join('|', row.Fields)))
        );
    }

    private static string Quoted(string field) =>
        field.IndexOfAny(['"', ',', '\n', '\r']) < 0
            ? field
            : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static List<(long Line, string[] Fields)> Read(string text, int width, Random random, int? time = null)
    {
        var fields = new FieldReader(
            new LineBuffer(new Dribble(System.Text.Encoding.UTF8.GetBytes(text), random, 30)),
            ","u8.ToArray(),
            quoted: true
        )
        {
            Width = width,
            Time = time is { } column ? (column, text => text.Length == 5 && text.StartsWith("100"u8)) : null,
        };
        var rows = new List<(long, string[])>();
        while (fields.Next())
        {
            rows.Add(
                (
                    fields.Line,
                    [
                        .. Enumerable
                            .Range(0, fields.Count)
                            .Select(i =>
                                System.Text.Encoding.UTF8.GetString(fields[i]) is var field
                                && fields.HasDoubledQuotes(i)
                                    ? field.Replace("\"\"", "\"", StringComparison.Ordinal)
                                    : field
                            ),
                    ]
                )
            );
        }
        return rows;
    }
}
