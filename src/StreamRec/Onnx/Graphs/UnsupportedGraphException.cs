namespace StreamRec.Onnx.Graphs;

/// <summary>A graph is not one of those that are compiled; ONNX Runtime may well run it.</summary>
internal sealed class UnsupportedGraphException(string message) : Exception(message);
