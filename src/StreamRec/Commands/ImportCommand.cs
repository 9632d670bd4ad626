using System.CommandLine;
using System.Text.Json;
using StreamRec.Import;
using StreamRec.Import.Formats;
using StreamRec.Import.Rows;
using StreamRec.Options;

namespace StreamRec.Commands;

/// <summary>`streamrec import`: a data set's own files, or any table → event JSON lines.</summary>
internal static class ImportCommand
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Command Create()
    {
        var format = new Argument<string>("format")
        {
            Description =
                "csv, tsv, or a data set that knows its columns: ml-100k, ml-1m, yoochoose, inter "
                + "(RecBole's), "
                + "sequences (a sequence of item ids a line); variants are told apart by content.",
        };
        format.AcceptOnlyFromAmong([.. ImportFormat.All.Select(known => known.Name), TableFile.Csv, TableFile.Tsv]);
        var file = new Argument<string>("file")
        {
            Description = "The file to read, also a gzip file or a pipe; - is " + "standard input.",
        };
        var output = new Option<string>("--output")
        {
            Description =
                "File of events to write, one JSON object a line, in the order of time; - is standard " + "output.",
            Required = true,
        };
        var start = new Option<string?>("--start")
        {
            Description =
                "Files without times: the first event's, such as 2026-01-31T00:00:00Z. Default 2000. With "
                + "--time: what its numbers count from.",
        };
        var json = SharedOptions.Json();
        var table = new TableFileOptions();
        var command = new Command("import", "Turn a data set into events.") { format, file, output, start, json };
        table.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Task.Run(
                    () =>
                    {
                        var name = parsed.GetRequiredValue(format);
                        var known = ImportFormat.All.FirstOrDefault(known => known.Name == name);
                        if (known is not null && table.Given(parsed) is { } stray)
                        {
                            throw new StreamRecException(
                                $"{stray} goes with csv and tsv; {name} knows its own " + "columns.",
                                FaultKind.Usage
                            );
                        }
                        var path = parsed.GetRequiredValue(file);
                        var startMs = TableFileOptions.Start(parsed.GetValue(start));
                        var read = known is not null
                            ? (source, _) => known.Read(source, startMs)
                            : table.Reader(parsed, name, path, startMs);
                        return Run(path, parsed.GetRequiredValue(output), read, parsed.GetValue(json), cancel);
                    },
                    cancel
                )
        );
        return command;
    }

    private static int Run(
        string path,
        string output,
        Func<ImportSource, Action<string>, ImportRows> read,
        bool json,
        CancellationToken cancel
    )
    {
        using var source = new ImportSource(path, cancel);
        using var file = new OutputFile(output, path, cancel);
        using var order = new TimeOrder();
        var progress = new ImportProgress(source, TimeProvider.System);
        ImportResult result;
        try
        {
            var run = new ImportRun(path, progress.Tell, progress.Report, cancel);
            var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            result = run.Run(read(source, progress.Tell), file.Stream, output, order, nowMs);
            file.Complete();
        }
        finally
        {
            progress.Erase();
        }
        // Where the events are printed, what is said of them is not.
        var console = file.IsStandardOutput ? Console.Error : Console.Out;
        console.WriteLine(json ? JsonSerializer.Serialize(result, s_json) : result.Sentence);
        return (int)ExitCode.Success;
    }
}
