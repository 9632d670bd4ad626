using System.Runtime.CompilerServices;
using Confluent.Kafka.Admin;

namespace StreamRec.IntegrationTests.Security;

/// <summary>The commands on docs/security.md, so that the page and what is tested cannot drift apart.</summary>
internal static class SecurityPage
{
    /// <summary>The lines of a fenced block by its name, split into words.</summary>
    public static IReadOnlyList<string[]> Block(string name)
    {
        var lines = File.ReadLines(
                Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "security.md")
            )
            .SkipWhile(line => line != $"```sh {name}")
            .Skip(1)
            .TakeWhile(line => line != "```")
            .Select(line => line.Split(' '))
            .ToArray();
        return lines.Length > 0
            ? lines
            : throw new InvalidOperationException($"docs/security.md has no block `{name}`.");
    }

    /// <summary>What <c>kafka-acls --add --allow-principal P --operation O --topic|--group NAME</c> grants.</summary>
    public static AclBinding Right(string[] line) =>
        line
            is [
                "kafka-acls",
                "--add",
                "--allow-principal",
                var principal,
                "--operation",
                var operation,
                var kind,
                var name,
            ]
            ? new AclBinding
            {
                Pattern = new ResourcePattern
                {
                    Type = kind switch
                    {
                        "--topic" => ResourceType.Topic,
                        "--group" => ResourceType.Group,
                        _ => throw NotUnderstood(line),
                    },
                    Name = name,
                    ResourcePatternType = ResourcePatternType.Literal,
                },
                Entry = new AccessControlEntry
                {
                    Principal = principal,
                    Host = "*",
                    Operation = Enum.Parse<AclOperation>(operation),
                    PermissionType = AclPermissionType.Allow,
                },
            }
            : throw NotUnderstood(line);

    private static InvalidOperationException NotUnderstood(string[] line) =>
        new($"docs/security.md: not understood: {string.Join(' ', line)}");

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
