using StreamRec.Commands;

namespace StreamRec.Tests.Commands;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData(FaultKind.Failure, 1)]
    [InlineData(FaultKind.Usage, 2)]
    [InlineData(FaultKind.Input, 3)]
    [InlineData(FaultKind.Unreachable, 4)]
    [InlineData(FaultKind.Halted, 5)]
    public void A_kind_of_fault_ends_with_its_code(FaultKind kind, int code) =>
        Assert.Equal(code, (int)CommandRunner.CodeOf(kind));

    [Fact]
    public void No_two_kinds_of_fault_share_a_code() =>
        Assert.Distinct(Enum.GetValues<FaultKind>().Select(CommandRunner.CodeOf));
}
