using System.Runtime.CompilerServices;

namespace StreamRec.Tests.Conventions;

public class SourceTests
{
    private const int MostLines = 400;

    [Fact]
    public void NoFileIsLongerThan400Lines()
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));
        var files = Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")).ToArray();

        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Count() > MostLines);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
