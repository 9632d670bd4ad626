using StreamRec.Events;

namespace StreamRec.Tests.Events;

public class ExcerptTests
{
    [Theory]
    [InlineData("sku 1 – ü 日本 😀", "sku 1 – ü 日本 😀")]
    [InlineData("\u001b[31mred\r\n", "\\u001b[31mred\\u000d\\u000a")]
    [InlineData("a\u202eb\u200bc\u2028\u009b", "a\\u202eb\\u200bc\\u2028\\u009b")]
    public void What_a_terminal_would_obey_or_hide_is_spelled_out(string text, string shown)
    {
        Assert.Equal(shown, Excerpt.Of(text));
        Assert.Equal(shown, Excerpt.Of(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Long_data_are_cut_and_their_length_told()
    {
        Assert.Equal(new string('x', Excerpt.MostChars) + "… (300000 long)", Excerpt.Of(new string('x', 300_000)));
        Assert.Equal(
            new string('x', Excerpt.MostChars) + "… (300000 long)",
            Excerpt.Of(
                new byte[300_000]
                    .Select(_ => (byte)'x')
                    .ToArray()
            )
        );
    }

    [Fact]
    public void Bytes_and_halves_of_pairs_that_are_no_text_are_shown_too()
    {
        Assert.Equal("a\uFFFDb", Excerpt.Of([(byte)'a', 0xFF, (byte)'b']));
        Assert.Equal("a\uFFFDb", Excerpt.Of("a\ud800b"));
    }
}
