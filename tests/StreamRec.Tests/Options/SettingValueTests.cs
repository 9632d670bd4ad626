using StreamRec.Events;
using StreamRec.Kafka.Topics;
using StreamRec.Options;
using StreamRec.Settings;

namespace StreamRec.Tests.Options;

public sealed class SettingValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("500ms", 0.5)]
    [InlineData("30s", 30)]
    [InlineData("1.5m", 90)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    [InlineData("00:00:30", 30)]
    [InlineData("0:0:5", 5)]
    [InlineData("0:00:00.25", 0.25)]
    [InlineData("24:00:00", 86_400)]
    [InlineData("1.02:00:00", 93_600)]
    public void A_duration_says_its_unit(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
        Assert.True(Duration.TryParse(Duration.Show(duration), out var again));
        Assert.Equal(duration, again);
    }

    [Theory]
    [InlineData("30")]
    [InlineData("1:30")]
    [InlineData("-5s")]
    [InlineData("0,5s")]
    [InlineData("00:99:00")]
    [InlineData("1.25:00:00")]
    [InlineData("9999999d")]
    [InlineData("soon")]
    public void What_could_be_another_duration_is_none(string text) =>
        Assert.Contains("30s", SettingValue.Read(typeof(TimeSpan), text, out _));

    [Theory]
    [InlineData(typeof(float), "0,5", "0.5")]
    [InlineData(typeof(float), "1.000", "1 or 1000")]
    [InlineData(typeof(double), "1.234.567", "1234567")]
    [InlineData(typeof(double), "1,234.5", "without commas")]
    [InlineData(typeof(double), "Infinity", "a number")]
    [InlineData(typeof(int), "1.000", "digits alone")]
    [InlineData(typeof(int), "1e3", "digits alone")]
    [InlineData(typeof(int), "99999999999", "larger")]
    [InlineData(typeof(int), " ", "empty")]
    [InlineData(typeof(bool), "yes", "true or false")]
    public void A_number_of_another_culture_is_refused(Type type, string text, string advice) =>
        Assert.Contains(advice, SettingValue.Read(type, text, out _));

    [Fact]
    public void Every_setting_of_the_worker_can_be_given_as_text()
    {
        // All but Kafka, which holds settings of the client by name.
        foreach (
            var setting in Setting.Of(typeof(WorkOptions)).Where(setting => setting.Name != nameof(WorkOptions.Kafka))
        )
        {
            var type = Nullable.GetUnderlyingType(setting.Property.PropertyType) ?? setting.Property.PropertyType;
            var text =
                type == typeof(bool) ? "true"
                : type == typeof(TimeSpan) ? "30s"
                : "1";

            Assert.Null(SettingValue.Read(setting.Property.PropertyType, text, out var value));
            Assert.IsType(type, value);
        }
    }

    [Theory]
    [InlineData(typeof(double), "0.125", 0.125)]
    [InlineData(typeof(double), "-1e-3", -0.001)]
    [InlineData(typeof(double), "1000", 1000.0)]
    [InlineData(typeof(int), "-7", -7)]
    [InlineData(typeof(bool), "True", true)]
    public void A_plain_value_is_read(Type type, string text, object expected)
    {
        Assert.Null(SettingValue.Read(type, text, out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("listsize", "ListSize")]
    [InlineData("LIST_SIZE", "ListSize")]
    [InlineData("ListSzie", "ListSize")]
    [InlineData("Idle", "IdleExpiry")]
    [InlineData("Nope", null)]
    public void The_nearest_name_is_found(string mistyped, string? meant) =>
        Assert.Equal(meant, Nearest.Of(mistyped, ["Types", "ListSize", "IdleExpiry"]));

    [Theory]
    [InlineData("1767225600", "1767225600000")]
    [InlineData("1767225600000000", "milliseconds")]
    [InlineData("01/02/2026", "2026-01-31")]
    [InlineData("12:00", "2026-01-31")]
    public void A_time_that_could_be_another_is_refused(string text, string advice) =>
        Assert.Contains(advice, Assert.Throws<StreamRecException>(() => StartPosition.Parse(text)).Message);

    [Theory]
    [InlineData("1767225600000")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T01:00:00+01:00")]
    [InlineData("2026-01-01 00:00:00")]
    public void A_time_is_read(string text) =>
        Assert.Equal(1767225600000, StartPosition.Parse(text).Time!.Value.ToUnixTimeMilliseconds());

    [Fact]
    public void What_is_quoted_is_cut_and_printable()
    {
        var quoted = Excerpt.Of("\e[31m" + new string('x', 300_000));

        Assert.StartsWith("\\u001b[31m", quoted);
        Assert.InRange(quoted.Length, 128, 160);
    }
}
