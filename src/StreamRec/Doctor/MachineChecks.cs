using System.Globalization;
using StreamRec.Models;
using StreamRec.Numerics.Instructions;
using StreamRec.Options;
using StreamRec.Ranking;

namespace StreamRec.Doctor;

/// <summary>This machine, and the bundle on it.</summary>
internal static class MachineChecks
{
    /// <summary>A worker has a few connections a broker and node, and its bundle's files.</summary>
    private const long LeastFiles = 1024;

    public static IEnumerable<Finding> Find(WorkOptions options)
    {
        yield return Machine();
        if (OpenFiles() is { } files)
        {
            yield return files >= LeastFiles
                ? Finding.Ok("machine.files", $"{files} files may be open")
                : Finding.Warn("machine.files", $"only {files} files may be open", "ulimit -n 65536");
        }
        if (options.Bundle.Length > 0)
        {
            yield return OpenBundle(options);
        }
        else if (options.Registry.Length == 0)
        {
            yield return Finding.Warn("bundle", "no --bundle is given, so none was opened");
        }
    }

    private static Finding Machine()
    {
        var seen = string.Create(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, {InstructionSets.Best}"
        );
        return InstructionSets.Best == InstructionSet.Plain
            ? Finding.Warn("machine.instructions", $"{seen}: without AVX2 lists are made several times more slowly")
            : Finding.Ok("machine.instructions", seen);
    }

    private static Finding OpenBundle(WorkOptions options)
    {
        try
        {
            var manifest = Bundle.Load(options.Bundle).Manifest;
            var least = Eligibility.LeastKept(manifest.Window);
            return options.Kept > 0 && options.Kept < least
                ? Finding.Fail(
                    "bundle",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Kept is {options.Kept}, and the bundle's window of {manifest.Window} needs {least}: leave it "
                            + $"out, or give more"
                    ),
                    string.Create(CultureInfo.InvariantCulture, $"export STREAMREC__KEPT={least}")
                )
                : Finding.Ok(
                    "bundle",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"model {Finding.Quoted(manifest.ModelId)} of {manifest.Items} items, window {manifest.Window}"
                    )
                );
        }
        catch (StreamRecException fault)
        {
            return Finding.Fail("bundle", fault.Message);
        }
    }

    /// <summary>Null where the system does not tell.</summary>
    private static long? OpenFiles()
    {
        const string Row = "Max open files";
        return
            OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/limits")
                .FirstOrDefault(line => line.StartsWith(Row, StringComparison.Ordinal))
                is { } row
            && long.TryParse(
                row[Row.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var most
            )
            ? most
            : null;
    }
}
