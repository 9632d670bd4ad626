using Xunit.Abstractions;

namespace StreamRec.Tests.Fuzzing;

/// <summary>
/// What comes from outside, changed in every way: nothing crashes, reads on, or allocates without bound.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Events() => FuzzRun.Run(new EventTarget(), 600_000, output);

    [Fact]
    public void States() => FuzzRun.Run(new StateTarget(), 400_000, output);

    [Fact]
    public void Lists() => FuzzRun.Run(new ListTarget(), 200_000, output);

    [Fact]
    public void Models() => FuzzRun.Run(new ModelTarget(), 100_000, output);

    [Fact]
    public void Step_graphs() => FuzzRun.Run(new StepGraphTarget(), 100_000, output);
}
