using System.CommandLine;
using StreamRec.Import.Formats;
using StreamRec.Import.Rows;
using StreamRec.Import.Times;

namespace StreamRec.Options;

/// <summary>The options of `import csv` and `import tsv`: what stands in which column, and how.</summary>
internal sealed class TableFileOptions
{
    private const string Auto = "auto";

    private static readonly Dictionary<string, TimeUnit> s_units = new()
    {
        [Auto] = TimeUnit.Auto,
        ["s"] = TimeUnit.Seconds,
        ["ms"] = TimeUnit.Milliseconds,
        ["us"] = TimeUnit.Microseconds,
        ["ns"] = TimeUnit.Nanoseconds,
        ["min"] = TimeUnit.Minutes,
        ["h"] = TimeUnit.Hours,
        ["d"] = TimeUnit.Days,
    };

    private readonly Option<string?> _user = Column("--user", "user; required");
    private readonly Option<string?> _item = Column("--item", "item; required");
    private readonly Option<string?> _time = Column(
        "--time",
        "time: numbers since 1970, or dates with the year " + "first. Without it, made up in order"
    );
    private readonly Option<string?> _type = Column("--type", "event type. Default: all are clicks");
    private readonly Option<string?> _event = Column("--event", "event id. Default: made of the event");
    private readonly Option<string?> _session = Column("--session", "session. Default: none");
    private readonly Option<string[]> _segments = new("--segment")
    {
        Description =
            "csv, tsv: KIND=COLUMN, a column that says of what kind a user is, such as country=Country; "
            + "age=Age/10 makes ranges of ten. Up to 4 times.",
    };
    private readonly Option<string> _unit = new("--time-unit")
    {
        Description =
            "csv, tsv: unit of times that are numbers: s, ms, us, ns, min, h, d, or auto (by their " + "size).",
        DefaultValueFactory = _ => Auto,
    };
    private readonly Option<string?> _pattern = new("--time-pattern")
    {
        Description = "csv, tsv: how dates stand there, such as \"dd/MM/yyyy HH:mm\"; letters as in .NET.",
    };
    private readonly Option<string?> _zone = new("--zone")
    {
        Description = "csv, tsv: zone of times that name none, such as Europe/Berlin or +02:00. Default UTC.",
    };
    private readonly Option<string?> _separator = new("--separator")
    {
        Description =
            "csv: what stands between fields: comma, semicolon, tab, pipe, space, or the characters. "
            + "Default: as in the first line.",
    };
    private readonly Option<string[]> _null = new("--null")
    {
        Description =
            "csv, tsv: text that stands for no value; may be given several times. Default: NA, N/A, NaN, "
            + "NULL, None, \\N, - and the like.",
    };
    private readonly Option<bool> _trim = new("--trim") { Description = "csv, tsv: cut off spaces around ids." };
    private readonly Option<bool> _noHeader = new("--no-header")
    {
        Description =
            "csv, tsv: the first line is data; columns are given by number, from 1. (With a header, #1 is "
            + "a column's number.)",
    };

    public TableFileOptions() => _unit.AcceptOnlyFromAmong([.. s_units.Keys]);

    private IEnumerable<Option> All =>
        [
            _user,
            _item,
            _time,
            _type,
            _event,
            _session,
            _segments,
            _unit,
            _pattern,
            _zone,
            _separator,
            _null,
            _trim,
            _noHeader,
        ];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <summary>The first of these options that was given; null if none was.</summary>
    public string? Given(ParseResult parsed) => All.FirstOrDefault(option => IsGiven(parsed, option))?.Name;

    /// <summary>What reads the table, once its file is open.</summary>
    /// <exception cref="StreamRecException">An option is missing, wrong, or of no use beside the others.</exception>
    public Func<ImportSource, Action<string>, ImportRows> Reader(
        ParseResult parsed,
        string format,
        string path,
        long? startMs
    )
    {
        if (
            parsed.GetValue(_time) is null
            && new Option[] { _unit, _pattern, _zone }.FirstOrDefault(option => IsGiven(parsed, option)) is { } idle
        )
        {
            throw Wrong($"{idle.Name} says how times stand in a column: give the column, --time.");
        }
        if (parsed.GetValue(_pattern) is not null && (IsGiven(parsed, _unit) || startMs is not null))
        {
            throw Wrong("--time-pattern is for dates, --time-unit and --start for numbers: give the one or the other.");
        }
        if (parsed.GetValue(_time) is not null && startMs is not null && parsed.GetValue(_unit) == Auto)
        {
            throw Wrong("--start with --time is what the column's numbers count from: give their --time-unit.");
        }
        if (format == TableFile.Tsv && parsed.GetValue(_separator) is not null)
        {
            throw Wrong("--separator goes with csv; tsv has tabs.");
        }
        var options = new TableOptions
        {
            User = parsed.GetValue(_user) ?? throw Missing(_user, path),
            Item = parsed.GetValue(_item) ?? throw Missing(_item, path),
            Time = parsed.GetValue(_time),
            Type = parsed.GetValue(_type),
            Event = parsed.GetValue(_event),
            Session = parsed.GetValue(_session),
            Segments = SegmentColumn.Parse(parsed.GetValue(_segments) ?? []),
            Header = !parsed.GetValue(_noHeader),
            Trim = parsed.GetValue(_trim),
            Nulls = parsed.GetValue(_null) is { Length: > 0 } nulls
                ? TableOptions.Markers(nulls)
                : TableOptions.UsualNulls,
            Times = new TimeOptions(
                s_units[parsed.GetValue(_unit)!],
                parsed.GetValue(_zone) is { } zone ? LocalZone.Parse(zone) : null,
                parsed.GetValue(_pattern) is { } pattern ? TimePattern.Parse(pattern) : null,
                startMs
            ),
        };
        var separator = parsed.GetValue(_separator) is { } text ? Separators.Parse(text) : null;
        return (source, tell) => TableFile.Read(source, format, separator, options, tell);
    }

    /// <param name="text">A date with its zone or in UTC; null: none.</param>
    /// <returns>In ms since 1970.</returns>
    /// <exception cref="StreamRecException">It is none.</exception>
    public static long? Start(string? text) =>
        text is null ? null
        : new TimeReader(new TimeOptions()).TryRead(System.Text.Encoding.UTF8.GetBytes(text), out var ms, out _) ? ms
        : throw Wrong(
            $"--start is '{text}': give a date such as 2026-01-31 or 2026-01-31T00:00:00Z, not before " + "1973-03-03."
        );

    private static Option<string?> Column(string name, string what) =>
        new(name) { Description = "csv, tsv: column " + $"of the {what}." };

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static StreamRecException Missing(Option option, string path) =>
        Wrong(
            $"{option.Name} is missing: give the column of '{path}' that holds it (by number, from 1, "
                + "with --no-header)."
        );

    private static StreamRecException Wrong(string message) => new(message, FaultKind.Usage);
}
