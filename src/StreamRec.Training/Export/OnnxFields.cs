namespace StreamRec.Training.Export;

/// <summary>Field numbers and enumerations of onnx.proto3 (IR version 13), message by message.</summary>
public static class OnnxFields
{
    public static class Model
    {
        public const int IrVersion = 1,
            ProducerName = 2,
            ProducerVersion = 3,
            Domain = 4,
            ModelVersion = 5,
            DocString = 6,
            Graph = 7,
            OpsetImport = 8,
            TrainingInfo = 20,
            Functions = 25;
    }

    public static class Opset
    {
        public const int Domain = 1,
            Version = 2;
    }

    public static class Training
    {
        public const int Initialization = 1,
            Algorithm = 2;
    }

    public static class Graph
    {
        public const int Node = 1,
            Name = 2,
            Initializer = 5,
            DocString = 10,
            Input = 11,
            Output = 12,
            SparseInitializer = 15;
    }

    public static class Function
    {
        public const int Node = 7,
            AttributeDefault = 11;
    }

    public static class Node
    {
        public const int Input = 1,
            Output = 2,
            Name = 3,
            Kind = 4,
            Attribute = 5,
            DocString = 6,
            Domain = 7;
    }

    public static class Attribute
    {
        public const int Name = 1,
            Float = 2,
            Int = 3,
            Tensor = 5,
            Graph = 6,
            Ints = 8,
            Tensors = 10,
            Graphs = 11,
            Type = 20,
            SparseTensor = 22,
            SparseTensors = 23;
    }

    public static class AttributeType
    {
        public const int Float = 1,
            Int = 2,
            Ints = 7;
    }

    public static class Tensor
    {
        public const int Dims = 1,
            DataType = 2,
            FloatData = 4,
            Name = 8,
            RawData = 9,
            DocString = 12,
            ExternalData = 13,
            DataLocation = 14;
    }

    public static class DataType
    {
        public const int Float = 1,
            Int32 = 6,
            Int64 = 7;
    }

    public static class SparseTensor
    {
        public const int Values = 1,
            Indices = 2;
    }

    public static class ValueInfo
    {
        public const int Name = 1,
            Type = 2,
            DocString = 3;
    }

    public static class ValueType
    {
        public const int Tensor = 1;
    }

    public static class TensorType
    {
        public const int ElementType = 1,
            Shape = 2;
    }

    public static class Shape
    {
        public const int Dimension = 1;
    }

    public static class Dimension
    {
        public const int Value = 1,
            Symbol = 2;
    }
}
