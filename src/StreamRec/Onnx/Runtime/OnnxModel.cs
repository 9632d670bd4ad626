using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using StreamRec.Events;

namespace StreamRec.Onnx.Runtime;

/// <summary>
/// Opens ONNX files: without external data, with the wanted inputs and outputs, and with threads that do not spin.
/// </summary>
internal static class OnnxModel
{
    /// <param name="path">For messages.</param>
    /// <param name="read">Gives the bytes.</param>
    /// <param name="threads">Intra-op threads.</param>
    /// <param name="inputs">Name, element type and rank of every input; the model has these and no others.</param>
    /// <param name="outputs">The same of outputs that must be there.</param>
    public static InferenceSession Open(
        string path,
        Func<byte[]> read,
        int threads,
        IoContract[] inputs,
        IoContract[] outputs
    )
    {
        try
        {
            var bytes = read();
            if (OnnxModelScan.HasExternalData(bytes))
            {
                throw Refused(path, "it keeps tensors in other files; save it with all its data inside");
            }
            using var options = new SessionOptions
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
            var session = new InferenceSession(bytes, options);
            try
            {
                Check(path, "input", inputs, session.InputMetadata);
                Check(path, "output", outputs, session.OutputMetadata);
                var extra = session.InputMetadata.Keys.FirstOrDefault(name => inputs.All(input => input.Name != name));
                return extra is null
                    ? session
                    : throw Refused(path, $"its input \"{Excerpt.Of(extra)}\" is not part of the contract");
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
        catch (Exception fault)
            when (fault
                    is IOException
                        or UnauthorizedAccessException
                        or OnnxRuntimeException
                        or InvalidProtocolBufferException
            )
        {
            throw new StreamRecException($"{path} cannot be loaded: {fault.Message}", FaultKind.Input, fault);
        }
    }

    public static StreamRecException Refused(string path, string why) =>
        new(
            $"{path} is not an encoder that can be run: {why}. The contract stands in schemas/bundle.md.",
            FaultKind.Input
        );

    private static void Check(
        string path,
        string side,
        IoContract[] wanted,
        IReadOnlyDictionary<string, NodeMetadata> found
    )
    {
        foreach (var contract in wanted)
        {
            if (!found.TryGetValue(contract.Name, out var actual))
            {
                throw Refused(
                    path,
                    $"it has no {side} \"{contract.Name}\"; it has {Excerpt.Of(string.Join(", ", found.Keys))}"
                );
            }
            var fits =
                actual.IsTensor
                && actual.ElementType == contract.Type
                && actual.Dimensions.Length == contract.Shape.Length
                && actual
                    .Dimensions.Zip(contract.Shape)
                    .All(size => size.Second < 0 || size.First < 0 || size.First == size.Second);
            if (!fits)
            {
                throw Refused(
                    path,
                    $"its {side} \"{contract.Name}\" is {actual.ElementType?.Name ?? "no tensor"}"
                        + $"[{string.Join(",", actual.Dimensions ?? [])}], "
                        + $"and must be {contract.Type.Name}[{string.Join(",", contract.Shape)}]"
                );
            }
        }
    }
}

/// <summary>An input or output: its name, element type, and shape; −1 is a size that varies.</summary>
internal sealed record IoContract(string Name, Type Type, params int[] Shape);
