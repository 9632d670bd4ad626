using StreamRec.Lists;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Fuzzing;

/// <summary>Users' lists, as a reader finds them in Redis.</summary>
internal sealed class ListTarget : FuzzTarget
{
    public override string Name => "list";

    public override FuzzCorpus Corpus { get; } =
        new(
            [
                System.Text.Encoding.UTF8.GetBytes(ContractFiles.Golden("list.json")),
                System.Text.Encoding.UTF8.GetBytes(ContractFiles.Golden("popular.json")),
                """{"format":1,"kind":"model","model":"m","items":[],"scores":[]}"""u8.ToArray(),
                (
                    """{"format":1,"kind":"later","model":"m","items":["a","b"],"scores":"""u8
                    + """[1e38,-0.5],"more":{"deep":[[[1]]]},"options":"o","written_at":9}"""u8
                ).ToArray(),
            ],
            [
                .. new[]
                {
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "null",
                    "true",
                    "-",
                    "1e999",
                    "-1e999",
                    "NaN",
                    "\"items\":",
                    "\"items\":[null]",
                    "\"scores\":[1e39]",
                    "\"scores\":",
                    "\"kind\":null",
                    "\"model\":null",
                    "\"through\":{}",
                    "\"last_event\":{}",
                    "\"options\":null",
                    "\"format\":1,",
                    "\"format\":2",
                    "\\u0000",
                    "\\ud800",
                    "99999999999999999999",
                    "\u2028",
                    "\uFEFF",
                    "/* */",
                }.Select(System.Text.Encoding.UTF8.GetBytes),
                [0xFF],
                [0xC0, 0x80],
                [0xED, 0xA0, 0x80],
                [0xE2, 0x82],
            ]
        );

    // Texts of two bytes a character, lists that grow by doubling; bad JSON costs exceptions, which quote it.
    public override long FixedBytes => 32_768;

    public override long BytesPerByte => 64;

    public override object? Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            return PublishedList.Parse(input.Span);
        }
        catch (InvalidDataException fault)
        {
            Assert.NotEmpty(fault.Message);
            return null;
        }
    }

    public override bool Same(object first, object second) =>
        ((PublishedList)first).ToJson() == ((PublishedList)second).ToJson();

    public override void Check(object parsed)
    {
        var list = (PublishedList)parsed;
        Assert.Equal(list.Items.Count, list.Scores.Count);
        Assert.NotNull(list.Kind);
        Assert.NotNull(list.Model);
        Assert.NotNull(list.Options);
        Assert.All(list.Items, Assert.NotNull);
        Assert.All(list.Scores, score => Assert.True(float.IsFinite(score)));
        Assert.NotNull(list.LastEvent?.Id ?? "");
        var back = PublishedList.Parse(System.Text.Encoding.UTF8.GetBytes(list.ToJson()));
        Assert.Equal(list.ToJson(), back.ToJson());
        Assert.Equal(
            (list.LastEvent, list.Through, list.WrittenAtMs),
            (back.LastEvent, back.Through, back.WrittenAtMs)
        );
    }
}
