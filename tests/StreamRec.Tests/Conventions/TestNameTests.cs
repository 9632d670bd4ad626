using System.Reflection;
using System.Text.RegularExpressions;

namespace StreamRec.Tests.Conventions;

public partial class TestNameTests
{
    [Fact]
    public void A_test_is_named_by_the_sentence_that_it_proves()
    {
        var others = typeof(TestNameTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any() && InOneWord().IsMatch(method.Name))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.Empty(others);
    }

    /// <summary>Words that begin in the middle, without a line between any two.</summary>
    [GeneratedRegex("^[A-Za-z0-9]*[a-z][A-Z][A-Za-z0-9]*$")]
    private static partial Regex InOneWord();
}
