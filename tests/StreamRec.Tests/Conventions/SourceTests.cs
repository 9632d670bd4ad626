using System.Text.RegularExpressions;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

/// <summary>What a reader may rely on in every source file: its room, its size, its width.</summary>
public partial class SourceTests
{
    private const int MostColumns = 120;
    private const int MostFilesInAFolder = 16;
    private const int MostLinesOfAClass = 400;

    private static readonly string[] s_files =
    [
        .. new[] { "src", "tests" }
            .SelectMany(top =>
                Directory.EnumerateFiles(Path.Combine(ContractFiles.Root, top), "*.cs", SearchOption.AllDirectories)
            )
            .Select(file => Path.GetRelativePath(ContractFiles.Root, file).Replace('\\', '/'))
            .Where(file => !BuildOutput().IsMatch(file)),
    ];

    [Fact]
    public void A_namespace_is_the_folder()
    {
        var strangers = s_files
            .Select(file => (File: file, Declared: Namespace().Match(Text(file)).Groups[1].Value))
            .Where(source => source.Declared.Length > 0 && source.Declared != Expected(source.File));

        Assert.Empty(strangers);
    }

    [Fact]
    public void A_folder_can_be_taken_in_at_a_glance()
    {
        var crowded = s_files
            .GroupBy(file => Path.GetDirectoryName(file))
            .Where(folder => folder.Count() > MostFilesInAFolder);

        Assert.Empty(crowded.Select(folder => $"{folder.Key} has {folder.Count()} files"));
    }

    /// <summary>Classes that are longer still, with the lines that they have: they may only become shorter.</summary>
    private static readonly Dictionary<string, int> s_longer = new() { };

    [Fact]
    public void A_class_is_no_longer_than_400_lines_over_all_its_parts()
    {
        // The parts of a class are named after it: PartitionLife.cs, PartitionLife.Log.cs.
        var longer = s_files
            .GroupBy(file => $"{Path.GetDirectoryName(file)}/{Path.GetFileName(file).Split('.')[0]}")
            .Select(type => (Type: type.Key, Lines: type.Sum(file => File.ReadLines(Absolute(file)).Count())))
            .Where(type => type.Lines > s_longer.GetValueOrDefault(type.Type, MostLinesOfAClass));

        Assert.Empty(longer);
    }

    [Fact]
    public void A_line_has_at_most_120_columns()
    {
        var wide =
            from file in s_files
            from line in File.ReadLines(Absolute(file)).Select((text, index) => (text, number: index + 1))
            where line.text.Length > MostColumns
            select $"{file}:{line.number}";

        Assert.Empty(wide);
    }

    /// <summary>The brace ends the block well enough; members alone stand apart.</summary>
    [Fact]
    public void A_statement_follows_a_block_without_an_empty_line()
    {
        var apart =
            from file in s_files
            from Match gap in Gap().Matches(Text(file))
            select $"{file}:{Text(file).AsSpan(0, gap.Index).Count('\n') + 2}";

        Assert.Empty(apart);
    }

    [Fact]
    public void Unsafe_code_lives_with_the_kernels()
    {
        string[] rooms = ["src/StreamRec.Numerics/", "src/StreamRec.Training/", "src/StreamRec/Onnx/Steps/"];
        var elsewhere = s_files.Where(file =>
            file.StartsWith("src/", StringComparison.Ordinal)
            && !rooms.Any(room => file.StartsWith(room, StringComparison.Ordinal))
            && Unsafe().IsMatch(Text(file))
        );

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Core_does_not_speak_of_the_command_line()
    {
        var speaks = s_files.Where(file =>
            file.StartsWith("src/StreamRec.Core/", StringComparison.Ordinal)
            && (
                Text(file).Contains("\"--", StringComparison.Ordinal)
                || Flag().IsMatch(Text(file))
                || Text(file).Contains("ExitCode")
            )
        );

        Assert.Empty(speaks);
    }

    private static string Absolute(string file) => Path.Combine(ContractFiles.Root, file);

    private static string Text(string file) => File.ReadAllText(Absolute(file));

    // The rooms of Contracts, Core and the program lie in the namespace StreamRec, the others' in the project's own.
    private static string Expected(string file)
    {
        var folders = Path.GetDirectoryName(file)!.Split('/');
        var project = folders[1] is "StreamRec.Contracts" or "StreamRec.Core" ? "StreamRec" : folders[1];
        return string.Join('.', folders.Skip(2).Prepend(project));
    }

    [GeneratedRegex(
        @"^( {8,})\}\n\n\1(?!""""""|//|\[|#|(public|private|internal|protected|static|sealed|abstract|async) )\S",
        RegexOptions.Multiline
    )]
    private static partial Regex Gap();

    [GeneratedRegex(@"/(bin|obj)/")]
    private static partial Regex BuildOutput();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\bunsafe\b(?=[^""]*$)", RegexOptions.Multiline)]
    private static partial Regex Unsafe();

    /// <summary>An option inside of a string.</summary>
    [GeneratedRegex(@"""[^""\n]*\s--[a-z][^""\n]*""")]
    private static partial Regex Flag();
}
