using System.Globalization;
using System.Text.Json;
using StreamRec.Events;
using StreamRec.Registry.Pointers;
using StreamRec.Registry.Stores;

namespace StreamRec.Registry.Commands;

/// <summary>The bundles, what is live of them, and the workers, as they are listed.</summary>
internal sealed record ModelsListing(
    string Registry,
    PointerState Pointer,
    PastPromotion? Previous,
    IReadOnlyList<RegisteredBundle> Bundles,
    IReadOnlyList<WorkerReport> Workers
)
{
    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                registry = Registry,
                live = Pointer.Live is not { } live
                    ? null
                    : new
                    {
                        promotion = live.Promotion,
                        digest = live.Digest,
                        model = live.Model,
                        by = live.By,
                        at = live.AtMs,
                        why = live.Why,
                    },
                staged = Pointer.Staged is not { } staged
                    ? null
                    : new
                    {
                        digest = staged.Digest,
                        model = staged.Model,
                        by = staged.By,
                        at = staged.AtMs,
                    },
                bundles = Bundles.Select(bundle => new
                {
                    digest = bundle.Digest,
                    model = bundle.ModelId,
                    items = bundle.Manifest.Items,
                    bytes = bundle.Stored.Bytes,
                    pushed_at = bundle.Stored.Pushed.ToUnixTimeMilliseconds(),
                    role = RoleOf(bundle.Digest),
                }),
                workers = Workers.Select(worker => new
                {
                    worker = worker.Name,
                    topic = worker.Topic,
                    group = worker.Group,
                    promotion = worker.Promotion,
                    digest = worker.Digest,
                    model = worker.Model,
                    asked = worker.Asked,
                    state = worker.State,
                    reason = worker.Reason,
                }),
            }
        );

    public string ToText()
    {
        var live = Pointer.Live is { } now
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Live: model {Excerpt.Of(now.Model)} by promotion {now.Promotion}, {Excerpt.Of(now.By)}, "
                    + $"{Time(DateTimeOffset.FromUnixTimeMilliseconds(now.AtMs))}"
            ) + (now.Why.Length > 0 ? $" ({Excerpt.Of(now.Why)})" : "")
            : "Live: nothing was promoted yet.";
        string[][] rows =
        [
            ["digest", "model", "items", "MiB", "pushed", ""],
            .. Bundles.Select(bundle =>
                (string[])
                    [
                        bundle.Stored.Short,
                        Excerpt.Of(bundle.ModelId),
                        bundle.Manifest.Items.ToString(CultureInfo.InvariantCulture),
                        (bundle.Stored.Bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture),
                        Time(bundle.Stored.Pushed),
                        RoleOf(bundle.Digest) ?? "",
                    ]
            ),
        ];
        string[][] workers =
        [
            ["worker", "model", "promotion", ""],
            .. Workers.Select(worker =>
                (string[])
                    [
                        worker.Name,
                        worker.Model is null ? "none yet" : Excerpt.Of(worker.Model),
                        worker.Promotion.ToString(CultureInfo.InvariantCulture),
                        worker.Asked is { } asked && asked != worker.Digest ? AskedOf(asked, worker) : "",
                    ]
            ),
        ];
        return $"{live}\n{Table(rows)}\n" + (Workers.Count > 0 ? Table(workers) : "No worker with --registry runs.");
    }

    private string? RoleOf(string digest) =>
        digest == Pointer.Live?.Digest ? "live"
        : digest == Pointer.Staged?.Digest ? "staged"
        : digest == Previous?.Digest ? "previous"
        : null;

    private static string AskedOf(string digest, WorkerReport worker) =>
        $"{Excerpt.Of(digest.AsSpan(0, Math.Min(digest.Length, BundleDigest.Short)))} {worker.State}"
        + (worker.Reason is { } why ? $": {Excerpt.Of(why)}" : "");

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Table(string[][] rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        return string.Join(
            '\n',
            rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd())
        );
    }
}
