using BenchmarkDotNet.Attributes;
using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Training.Runs;

namespace StreamRec.Benchmarks;

/// <summary>A step of a user, in batches: by the compiled program, and by ONNX Runtime. D = 64, 50,000 items.</summary>
[MemoryDiagnoser]
public class StepBenchmarks
{
    private const int Users = 256;

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly int[] _items = [.. Enumerable.Range(1, Users)];
    private OnnxStepModel _onnxModel = null!;
    private OnnxStepEncoder _onnx = null!;
    private StepModel _model = null!;
    private IStepEncoder _program = null!;
    private float[][] _states = null!;
    private float[] _users = null!;

    [Params(1, 4, 16, 64, 256)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        BundleWriter.Write(_directory, MeasuringModel.Random(50_000, 64, 50, 1, 1).ToContents());
        var bundle = Bundle.Load(_directory);
        _model = new StepModel(bundle);
        _program = _model.NotCompiled is null ? _model.Open() : throw new InvalidOperationException(_model.NotCompiled);
        _onnxModel = new OnnxStepModel(bundle);
        _onnx = _onnxModel.Open();
        _states = [.. Enumerable.Range(0, Users).Select(_ => new float[_program.StateWidth])];
        Array.ForEach(_states, state => _program.Start(state));
        _users = new float[Users * 64];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _onnx.Dispose();
        _onnxModel.Dispose();
        _model.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Per user.</summary>
    [Benchmark(OperationsPerInvoke = Users)]
    public void StepByProgram() => Step(_program);

    /// <summary>Per user.</summary>
    [Benchmark(OperationsPerInvoke = Users)]
    public void StepByOnnxRuntime() => Step(_onnx);

    private void Step(IStepEncoder encoder)
    {
        for (var at = 0; at < Users; at += Batch)
        {
            encoder.Step(_items.AsSpan(at, Batch), _states.AsSpan(at, Batch), _users);
        }
    }
}
