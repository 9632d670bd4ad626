using StreamRec.Binary;

namespace StreamRec.Tests.Binary;

public class CompactTextTests
{
    [Theory]
    [InlineData(100, 28, true)]
    [InlineData(100, 29, false)]
    [InlineData(0, 128, true)]
    [InlineData(0, 129, false)]
    public void A_text_has_at_most_128_bytes(int shared, int rest, bool readable)
    {
        var writer = new VarintWriter(16);
        writer.Unsigned((ulong)shared);
        writer.Text(Ascii('y', rest));

        Check(writer, TextForm.Text, Ascii('x', 128), readable ? [.. Ascii('x', shared), .. Ascii('y', rest)] : null);
    }

    [Theory]
    [InlineData(120, 4, true)]
    [InlineData(120, 5, false)]
    [InlineData(0, 64, true)]
    [InlineData(0, 65, false)]
    public void A_text_of_hex_digits_has_at_most_128_bytes(int shared, int packed, bool readable)
    {
        var writer = new VarintWriter(16);
        writer.Unsigned((ulong)shared);
        writer.Unsigned((ulong)packed);
        writer.Bytes(new byte[packed]);

        Check(
            writer,
            TextForm.Hex,
            Ascii('x', 128),
            readable ? [.. Ascii('x', shared), .. Ascii('0', 2 * packed)] : null
        );
    }

    [Theory]
    [InlineData(127, 1, true)]
    [InlineData(128, 1, false)]
    public void A_text_that_steps_has_at_most_128_bytes(int length, long step, bool readable)
    {
        var writer = new VarintWriter(16);
        writer.Signed(step);

        Check(
            writer,
            TextForm.Step,
            [.. Ascii('x', length - 1), (byte)'9'],
            readable ? [.. Ascii('x', length - 1), (byte)'1', (byte)'0'] : null
        );
    }

    [Fact]
    public void Only_ascii_is_shared_and_only_from_within_the_text_before()
    {
        foreach (var shared in (int[])[1, 2, 3, 4])
        {
            var writer = new VarintWriter(16);
            writer.Unsigned((ulong)shared);
            writer.Text("z"u8);

            Check(writer, TextForm.Text, "aé"u8.ToArray(), shared == 1 ? "az"u8.ToArray() : null);
        }
    }

    private static void Check(VarintWriter writer, TextForm form, byte[] previous, byte[]? expected)
    {
        var bytes = writer.ToArray();
        byte[] Read()
        {
            var reader = new VarintReader(bytes);
            var into = new byte[CompactText.MaxBytes];
            return into[..CompactText.Read(ref reader, form, previous, into)];
        }
        if (expected is null)
        {
            Assert.Throws<InvalidDataException>(Read);
        }
        else
        {
            Assert.Equal(expected, Read());
        }
    }

    private static byte[] Ascii(char character, int count) => [.. Enumerable.Repeat((byte)character, count)];
}
