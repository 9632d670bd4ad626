using StreamRec.Import.Times;

namespace StreamRec.Tests.Import;

/// <summary>Times as they stand in foreign files: read as what they are, or refused with what to give.</summary>
public sealed class TimeReaderTests
{
    private const long Second = 1_577_934_245_000;

    [Theory]
    [InlineData("1577934245", Second)]
    [InlineData(" 1577934245 ", Second)]
    [InlineData("1577934245.123", Second + 123)]
    [InlineData("1577934245.0", Second)]
    [InlineData("1.577934245E+09", Second)]
    [InlineData("1577934245123", Second + 123)]
    [InlineData("1577934245123456", Second + 123)]
    [InlineData("1577934245123456789", Second + 123)]
    [InlineData("881250949000", 881_250_949_000)]
    [InlineData("20200102", 1_577_923_200_000)]
    [InlineData("202001020304", Second - 5_000)]
    [InlineData("20200102030405", Second)]
    [InlineData("20200102030405.0", Second)]
    [InlineData("20200102030405123", Second + 123)]
    [InlineData("20200102T030405Z", Second)]
    [InlineData("20200102T030405.123Z", Second + 123)]
    [InlineData("2020-01-02", 1_577_923_200_000)]
    [InlineData("2020/1/2 3:04:05", Second)]
    [InlineData("2020-01-02 03", 1_577_934_000_000)]
    [InlineData("2020-01-02 03:04", Second - 5_000)]
    [InlineData("2020-01-02 03:04:05", Second)]
    [InlineData("2020-01-02 03:04:05 ", Second)]
    [InlineData("2020-01-02T03:04:05.123456789", Second + 123)]
    [InlineData("2020-01-02 03:04:05,123", Second + 123)]
    [InlineData("2020-01-02 03:04:05 UTC", Second)]
    [InlineData("2020-01-02 03:04:05.123456 UTC", Second + 123)]
    [InlineData("2020-01-02 03:04:05 GMT", Second)]
    [InlineData("2020-01-02 03:04:05Z", Second)]
    [InlineData("2020-01-02 03:04:05+00", Second)]
    [InlineData("2020-01-02 03:04:05.5+00:00", Second + 500)]
    [InlineData("2020-01-02T04:34:05+0130", Second)]
    [InlineData("2020-01-01 22:04:05 -05:00", Second)]
    [InlineData("2020-01-02 03:04:05 AM", Second)]
    [InlineData("2020-01-02 3:04:05 pm", Second + 12 * 3_600_000)]
    public void Times_that_read_one_way(string text, long expected)
    {
        Assert.True(Read(new(), text, out var ms, out var problem), problem);
        Assert.Equal(expected, ms);
    }

    [Theory]
    [InlineData("", "no time")]
    [InlineData("never", "--time-pattern")]
    [InlineData("03/04/2020", "--time-pattern")]
    [InlineData("2020-02-30", "--time-pattern")]
    [InlineData("2020-01-02 24:00:00", "--time-pattern")]
    [InlineData("2020-01-02 03:04:05 CET", "--time-pattern")]
    [InlineData("2020-01-02 03:04:05 x", "--time-pattern")]
    [InlineData("2020-01-02 13:04:05 PM", "--time-pattern")]
    [InlineData("1577934245,123", "--time-pattern")]
    [InlineData("1.57793E+09", "lost digits")]
    [InlineData("1.57793E+12", "lost digits")]
    [InlineData("1003", "--start")]
    [InlineData("0", "--start")]
    [InlineData("-5", "--start")]
    [InlineData("14102100", "--start")]
    [InlineData("43832.128", "--start")]
    [InlineData("2020010203", "yyyyMMddHH")]
    [InlineData("1960-01-02", "1973-03-03")]
    public void Others_are_refused_with_what_to_give(string text, string named)
    {
        Assert.False(Read(new(), text, out _, out var problem));
        Assert.Contains(named, problem);
        Assert.Contains(text.Trim(), problem);
    }

    [Theory]
    [InlineData("Seconds", "1577934245", Second)]
    [InlineData("Milliseconds", "200000000000", 200_000_000_000)]
    [InlineData("Microseconds", "1577934245123456", Second + 123)]
    [InlineData("Nanoseconds", "1577934245123456789", Second + 123)]
    [InlineData("Minutes", "26298904", 1_577_934_240_000)]
    [InlineData("Days", "18263", 1_577_923_200_000)]
    public void A_unit_that_is_given_holds(string unit, string text, long expected)
    {
        Assert.True(Read(new(Enum.Parse<TimeUnit>(unit)), text, out var ms, out var problem), problem);
        Assert.Equal(expected, ms);
    }

