using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

/// <summary>
/// What `tests/mutations/run` puts into the source can be put there: a list that no longer fits the code tries nothing.
/// </summary>
public sealed class MutationListTests
{
    [Theory]
    [InlineData("list.txt")]
    [InlineData("review.txt")]
    public void Each_mutation_fits_the_source(string list)
    {
        var text = File.ReadAllText(Path.Combine(ContractFiles.Root, "tests", "mutations", list));
        var blocks = text.Split("\n\n").Where(block => block.Contains("\nold:", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(blocks);
        Assert.Empty(blocks.Select(Misfit).OfType<string>());
    }

    private static string? Misfit(string block)
    {
        var fields = block
            .Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (Name: line[..line.IndexOf(':')], Value: line[(line.IndexOf(':') + 1)..].Trim()))
            .ToList();
        string Of(string name) => fields.Single(field => field.Name == name).Value;
        var file = Path.Combine(ContractFiles.Root, Of("file"));
        if (!File.Exists(file))
        {
            return $"{Of("name")}: there is no {Of("file")}";
        }
        var source = File.ReadAllText(file);
        var replacements = fields.Where(field => field.Name == "new").Select(field => field.Value);
        foreach (var ((_, old), replacement) in fields.Where(field => field.Name == "old").Zip(replacements))
        {
            if (source.Split(old).Length != 2)
            {
                return $"{Of("name")}: '{old}' stands {source.Split(old).Length - 1} times in {Of("file")}";
            }
            source = source.Replace(old, replacement, StringComparison.Ordinal);
        }
        return null;
    }
}
