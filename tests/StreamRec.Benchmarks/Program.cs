using BenchmarkDotNet.Running;
using StreamRec.Benchmarks;

// `-- top-n [--json] [--items 3400,50000] [--faiss python3]` prints the scoring table; everything else is BenchmarkDotNet's.
if (args is ["top-n", ..])
{
    var (at, faiss) = (Array.IndexOf(args, "--items"), Array.IndexOf(args, "--faiss"));
    TopNTable.Run(
        args.Contains("--json"), at < 0 ? [3400, 50_000, 1_000_000] : [.. args[at + 1].Split(',').Select(int.Parse)],
        faiss < 0 ? null : args[faiss + 1]);
    return;
}
// `-- train [--json] [--dimensions 128,192]` prints training steps a second.
if (args is ["train", ..])
{
    var at = Array.IndexOf(args, "--dimensions");
    TrainingTable.Run(args.Contains("--json"), at < 0 ? [64, 128, 256] : [.. args[at + 1].Split(',').Select(int.Parse)]);
    return;
}
BenchmarkSwitcher.FromAssembly(typeof(TopNTable).Assembly).Run(args);