    [Fact]
    public void Times_that_count_from_a_moment_of_their_own()
    {
        Assert.True(Read(new(TimeUnit.Seconds, StartMs: Second), "1003", out var ms, out _));
        Assert.Equal(Second + 1_003_000, ms);
        Assert.True(Read(new(TimeUnit.Days, StartMs: Second), "0", out ms, out _));
        Assert.Equal(Second, ms);
        Assert.False(Read(new(TimeUnit.Seconds), "1003", out _, out var problem));
        Assert.Contains("--start", problem);
    }

    [Theory]
    [InlineData("Europe/Berlin", "2020-01-02 04:04:05", Second)]
    [InlineData("Europe/Berlin", "20200102040405", Second)]
    [InlineData("+09:00", "2020-01-02 12:04:05", Second)]
    [InlineData("-0530", "2020-01-01 21:34:05", Second)]
    [InlineData("Europe/Berlin", "2020-01-02 03:04:05Z", Second)]
    [InlineData("Europe/Berlin", "1577934245", Second)]
    [InlineData("Europe/Berlin", "2020-07-01 02:00:00", 1_593_561_600_000)]
    public void A_zone_is_that_of_times_without_one(string zone, string text, long expected)
    {
        Assert.True(Read(new(Zone: LocalZone.Parse(zone)), text, out var ms, out var problem), problem);
        Assert.Equal(expected, ms);
    }

    [Fact]
    public void Where_the_clock_is_put_forward_or_back()
    {
        var reader = new TimeReader(new(Zone: LocalZone.Parse("Europe/Berlin")));

        Assert.False(reader.TryRead("2020-03-29 02:30:00"u8, out _, out var problem));
        Assert.Contains("Europe/Berlin", problem);
        Assert.True(reader.TryRead("2020-10-25 02:30:00"u8, out var ms, out _));
        Assert.Equal(new DateTimeOffset(2020, 10, 25, 0, 30, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(), ms);
        Assert.Equal(1, reader.Twice);
    }

    [Theory]
    [InlineData("dd/MM/yyyy HH:mm:ss", null, "02/01/2020 03:04:05", Second)]
    [InlineData("M/d/yyyy h:mm:ss tt", null, "1/2/2020 3:04:05 AM", Second)]
    [InlineData("yyMMddHH", null, "20010203", 1_577_934_000_000)]
    [InlineData("ddd MMM dd HH:mm:ss zzz yyyy", "Europe/Berlin", "Thu Jan 02 03:04:05 +0000 2020", Second)]
    [InlineData("dd/MMM/yyyy:HH:mm:ss", "Europe/Berlin", "02/Jan/2020:04:04:05", Second)]
    [InlineData("MMMM d, yyyy", null, "January 2, 2020", 1_577_923_200_000)]
    public void A_pattern_that_is_given_holds(string pattern, string? zone, string text, long expected)
    {
        var options = new TimeOptions(
            Zone: zone is null ? null : LocalZone.Parse(zone),
            Pattern: TimePattern.Parse(pattern)
        );

        Assert.True(Read(options, text, out var ms, out var problem), problem);
        Assert.Equal(expected, ms);
        Assert.False(Read(options, "2020-01-02T03:04:05Z", out _, out problem));
        Assert.Contains(pattern, problem);
    }

    [Theory]
    [InlineData("%Y-%m-%d")]
    [InlineData("HH:mm")]
    [InlineData("d")]
    [InlineData("yyyy 'MM dd'")]
    [InlineData("")]
    public void A_pattern_that_tells_no_day_is_refused(string pattern)
    {
        var fault = Assert.Throws<StreamRecException>(() => TimePattern.Parse(pattern));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("--time-pattern", fault.Message);
    }

    [Theory]
    [InlineData("Europe/Nowhere")]
    [InlineData("CEST")]
    [InlineData("+99:00")]
    [InlineData("+x")]
    public void A_zone_that_is_none_is_refused(string zone)
    {
        Assert.Contains("--zone", Assert.Throws<StreamRecException>(() => LocalZone.Parse(zone)).Message);
    }

    private static bool Read(TimeOptions options, string text, out long ms, out string problem) =>
        new TimeReader(options).TryRead(System.Text.Encoding.UTF8.GetBytes(text), out ms, out problem);
}
