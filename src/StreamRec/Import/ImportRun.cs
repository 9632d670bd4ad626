using System.Buffers;
using System.Globalization;
using System.Text.Json;
using StreamRec.Events;
using StreamRec.Import.Rows;

namespace StreamRec.Import;

/// <summary>Rows of a foreign file → event JSON lines in the order of time, each with an id that sorts so.</summary>
/// <param name="name">The file's, for messages.</param>
/// <param name="tell">Takes a message for each of the first bad rows, and what is to be told of the whole.</param>
/// <param name="progress">Called now and then with the rows read and the events written so far.</param>
internal sealed class ImportRun(string name, Action<string> tell, Action<long, long> progress, CancellationToken cancel)
{
    private const int MostTold = 20;
    private const int ProgressRows = 1 << 12;

    private readonly long[] _bad = new long[Enum.GetValues<BadRow>().Length];
    private readonly FileDigest _digest = new();
    private long _rows,
        _written;

    /// <param name="nowMs">The clock: later events are told.</param>
    /// <exception cref="StreamRecException">No row is an event.</exception>
    public ImportResult Run(ImportRows rows, Stream output, string outputName, TimeOrder order, long nowMs)
    {
        foreach (var row in rows.Rows)
        {
            Step(ref _rows);
            if (Problem(row) is var (lacks, problem))
            {
                if (_bad.Sum() < MostTold)
                {
                    tell($"{name}:{row.Line}: {problem}");
                }
                _bad[(int)lacks]++;
                continue;
            }
            if (rows.TimesMadeUp)
            {
                _digest.Add(row.Event);
            }
            order.Add(row.Event);
        }
        foreach (var note in rows.Notes())
        {
            tell($"{name}: {note}");
        }
        var result = Write(rows, order, output, nowMs) with { Output = outputName };
        TellOf(result);
        return result;
    }

    private ImportResult Write(ImportRows rows, TimeOrder order, Stream output, long nowMs)
    {
        var users = new HashSet<string>(StringComparer.Ordinal);
        var items = new HashSet<string>(StringComparer.Ordinal);
        var ids = new EventIds(rows.TimesMadeUp ? _digest.Value : 0);
        var prefix = rows.UsersMadeUp ? _digest.Value.ToString("x16", CultureInfo.InvariantCulture)[..12] + "-" : null;
        long first = 0,
            last = 0,
            future = 0;
        var line = new ArrayBufferWriter<byte>(1 << 10);
        using var writer = new Utf8JsonWriter(line, EventJson.WriterOptions);
        foreach (var read in order.Events())
        {
            Step(ref _written);
            var click = prefix is null
                ? read
                : read with
                {
                    UserId = prefix + read.UserId,
                    SessionId = prefix + read.SessionId,
                };
            click = click.EventId.Length > 0 ? click : click with { EventId = ids.Next(click) };
            first = _written == 1 ? click.TimeMs : first;
            last = click.TimeMs;
            future += click.TimeMs > nowMs ? 1 : 0;
            users.Add(click.UserId);
            items.Add(click.ItemId);
            line.ResetWrittenCount();
            writer.Reset();
            EventJson.Write(writer, click);
            writer.Flush();
            output.Write(line.WrittenSpan);
            output.WriteByte((byte)'\n');
        }
        return new ImportResult
        {
            Output = "",
            Events = _written,
            Users = users.Count,
            Items = items.Count,
            FirstTs = first,
            LastTs = last,
            Future = future,
            TimesMadeUp = rows.TimesMadeUp,
            BadRows = _bad.Sum(),
            Bad = Bad(),
        };
    }

    private void TellOf(ImportResult result)
    {
        if (result.BadRows > 0)
        {
            var kinds = string.Join(", ", result.Bad.Select(kind => $"{kind.Key} {kind.Value}"));
            tell(
                $"{name}: {result.BadRows} bad rows were left out "
                    + $"({kinds}){(result.BadRows > MostTold ? $"; the first {MostTold} are told above" : "")}."
            );
        }
        if (result.Events == 0)
        {
            throw new StreamRecException($"'{name}' holds no event that can be used.", FaultKind.Input);
        }
        if (result.TimesMadeUp)
        {
            tell(
                $"{name}: its events have no times; these are made up, from {Moment(result.FirstTs)} on and a "
                    + "second apart. "
                    + $"A file that follows this one: --start {Moment(result.LastTs + MadeUp.StepMs)}"
            );
        }
        if (result.Future > 0)
        {
            tell(
                $"{name}: {result.Future} events lie in the future, up to {Moment(result.LastTs)}. The worker "
                    + "refuses what is more than MaxAhead "
                    + "(1 hour) ahead of its Kafka record. Are these local times? --zone says of where."
            );
        }
    }

    private void Step(ref long count)
    {
        if (++count % ProgressRows == 0)
        {
            cancel.ThrowIfCancellationRequested();
            progress(_rows, _written);
        }
    }

    private Dictionary<string, long> Bad() =>
        Enum.GetValues<BadRow>()
            .Where(kind => _bad[(int)kind] > 0)
            .ToDictionary(kind => kind.ToString().ToLowerInvariant(), kind => _bad[(int)kind]);

    /// <summary>The row's own problem, or the rule of the event contract that it breaks.</summary>
    private static (BadRow Lacks, string Problem)? Problem(in ImportRow row) =>
        row.Problem is not null ? (row.Lacks, row.Problem)
        : EventRules.Check(row.Event.EventId.Length > 0 ? row.Event : row.Event with { EventId = "0" }) is { } error
            ? (Lacks(error.Field), error.Sentence)
        : null;

    private static BadRow Lacks(string field) =>
        field switch
        {
            "user_id" => BadRow.User,
            "item_id" => BadRow.Item,
            "ts" => BadRow.Time,
            _ => BadRow.Rule,
        };

    private static string Moment(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
