using System.CommandLine;
using System.Globalization;
using StreamRec.Options;

namespace StreamRec.Doctor;

/// <summary>`streamrec doctor`: looks whether a worker could work here, and changes nothing.</summary>
internal static class DoctorCommand
{
    /// <param name="work">The worker's command, whose options are taken here too.</param>
    public static Command Create(Command work)
    {
        var json = SharedOptions.Json();
        var command = new Command(
            "doctor",
            "Check Kafka, Redis, the bundle and this machine, and name the command that mends what is wrong. "
                + "Takes the options of `work`; changes nothing."
        )
        {
            json,
        };
        foreach (var option in work.Options.Where(option => option.Name != json.Name))
        {
            command.Add(option);
        }
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = SettingsReader.Read<WorkOptions>(SharedOptions.Given(parsed, work));
                options.ValidatePlace();
                var findings = new List<Finding>();
                await foreach (var finding in FindAsync(options, TimeProvider.System, cancel))
                {
                    findings.Add(finding);
                    if (!parsed.GetValue(json))
                    {
                        Console.WriteLine(finding.ToText());
                    }
                }
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(Finding.ToJson(findings));
                }
                var failed = findings.Count(finding => finding.Level == Level.Fail);
                return failed == 0
                    ? 0
                    : throw new StreamRecException(
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"{failed} of {findings.Count} checks failed. What mends each stands in its line."
                        ),
                        FaultKind.Unreachable
                    );
            }
        );
        return command;
    }

    private static async IAsyncEnumerable<Finding> FindAsync(
        WorkOptions options,
        TimeProvider time,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel
    )
    {
        foreach (var finding in MachineChecks.Find(options))
        {
            yield return finding;
        }
        using var kafka = new KafkaChecks(options, time);
        await foreach (var finding in kafka.FindAsync(cancel))
        {
            yield return finding;
        }
        await foreach (var finding in new RedisChecks(options, kafka.Topic, time).FindAsync(cancel))
        {
            yield return finding;
        }
    }
}
