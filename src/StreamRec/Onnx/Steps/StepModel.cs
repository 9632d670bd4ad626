using Google.Protobuf;
using StreamRec.Encoders;
using StreamRec.Models;
using StreamRec.Onnx.Graphs;
using StreamRec.Onnx.Runtime;

namespace StreamRec.Onnx.Steps;

/// <summary>
/// A bundle's step.onnx, loaded once; each thread that steps opens an encoder of its own. A graph as our exporter
/// writes it is compiled into a program, which runs in place of ONNX Runtime where it said the same in a trial; ONNX
/// Runtime runs any other.
/// </summary>
public sealed class StepModel : IDisposable
{
    private readonly OnnxStepModel? _onnx;
    private readonly StepProgram? _program;
    private readonly int _items;

    /// <exception cref="StreamRecException">The bundle has no step.onnx, or it does not keep the contract.</exception>
    public StepModel(Bundle bundle)
        : this(bundle, bundle.ReadStep) { }

    /// <param name="read">Gives the bytes that are compiled; ONNX Runtime gets the bundle's own.</param>
    internal StepModel(Bundle bundle, Func<byte[]> read)
    {
        _items = bundle.Manifest.Items;
        var onnx = new OnnxStepModel(bundle);
        try
        {
            var graph = OperatorGraphReader.Read(read());
            _program = StepCompiler.Compile(graph, onnx.Dimension, _items, bundle.Vectors);
            using var trusted = onnx.Open();
            NotCompiled = StepCheck.Difference(new StepProgramEncoder(_program, _items), trusted, _items);
        }
        catch (Exception fault)
            when (fault
                    is UnsupportedGraphException
                        or InvalidProtocolBufferException
                        or EncoderFailedException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            NotCompiled = fault.Message;
        }
        catch
        {
            onnx.Dispose();
            throw;
        }
        if (NotCompiled is null)
        {
            onnx.Dispose();
        }
        else
        {
            (_onnx, _program) = (onnx, null);
        }
    }

    /// <summary>Why ONNX Runtime runs the graph; null where a program does.</summary>
    public string? NotCompiled { get; }

    /// <summary>An encoder for one thread. It must not outlive the model.</summary>
    public IStepEncoder Open() => _program is null ? _onnx!.Open() : new StepProgramEncoder(_program, _items);

    public void Dispose() => _onnx?.Dispose();
}
