using System.Reflection;
using NetArchTest.Rules;

namespace StreamRec.Tests.Conventions;

public class DependencyTests
{
    private static readonly Assembly s_core = typeof(StreamRec.Serving.Recommender).Assembly;

    [Theory]
    [InlineData("Confluent.Kafka")]
    [InlineData("StackExchange.Redis")]
    [InlineData("Microsoft.ML.OnnxRuntime")]
    [InlineData("StreamRec.Training")]
    [InlineData("StreamRec.Embedded")]
    public void Core_knows_nobody(string dependency)
    {
        var result = Types.InAssembly(s_core).ShouldNot().HaveDependencyOn(dependency).GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    /// <summary>What an application gets with a package: its own, and no more than is named here.</summary>
    [Theory]
    [InlineData("StreamRec.Contracts", "")]
    [InlineData("StreamRec.Client", "StreamRec.Contracts StackExchange.Redis")]
    [InlineData("StreamRec.Client.Kafka", "StreamRec.Contracts Confluent.Kafka Microsoft.Extensions")]
    [InlineData(
        "StreamRec.Client.DependencyInjection",
        "StreamRec.Contracts StreamRec.Client StackExchange.Redis Microsoft.Extensions"
    )]
    [InlineData("StreamRec.Client.Testing", "StreamRec.Contracts")]
    public void A_package_brings_no_more_than_it_needs(string package, string allowed)
    {
        var others = Assembly
            .Load(package)
            .GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal))
            .Select(name =>
                name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) ? "Microsoft.Extensions" : name
            )
            .Except(allowed.Split(' '));

        Assert.Empty(others);
    }

    [Fact]
    public void Only_the_demo_knows_the_embedded_servers()
    {
        var result = Types
            .InAssembly(Assembly.Load("streamrec"))
            .That()
            .DoNotResideInNamespace("StreamRec.Demo")
            .ShouldNot()
            .HaveDependencyOn("StreamRec.Embedded")
            .GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void Numerics_knows_nobody()
    {
        var result = Types
            .InAssembly(typeof(StreamRec.Numerics.Search.TopN).Assembly)
            .ShouldNot()
            .HaveDependencyOnAny(
                "StreamRec.Events",
                "StreamRec.Models",
                "StreamRec.Serving",
                "StreamRec.Delivery",
                "StreamRec.Training"
            )
            .GetResult();

        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void Delivery_knows_neither_serving_nor_models_nor_ranking()
    {
        var graph = new NamespaceGraph(s_core.Location);
        string[] rooms = ["StreamRec.Serving", "StreamRec.Models", "StreamRec.Ranking", "StreamRec.Encoders"];
        var known = new[] { "Protocol", "Ports", "Batches", "Worker" }
            .SelectMany(part => graph.KnownBy($"StreamRec.Delivery.{part}"))
            .Intersect(rooms);

        Assert.Empty(known);
    }

    [Theory]
    [InlineData("StreamRec.Numerics")]
    [InlineData("StreamRec.Core")]
    [InlineData("StreamRec.Training")]
    [InlineData("StreamRec.Contracts")]
    [InlineData("StreamRec.Client")]
    [InlineData("StreamRec.Client.Kafka")]
    [InlineData("StreamRec.Client.Testing")]
    [InlineData("StreamRec.Client.DependencyInjection")]
    [InlineData("streamrec")]
    public void No_room_reaches_itself(string assembly) =>
        Assert.Empty(new NamespaceGraph(Assembly.Load(assembly).Location).Circles());
}
