using System.CommandLine;
using BenchmarkDotNet.Running;
using StreamRec.Benchmarks;

var json = new Option<bool>("--json") { Description = "A JSON object a row." };
var items = Numbers("--items", "Counts of items.", 3400, 50_000, 1_000_000);
var faiss = new Option<string?>("--faiss")
{
    Description = "A Python that has faiss and numpy, to run FAISS' flat index beside.",
};
var topN = new Command("top-n", "The scoring table; it takes minutes.") { json, items, faiss };
topN.SetAction(parsed => TopNTable.Run(parsed.GetValue(json), parsed.GetValue(items)!, parsed.GetValue(faiss)));

var dimensions = Numbers("--dimensions", "Widths of vectors.", 64, 128, 256);
var train = new Command("train", "Training steps a second; it takes minutes.") { json, dimensions };
train.SetAction(parsed => TrainingTable.Run(parsed.GetValue(json), parsed.GetValue(dimensions)!));

var root = new RootCommand(
    "The tables of docs/performance.md. All other arguments are BenchmarkDotNet's, such as --list flat or --filter '*'."
)
{
    topN,
    train,
};

// Options but for these are BenchmarkDotNet's; a mistyped word is nobody's.
if (args is [['-', ..] first, ..] && first is not ("--help" or "-h" or "-?" or "--version"))
{
    BenchmarkSwitcher.FromAssembly(typeof(TopNTable).Assembly).Run(args);
    return 0;
}
return root.Parse(args is [] ? ["--help"] : args).Invoke();

static Option<int[]> Numbers(string name, string description, params int[] standard) =>
    new(name)
    {
        Description = $"{description} Commas between. Default {string.Join(',', standard)}.",
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            var numbers = Array.ConvertAll(
                result.Tokens[0].Value.Split(','),
                part => int.TryParse(part, out var number) && number > 0 ? number : 0
            );
            if (numbers.Contains(0))
            {
                result.AddError($"{name} is '{result.Tokens[0].Value}': give whole numbers above 0, commas between.");
            }
            return numbers;
        },
    };
