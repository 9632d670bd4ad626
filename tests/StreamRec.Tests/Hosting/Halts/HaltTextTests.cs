using StreamRec.Delivery.Ports;
using StreamRec.Delivery.Protocol;
using StreamRec.Delivery.Worker;
using StreamRec.Hosting.Halts;
using StreamRec.Sequences;

namespace StreamRec.Tests.Hosting.Halts;

public sealed class HaltTextTests
{
    private static readonly PartitionIdentity s_partition = new("clicks", 3, "uuid", 4, "group");

    public static TheoryData<HaltReason> Reasons =>
        new(Enum.GetValues<HaltReason>().Where(reason => reason != HaltReason.None));

    public static TheoryData<HaltReason> ReasonsInTheData =>
        new(
            Enum.GetValues<HaltReason>().Where(reason => reason is not (HaltReason.None or HaltReason.ProcessorFailed))
        );

    [Theory]
    [MemberData(nameof(ReasonsInTheData))]
    public void Every_halt_names_a_command_that_goes_on(HaltReason reason)
    {
        var mismatch = new ClaimAnswer.Mismatch(MetaField.Group, "before", "now");
        var text = HaltText.Of(
            new PartitionHalt(s_partition, reason, new LogPosition(7, 1), mismatch, new InvalidDataException("why."))
        );

        Assert.Contains("`streamrec recover --topic clicks --group group", text);
        Assert.EndsWith(".", text);
    }

    /// <summary>
    /// A fault of the code or the model: dropping data would not mend it, and would lose it. A damaged state is another
    /// thing.
    /// </summary>
    [Fact]
    public void A_halt_that_comes_from_the_code_never_advises_to_drop_data()
    {
        string Of(Exception error) =>
            HaltText.Of(
                new PartitionHalt(s_partition, HaltReason.ProcessorFailed, new LogPosition(7, 1), Error: error)
            );

        var text = Of(new ArgumentException("Destination is too short."));
        Assert.Contains("offset 7", text);
        Assert.Contains("Destination is too short.", text);
        Assert.Contains("`streamrec work`", text);
        Assert.DoesNotContain("recover", text);
        Assert.DoesNotContain("rebuild", text);

        Assert.Contains(
            "streamrec recover",
            Of(new UnreadableStateException("u", new InvalidDataException("cut short")))
        );
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_halt_has_its_page(HaltReason reason)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StreamRec.sln")))
        {
            folder = folder.Parent!;
        }
        Assert.Contains($"## {reason}", File.ReadAllText(Path.Combine(folder.FullName, "docs", "operations.md")));
    }
}
