using StreamRec.Import;

namespace StreamRec.Tests.Import;

/// <summary>What is written is there whole or not at all, and never over what is read.</summary>
public sealed class OutputFileTests : IDisposable
{
    private readonly ImportFixture _import = new();
    private readonly string _input;

    public OutputFileTests() => _input = _import.Write("u,i\n1,a\n", "in.csv");

    public void Dispose() => _import.Dispose();

    [Fact]
    public void A_file_takes_its_name_when_it_is_complete_alone()
    {
        var path = _import.Path("out.jsonl");
        using (var failed = new OutputFile(path, _input, default))
        {
            failed.Stream.Write("half"u8);
        }
        Assert.Equal(["in.csv"], Names());

        Write(path, "one");
        Write(path, "two");
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Equal(["in.csv", "out.jsonl"], Names());
    }

    [Fact]
    public void What_was_there_stays_if_the_new_file_fails()
    {
        var path = _import.Write("old", "out.jsonl");
        using (var failed = new OutputFile(path, _input, default))
        {
            failed.Stream.Write("half"u8);
        }
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("in.csv")]
    [InlineData("sub/../in.csv")]
    [InlineData("hard.csv")]
    [InlineData("soft.csv")]
    [InlineData("soft-of-soft.csv")]
    public void The_input_is_not_written_over_whatever_its_name(string name)
    {
        Directory.CreateDirectory(_import.Path("sub"));
        File.CreateSymbolicLink(_import.Path("soft.csv"), "in.csv");
        File.CreateSymbolicLink(_import.Path("soft-of-soft.csv"), "sub/../soft.csv");
        Link(_input, _import.Path("hard.csv"));

        var fault = Assert.Throws<StreamRecException>(() => new OutputFile(_import.Path(name), _input, default));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Contains("is the file that is read", fault.Message);
        Assert.Equal("u,i\n1,a\n", File.ReadAllText(_input));
    }

    /// <summary>As after a kill, by who reads what is left of the file with an output of its name.</summary>
    [Fact]
    public void The_input_is_not_written_over_as_the_part_of_a_file_that_is_not_whole()
    {
        var input = _import.Write("u,i\n1,a\n", "out.jsonl.partial");

        var fault = Assert.Throws<StreamRecException>(() => new OutputFile(_import.Path("out.jsonl"), input, default));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.Equal("u,i\n1,a\n", File.ReadAllText(input));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_stays_and_what_it_names_is_written(bool there)
    {
        Directory.CreateDirectory(_import.Path("big"));
        if (there)
        {
            _import.Write("old", "big/events.jsonl");
        }
        File.CreateSymbolicLink(_import.Path("link"), "big/events.jsonl");

        Write(_import.Path("link"), "new");

        Assert.Equal("big/events.jsonl", new FileInfo(_import.Path("link")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(_import.Path("big/events.jsonl")));
        Assert.Equal(["events.jsonl"], Directory.EnumerateFiles(_import.Path("big")).Select(Path.GetFileName));
    }

    [Fact]
    public void A_file_that_is_written_anew_keeps_its_rights()
    {
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var path = _import.Write("old", "out.jsonl");
        if (OperatingSystem.IsWindows())
        {
            return;
        }
        File.SetUnixFileMode(path, Own);

        Write(path, "new");

        Assert.Equal(Own, File.GetUnixFileMode(path));
    }

    [Fact]
    public void A_directory_a_full_device_and_a_second_import_are_told()
    {
        Assert.Contains(
            "directory",
            Assert.Throws<StreamRecException>(() => new OutputFile(_import.Path(""), _input, default)).Message
        );
        Assert.Equal(
            FaultKind.Usage,
            Assert.Throws<StreamRecException>(() => new OutputFile(_import.Path("no/where"), _input, default)).Kind
        );
        var full = Assert.Throws<StreamRecException>(() => Write("/dev/full", "x"));
        Assert.Equal(FaultKind.Failure, full.Kind);
        Assert.Contains("No space left", full.Message);
        Assert.True(File.Exists("/dev/full"));
        using var first = new OutputFile(_import.Path("out"), _input, default);
        Assert.Contains(
            "cannot be written",
            Assert.Throws<StreamRecException>(() => new OutputFile(_import.Path("out"), _input, default)).Message
        );
    }

    private void Write(string path, string text)
    {
        using var file = new OutputFile(path, _input, default);
        file.Stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Complete();
    }

    private IEnumerable<string?> Names() => Directory.EnumerateFiles(_import.Path("")).Select(Path.GetFileName).Order();

    private static void Link(string from, string to)
    {
        using var ln = System.Diagnostics.Process.Start("ln", [from, to]);
        ln.WaitForExit();
    }
}
