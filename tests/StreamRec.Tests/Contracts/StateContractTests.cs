using StreamRec.Events;
using StreamRec.Sequences;

namespace StreamRec.Tests.Contracts;

/// <summary>schemas/state.md, the golden states and the codec say the same.</summary>
public class StateContractTests
{
    private const long Time = 1767225600250;

    /// <summary>The state of the page's example.</summary>
    private static UserSequence Example() =>
        Fold(
            2,
            [
                new("0197c2a4-9b1f-7e32-8d14-2f6f0e6b9a50", "u", "sku-0007", "view", Time - 60_000),
                new("0197c2a4-9b1f-7e32-8d14-2f6f0e6b9a51", "u", "sku-0242", "click", Time),
                new("0197c2a4-9b20-7000-8000-00000000002a", "u", "sku-0250", "wishlist", Time + 1_000),
            ]
        );

    /// <summary>
    /// A state for each form of text, each flag and each kind of type. Never changed: what was written stays readable.
    /// </summary>
    public static TheoryData<string> Golden =>
        [
            .. ContractFiles
                .Golden("states-v1.txt")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('\t')[0]),
        ];

    [Fact]
    public void The_pages_bytes_are_the_pages_state()
    {
        var page = ContractFiles.Schema("state.md");
        var rows = page[page.IndexOf("| bytes | meaning |", StringComparison.Ordinal)..]
            .Split('\n')
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'));
        var bytes = string.Concat(rows.Select(row => row.Split('|')[1].Trim(' ', '`')));

        Assert.Equal(bytes, Convert.ToHexString(StateCodec.Encode(Example())));
        AssertSame(Example(), StateCodec.Decode(Convert.FromHexString(bytes)));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Golden_states_are_read_and_written_as_ever(string name)
    {
        var line = ContractFiles
            .Golden("states-v1.txt")
            .Split('\n')
            .Single(l => l.StartsWith(name + "\t", StringComparison.Ordinal))
            .Split('\t');
        var state = StateCodec.Decode(Convert.FromHexString(line[1]));

        Assert.Equal(line[2], Print(state));
        Assert.Equal(line[1], Convert.ToHexString(StateCodec.Encode(state)));
    }

    [Fact]
    public void Every_form_and_flag_has_a_golden_state()
    {
        var names = ContractFiles
            .Golden("states-v1.txt")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('\t')[0]);
        Assert.Equal(Samples().Select(sample => sample.Name), names);
        foreach (var (name, state) in Samples())
        {
            var line = ContractFiles
                .Golden("states-v1.txt")
                .Split('\n')
                .Single(l => l.StartsWith(name + "\t", StringComparison.Ordinal));
            Assert.Equal($"{name}\t{Convert.ToHexString(StateCodec.Encode(state))}\t{Print(state)}", line);
        }
    }

    [Fact]
    public void Any_ids_come_back()
    {
        var random = new Random(17);
        for (var round = 0; round < 3_000; round++)
        {
            var clicks = Enumerable
                .Range(0, random.Next(1, 12))
                .Select(i => new ClickEvent(
                    AnyId(random) + "~" + i,
                    "u",
                    AnyId(random),
                    random.Next(3) == 0 ? AnyId(random)[..1] : "click",
                    Time + random.Next(5) * 250
                ))
                .Concat(Enumerable.Range(0, 3).Select(i => new ClickEvent(i + AnyId(random), "u", "i", "click", Time)));
            var state = Fold(random.Next(1, 10), clicks);

            AssertSame(state, StateCodec.Decode(StateCodec.Encode(state)));
        }
    }

    [Theory]
    [InlineData("counter", 1_050)]
    [InlineData("hex-objectid", 1_950)]
    [InlineData("ulid", 2_750)]
    [InlineData("uuid", 2_350)]
    public void A_full_window_of_50_fits(string ids, int mostBytes)
    {
        var random = new Random(1);
        var time = Time;
        var clicks = Enumerable
            .Range(0, 150)
            .Select(i =>
            {
                time += random.Next(1, 3_600_000);
                var id = ids switch
                {
                    "counter" => $"e{1_000_000 + i * 40_000 + random.Next(40_000):D12}",
                    "hex-objectid" => $"{time / 1000:x8}5f2a9c31d7{i * 977:x6}",
                    "ulid" => string.Concat(
                        "01JGFJJZ",
                        string.Concat(
                            Enumerable.Range(0, 18).Select(_ => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random.Next(32)])
                        )
                    ),
                    _ => AnyUuid(random),
                };
                return new ClickEvent(
                    id,
                    "u",
                    random.Next(1, 50_001).ToString(System.Globalization.CultureInfo.InvariantCulture),
                    "click",
                    time
                );
            });

        var state = Fold(99, clicks);

        Assert.Equal(99, state.Events.Count);
        Assert.InRange(StateCodec.Encode(state).Length, 1, mostBytes);
    }

    [Fact]
    public void A_newer_version_is_refused_by_its_number()
    {
        var bytes = StateCodec.Encode(Example());
        bytes[0] = 2;
        Assert.Contains("version is 2", Assert.Throws<InvalidDataException>(() => StateCodec.Decode(bytes)).Message);
    }

    /// <summary>Names and states of the golden file, which is made from them once.</summary>
    internal static IEnumerable<(string Name, UserSequence State)> Samples()
    {
        yield return ("empty", new UserSequence());
        yield return ("example", Example());
        yield return (
            "whole-seconds",
            Fold(3, [new("1", "u", "10", "rating", 1767225600000), new("2", "u", "9", "rating", 1767225601000)])
        );
        yield return ("late-epoch", Fold(3, [new("1", "u", "1", "click", Time)], epoch: 7, offset: long.MaxValue - 1));
        yield return (
            "step",
            Fold(
                3,
                [
                    new("a-0099", "u", "i1", "click", Time),
                    new("a-0100", "u", "i22", "click", Time),
                    new("a-0101", "u", "i21", "click", Time),
                ]
            )
        );
        yield return (
            "decimal",
            Fold(3, [new("9999999999999999999", "u", "100", "click", Time), new("7", "u", "5", "click", Time + 1)])
        );
        yield return (
            "uuid",
            Fold(
                3,
                [
                    new(
                        "6f9619ff-8b86-d011-b42d-00c04fc964ff",
                        "u",
                        "6F9619FF-8B86-D011-B42D-00C04FC964FF",
                        "click",
                        Time
                    ),
                ]
            )
        );
        yield return (
            "hex",
            Fold(
                3,
                [
                    new("66f2c1d05f2a9c31d7000001", "u", "AB12CD", "click", Time),
                    new("66f2c1d15f2a9c31d7000002", "u", "AB12EF", "click", Time + 1),
                ]
            )
        );
        yield return (
            "text",
            Fold(3, [new("grün-ä", "u", "Tee 🍵", "click", Time), new("grün-ö", "u", "Tee 🍰", "click", Time + 1)])
        );
        yield return (
            "types",
            Fold(20, EventTypes().Select((type, i) => new ClickEvent($"e{i}", "u", "i", type, Time + i)))
        );
    }

    private static string[] EventTypes() =>
        ["click", "view", "cart", "purchase", "like", "dislike", "rating", "share", "wishlist", "wishlist", "ü"];

    private static UserSequence Fold(int kept, IEnumerable<ClickEvent> clicks, int epoch = -1, long offset = 40)
    {
        var sequence = new UserSequence();
        foreach (var click in clicks)
        {
            sequence.Apply(EventText.Of(click), offset++, epoch, Time + 12, new SequenceOptions { Kept = kept });
        }
        return sequence;
    }

    private static string Print(UserSequence state)
    {
        var events = state.Events.Select(e => $"{e.Key.TimeMs} {e.Key.EventId} {e.ItemId} {e.Type}");
        return string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"accepted {state.Accepted}, offset {state.LastOffset}, epoch {state.LastEpoch}, "
                + $"record {state.LastRecordMs}, "
                + $"floor {(state.Floor is { } floor ? $"{floor.TimeMs} {floor.EventId}" : "none")}, "
                + $"events {string.Join("; ", events)}"
        );
    }

    private static void AssertSame(UserSequence expected, UserSequence actual)
    {
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(
            (expected.Floor, expected.Accepted, expected.LastOffset, expected.LastEpoch, expected.LastRecordMs),
            (actual.Floor, actual.Accepted, actual.LastOffset, actual.LastEpoch, actual.LastRecordMs)
        );
    }

    private static string AnyUuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    private static string AnyId(Random random) =>
        random.Next(9) switch
        {
            0 => AnyUuid(random),
            1 => AnyUuid(random).ToUpperInvariant(),
            2 => random.NextInt64(0, 300).ToString(System.Globalization.CultureInfo.InvariantCulture),
            3 => $"item-{random.NextInt64(0, 3000):D3}",
            4 => Convert.ToHexString(BitConverter.GetBytes(random.NextInt64())),
            5 => Convert.ToHexStringLower(BitConverter.GetBytes(random.NextInt64(0, 70_000))),
            6 => new string('9', random.Next(1, 30)),
            7 => new string('0', random.Next(1, 30)) + random.Next(200),
            _ => "é" + (char)('a' + random.Next(26)) + "🍵" + random.Next(50),
        };
}
