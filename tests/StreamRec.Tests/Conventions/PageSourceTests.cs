using System.Text.RegularExpressions;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

/// <summary>The page puts in texts, never markup, and takes nothing from elsewhere.</summary>
public sealed partial class PageSourceTests
{
    private static readonly string s_root = Path.Combine(ContractFiles.Root, "src", "StreamRec", "Http");

    public static TheoryData<string> Files { get; } =
    [
        .. Directory
            .EnumerateFiles(s_root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(s_root, file)),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void No_source_of_the_page_makes_markup_of_a_text(string file) =>
        Assert.DoesNotMatch(Markup(), File.ReadAllText(Path.Combine(s_root, file)));

    [Theory]
    [MemberData(nameof(Files))]
    public void No_source_of_the_page_names_another_site(string file)
    {
        var text = File.ReadAllText(Path.Combine(s_root, file)).Replace("http://www.w3.org/2000/svg", "");

        Assert.DoesNotMatch(Elsewhere(), text);
    }

    [GeneratedRegex(
        @"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\(|"
            + @"new Function|javascript:|\son[a-z]+\s*=\s*[""'{]|\.on[a-z]+\s*=\s|\sstyle=|setAttribute\('style'",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Markup();

    [GeneratedRegex(@"(https?:)?//[a-z0-9-]+\.[a-z]{2,}|@import|url\(", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();
}
