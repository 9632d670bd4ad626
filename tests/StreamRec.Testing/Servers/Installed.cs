namespace StreamRec.Testing.Servers;

/// <summary>What this machine has, and where: by environment, or beside the repository.</summary>
internal static class Installed
{
    /// <summary>A folder with `start`, `stop` and `tool` of a real Kafka: STREAMREC_TEST_KAFKA_HOME.</summary>
    public static string? KafkaHome => Find("STREAMREC_TEST_KAFKA_HOME", "kafka", "start");

    /// <summary>A folder with `toxiproxy-server`: STREAMREC_TEST_TOXIPROXY_HOME.</summary>
    public static string? ToxiproxyHome => Find("STREAMREC_TEST_TOXIPROXY_HOME", "toxiproxy", "toxiproxy-server");

    /// <summary>A folder with the data sets: STREAMREC_TEST_DATA.</summary>
    public static string? Data => Find("STREAMREC_TEST_DATA", "data", "");

    /// <summary>
    /// Bootstrap address of a Kafka of one's own: STREAMREC_TEST_KAFKA. Topics with random names are made there.
    /// </summary>
    public static string? Kafka => Variable("STREAMREC_TEST_KAFKA");

    /// <summary>
    /// Address of a Redis of one's own: STREAMREC_TEST_REDIS. Keys under random prefixes are written there.
    /// </summary>
    public static string? Redis => Variable("STREAMREC_TEST_REDIS");

    /// <summary>
    /// The directory of a Kafka that `start --dir` began, to be used and left running: STREAMREC_TEST_KAFKA_DIR.
    /// </summary>
    public static string? KafkaDirectory => Variable("STREAMREC_TEST_KAFKA_DIR");

    public static string? RedisServer => OnPath("redis-server");

    public static string? OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Why tests against real servers cannot run here; null where they can.</summary>
    public static string? WhyNoServers =>
        Kafka is null && KafkaHome is null
            ? "no Kafka: set STREAMREC_TEST_KAFKA_HOME to a folder with its `start` and `stop`, "
                + "or STREAMREC_TEST_KAFKA to an address"
        : Kafka is null && OnPath("java") is null ? "no Java to run Kafka with: install a Java 17 runtime"
        : Redis is null && RedisServer is null
            ? "no redis-server on the path: install it, or set STREAMREC_TEST_REDIS to an address"
        : null;

    private static string? Find(string variable, string folder, string file)
    {
        if (Variable(variable) is { } given)
        {
            return Path.Exists(Path.Combine(given, file)) ? Path.GetFullPath(given) : null;
        }
        for (var place = new DirectoryInfo(AppContext.BaseDirectory); place is not null; place = place.Parent)
        {
            var beside = Path.Combine(place.FullName, "shared", folder);
            if (Path.Exists(Path.Combine(beside, file)))
            {
                return beside;
            }
        }
        return null;
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
