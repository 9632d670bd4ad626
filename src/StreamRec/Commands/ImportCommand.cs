using System.CommandLine;
using StreamRec.Import;

namespace StreamRec.Commands;

/// <summary>`streamrec import`: a data set's own files, or any table → event JSON lines.</summary>
internal static class ImportCommand
{
    private const string Csv = "csv", Tsv = "tsv";

    public static Command Create()
    {
        var format = new Argument<string>("format")
        {
            Description = "ml-100k, ml-1m, yoochoose, sequences (a sequence of item ids a line), csv or tsv; variants are told apart by content.",
        };
        format.AcceptOnlyFromAmong([.. ImportFormat.All.Select(known => known.Name), Csv, Tsv]);
        var file = new Argument<string>("file") { Description = "The file to read." };
        var output = new Option<string>("--output") { Description = "File of events to write, one JSON object a line, in the order of time.", Required = true };
        var user = Column("--user", "user; required");
        var item = Column("--item", "item; required");
        var time = Column("--time", "time: numbers since 1970, RFC 3339, or a date and time in UTC. Without it, made up in order");
        var type = Column("--type", "event type. Default: all are clicks");
        var id = Column("--event", "event id. Default: made up in order");
        var session = Column("--session", "session. Default: none");
        var unit = new Option<string>("--time-unit")
        {
            Description = "csv, tsv: unit of times that are numbers: s, ms, us, ns, or auto (by their size).", DefaultValueFactory = _ => "auto",
        };
        unit.AcceptOnlyFromAmong("auto", "s", "ms", "us", "ns");
        var noHeader = new Option<bool>("--no-header") { Description = "csv, tsv: the first line is data; columns are given by number, from 1." };
        var command = new Command("import", "Turn a data set into events.") { format, file, output, user, item, time, type, id, session, unit, noHeader };
        command.SetAction((parsed, cancel) => Task.Run(() =>
        {
            var name = parsed.GetRequiredValue(format);
            var path = parsed.GetRequiredValue(file);
            Option<string?>[] columns = [user, item, time, type, id, session];
            if (name is not (Csv or Tsv))
            {
                var stray = columns.FirstOrDefault(column => parsed.GetValue(column) is not null)?.Name
                    ?? (parsed.GetValue(noHeader) ? noHeader.Name : null);
                return stray is null
                    ? Run(path, ImportFormat.All.First(known => known.Name == name).Read(path), parsed.GetRequiredValue(output), cancel)
                    : throw new StreamRecException($"{stray} goes with csv and tsv; {name} knows its own columns.", ExitCode.Usage);
            }
            return Run(path, Table.Read(path, new TableOptions
            {
                User = parsed.GetValue(user) ?? throw Missing(user, path), Item = parsed.GetValue(item) ?? throw Missing(item, path),
                Time = parsed.GetValue(time), Type = parsed.GetValue(type), Event = parsed.GetValue(id), Session = parsed.GetValue(session),
                Unit = Unit(parsed.GetValue(unit)!), Header = !parsed.GetValue(noHeader), Delimiter = name == Tsv ? '\t' : ',',
            }), parsed.GetRequiredValue(output), cancel);
        }, cancel));
        return command;
    }

    private static int Run(string path, IEnumerable<ImportRow> rows, string output, CancellationToken cancel)
    {
        var partial = output + ".partial";
        try
        {
            ImportResult result;
            using (var order = new TimeOrder())
            using (var stream = Create(partial, output))
            {
                result = ImportRun.Run(path, rows, stream, order, Console.Error.WriteLine, cancel);
            }
            if (result.Events == 0)
            {
                throw new StreamRecException($"'{path}' holds no event that can be used.", ExitCode.BadInput);
            }
            File.Move(partial, output, overwrite: true);
            Console.WriteLine(
                $"{output}: {result.Events} events of {result.Users} users on {result.Items} items, {Date(result.FirstMs)} to {Date(result.LastMs)}; {result.Bad} bad rows");
            return (int)ExitCode.Success;
        }
        finally
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
        }
    }

    private static BufferedStream Create(string partial, string output)
    {
        try
        {
            return new BufferedStream(File.Create(partial), 1 << 16);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StreamRecException($"--output '{output}' cannot be written: {fault.Message}", ExitCode.Usage);
        }
    }

    private static Option<string?> Column(string name, string what) => new(name) { Description = $"csv, tsv: column of the {what}." };

    private static StreamRecException Missing(Option option, string path) => new(
        $"{option.Name} is missing: give the column of '{path}' that holds it (by number, from 1, with --no-header).", ExitCode.Usage);

    private static TimeUnit Unit(string text) => text switch
    {
        "s" => TimeUnit.Seconds, "ms" => TimeUnit.Milliseconds, "us" => TimeUnit.Microseconds, "ns" => TimeUnit.Nanoseconds, _ => TimeUnit.Auto,
    };

    private static string Date(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
