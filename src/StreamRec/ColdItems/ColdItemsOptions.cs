using System.CommandLine;
using System.Globalization;
using StreamRec.Options;
using StreamRec.Training.Options;

namespace StreamRec.ColdItems;

/// <summary>What `evaluate` is told for `--split cold-items` alone.</summary>
internal sealed class ColdItemsOptions
{
    private readonly Option<int?> _seed = new("--seed")
    {
        Description = "With --split cold-items: which tenth of the items is drawn (default 7).",
    };

    private readonly Option<string?> _config = new(SharedOptions.ConfigName)
    {
        Description = "With --split cold-items: JSON file of the options of `train`.",
    };

    private readonly Option<string?> _checkpoint = new("--checkpoint")
    {
        Description =
            "With --split cold-items: file that holds how training stands after each epoch, as in `train`; "
            + "it is left there, so that a second run need not train.",
    };

    private readonly Option<string?> _shares = new("--new-item-share")
    {
        Description =
            "With --split cold-items: shares of the slots that new items are to take, commas between "
            + "(default .01,.02,.05,.1).",
    };

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <exception cref="StreamRecException">One was given, and the split is another one.</exception>
    public void RequireNone(ParseResult parsed) =>
        Require(parsed, All, "goes with --split cold-items, which trains a model of its own");

    /// <param name="others">Options of `evaluate` that judge a bundle.</param>
    public int Run(
        ParseResult parsed,
        string events,
        string? items,
        string? types,
        bool json,
        IReadOnlyList<Option> others,
        CancellationToken cancel
    )
    {
        Require(parsed, others, "judges a bundle, and --split cold-items trains a model of its own");
        var options = parsed.GetValue(_config) is { } file ? ModelConfig.Read(file) : new ModelOptions();
        ModelConfig.CheckGiven(options);
        return new ColdItemsRun
        {
            Events = events,
            Items =
                items
                ?? throw new StreamRecException(
                    $"--split {ColdItemsRun.Split} needs --items FILE: what is known of the items.",
                    FaultKind.Usage
                ),
            Types = types,
            Options = options,
            Checkpoint = parsed.GetValue(_checkpoint),
            Seed = parsed.GetValue(_seed) ?? 7,
            Shares = Shares(parsed.GetValue(_shares) ?? ".01,.02,.05,.1"),
            Json = json,
        }.Start(cancel);
    }

    private IReadOnlyList<Option> All => [_seed, _config, _checkpoint, _shares];

    private static void Require(ParseResult parsed, IReadOnlyList<Option> none, string why)
    {
        if (none.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new StreamRecException($"{given.Name} {why}.", FaultKind.Usage);
        }
    }

    internal static double[] Shares(string text) =>
        [
            .. text.Split(',', StringSplitOptions.TrimEntries)
                .Select(part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var share)
                    && share is > 0 and <= 1
                        ? share
                        : throw new StreamRecException(
                            $"--new-item-share has '{part}': give numbers above 0, to 1, commas between, "
                                + "such as .02,.05.",
                            FaultKind.Usage
                        )
                ),
        ];
}
