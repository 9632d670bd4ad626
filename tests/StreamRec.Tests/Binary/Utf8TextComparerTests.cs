using StreamRec.Binary;

namespace StreamRec.Tests.Binary;

public class Utf8TextComparerTests
{
    [Fact]
    public void Texts_are_found_by_their_bytes_and_no_others_are()
    {
        string[] texts =
        [
            "",
            "a",
            "b",
            "ab",
            "ä",
            "a\u0308",
            "é",
            "é1",
            "日本",
            "🍵",
            "🍵🍵",
            new('x', 600),
            new('é', 600),
            "item-0000001",
        ];
        var numbers = new Dictionary<string, int>(Utf8TextComparer.Instance);
        for (var i = 0; i < texts.Length; i += 2)
        {
            numbers.Add(texts[i], i);
        }
        var byBytes = numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var i = 0; i < texts.Length; i++)
        {
            var found = byBytes.TryGetValue(System.Text.Encoding.UTF8.GetBytes(texts[i]), out var number);

            Assert.Equal((i % 2 == 0, i % 2 == 0 ? i : 0), (found, number));
            Assert.Equal(found, numbers.ContainsKey(texts[i]));
        }
        Assert.False(byBytes.TryGetValue([0xC3], out _));
    }
}
