using StreamRec.Models;
using StreamRec.Training.Export;

namespace StreamRec.Tests.Hosting;

/// <summary>A bundle that is known by heart: items a, b and c, and a user is the mean of the items seen.</summary>
internal static class MeanBundle
{
    public static string Write(
        string directory,
        bool? excludeSeen = null,
        long? halfLifeMs = null,
        params string[] types
    )
    {
        float[] vectors = [0f, 0f, 1f, 2f, 3f, 4f, 5f, 6f];
        var graph = new OnnxGraph("mean");
        graph.Input("items", OnnxFields.DataType.Int64, "b", "l");
        graph.Input("lengths", OnnxFields.DataType.Int64, "b");
        graph.Output("user", OnnxFields.DataType.Float, "b", 2);
        graph.Constant("table", vectors, 4, 2);
        graph.Constant("axis", [1L], 1);
        graph.Node("Gather", "x", ["table", "items"]);
        graph.Node("ReduceSum", "sum", ["x", "axis"], ("keepdims", 0));
        graph.Node("Cast", "count", ["lengths"], ("to", OnnxFields.DataType.Float));
        graph.Node("Unsqueeze", "column", ["count", "axis"]);
        graph.Node("Div", "user", ["sum", "column"]);
        BundleWriter.Write(
            directory,
            new BundleContents
            {
                Dimension = 2,
                Window = 50,
                ItemIds = ["", "a", "b", "c"],
                Vectors = vectors,
                Encoder = graph.ToBytes(),
                ExcludeSeen = excludeSeen,
                Types = types,
                // Where it forgets, b is what is popular, and a and c are of long ago.
                Popularity = halfLifeMs is null ? default : new[] { 0f, .25f, 8f, .5f },
                PopularHalfLifeMs = halfLifeMs,
                Segments = [new("age:25-34", 60, 700, 0, [2], [9])],
            }
        );
        return directory;
    }
}
