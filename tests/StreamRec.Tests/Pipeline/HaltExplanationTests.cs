using StreamRec.Pipeline;

namespace StreamRec.Tests.Pipeline;

public sealed class HaltExplanationTests
{
    private static readonly PartitionIdentity s_partition = new("clicks", 3, "uuid", 4, "group");

    public static TheoryData<HaltReason> Reasons =>
        new(Enum.GetValues<HaltReason>().Where(reason => reason != HaltReason.None));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void EveryHaltNamesACommandThatGoesOn(HaltReason reason)
    {
        var text = HaltExplanation.Of(
            s_partition, reason, new LogPosition(7, 1), new ClaimAnswer.Mismatch("field", "before", "now"), new InvalidDataException("why."));

        Assert.Contains("`streamrec recover --topic clicks --group group", text);
        Assert.EndsWith(".", text);
    }

    [Theory]
    [MemberData(nameof(Reasons))]
    public void EveryHaltHasItsPage(HaltReason reason)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StreamRec.sln")))
        {
            folder = folder.Parent!;
        }

        Assert.Contains($"## {reason}", File.ReadAllText(Path.Combine(folder.FullName, "docs", "operations.md")));
    }
}
