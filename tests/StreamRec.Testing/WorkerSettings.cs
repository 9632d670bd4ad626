using StreamRec.Testing.Servers;

namespace StreamRec.Testing;

/// <summary>How a test runs `streamrec work`.</summary>
internal sealed record WorkerSettings(
    string Bundle,
    string Topic,
    string Group,
    string Bootstrap,
    string Redis,
    string Prefix
)
{
    public const int ListSize = 20;

    public IReadOnlyList<string> Further { get; init; } = [];

    /// <summary>Where promoted bundles are, in place of the one bundle.</summary>
    public string? Registry { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IEnumerable<string> Arguments =>
        [
            "work",
            .. Registry is null ? (string[])["--bundle", Bundle] : ["--registry", Registry],
            "--topic",
            Topic,
            "--group",
            Group,
            "--bootstrap",
            Bootstrap,
            "--redis",
            Redis,
            "--prefix",
            Prefix,
            "--set",
            "ExcludeSeen=true",
            "--list-size",
            $"{ListSize}",
            .. Further,
        ];

    /// <summary>Starts a worker that journals its steps, with a plan of fail points if one is given.</summary>
    public ServerProcess Start(string? fail = null) =>
        Streamrec.Start(
            Arguments,
            new Dictionary<string, string>(Environment)
            {
                ["STREAMREC_TEST_JOURNAL"] = "1",
                ["STREAMREC_TEST_FAIL"] = fail ?? "",
                ["DOTNET_gcServer"] = "0",
            }
        );
}
