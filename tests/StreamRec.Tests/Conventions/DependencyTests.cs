using System.Reflection;
using NetArchTest.Rules;

namespace StreamRec.Tests.Conventions;

public class DependencyTests
{
    private static readonly Assembly s_core = typeof(StreamRec.Events.ClickEvent).Assembly;

    [Theory]
    [InlineData("Confluent.Kafka")]
    [InlineData("StackExchange.Redis")]
    [InlineData("Microsoft.ML.OnnxRuntime")]
    [InlineData("StreamRec.Training")]
    [InlineData("StreamRec.Embedded")]
    public void CoreKnowsNobody(string dependency)
    {
        var result = Types.InAssembly(s_core).ShouldNot().HaveDependencyOn(dependency).GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Theory]
    [InlineData("Microsoft.ML.OnnxRuntime")]
    [InlineData("StreamRec.Training")]
    [InlineData("StreamRec.Embedded")]
    public void TheClientCarriesNoWorker(string dependency)
    {
        var result = Types.InAssembly(typeof(StreamRec.Client.ListReader).Assembly).ShouldNot().HaveDependencyOn(dependency).GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void OnlyTheDemoKnowsTheEmbeddedServers()
    {
        var result = Types.InAssembly(Assembly.Load("streamrec")).That().DoNotResideInNamespace("StreamRec.Demo")
            .ShouldNot().HaveDependencyOn("StreamRec.Embedded").GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }
}
