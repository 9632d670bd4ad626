using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using StreamRec.Onnx;
using StreamRec.Onnx.Graphs;
using StreamRec.Reranking;
using StreamRec.Training.Reranking;

namespace StreamRec.Tests.Reranking;

/// <summary>The network as it is served says what ONNX Runtime says of its file, and orders lists by it.</summary>
public class NetworkRerankerTests
{
    private static readonly RerankingTables s_tables = RerankingExample.Tables();
    private static readonly int s_features = RerankingFeatures.All.Count;

    [Theory]
    [InlineData(32)]
    [InlineData(5)]
    public void Agrees_with_ONNX_Runtime(int units)
    {
        var file = RerankerExport.Write(RerankingExample.Weights(s_features, units, seed: 5));
        var network = RerankerGraph.Read(file, s_features);
        using var session = new InferenceSession(file);
        var features = new CandidateFeatures(s_tables);
        var columns = features.Columns(RerankingFeatures.All);
        var scores = new float[CandidateFeatures.Stride];
        for (var list = 0; list < 20; list++)
        {
            var count = 1 + (list * 5);
            var (items, first) = RerankingExample.Candidates(count, seed: list);
            features.Compute([.. RerankingExample.History(list, list).Where(item => item > 0)], items, first);
            network.Score(columns, count, scores);

            var input = new DenseTensor<float>([1, count, s_features]);
            for (var at = 0; at < input.Length; at++)
            {
                input.SetValue(at, columns[at % s_features][at / s_features]);
            }
            using var results = session.Run([NamedOnnxValue.CreateFromTensor("features", input)]);
            var trusted = results[0].AsTensor<float>();
            Assert.Equal([1, count], trusted.Dimensions.ToArray());
            for (var place = 0; place < count; place++)
            {
                var expected = trusted[0, place];
                Assert.Equal(expected, scores[place], 1e-5f * MathF.Max(1, MathF.Abs(expected)));
            }
        }
    }

    [Fact]
    public void A_candidate_has_the_same_bits_wherever_it_stands()
    {
        var network = FittedReranker.Compile(RerankingExample.Weights(s_features, 32, seed: 6));
        var random = new Random(6);
        float[][] columns =
        [
            .. Enumerable
                .Range(0, s_features)
                .Select(_ => Enumerable.Range(0, CandidateFeatures.Stride).Select(_ => random.NextSingle()).ToArray()),
        ];
        float[] scores = new float[CandidateFeatures.Stride],
            turned = new float[CandidateFeatures.Stride];

        network.Score(columns, CandidateFeatures.Stride, scores);
        Array.ForEach(columns, Array.Reverse);
        network.Score(columns, CandidateFeatures.Stride, turned);

        Assert.Equal(scores, turned.Reverse());
    }

    [Fact]
    public void A_list_keeps_its_items_and_descends()
    {
        var reranker = Reranker(RerankingExample.Weights(s_features, 32, seed: 7), candidates: 40);
        var (items, scores) = RerankingExample.Candidates(60, seed: 8);
        int[] before = [.. items];

        Assert.True(reranker.Rerank(RerankingExample.History(20, 9), items, scores));

        Assert.NotEqual(before[..40], items[..40]);
        Assert.Equal(before[..40].Order(), items[..40].Order());
        Assert.Equal(before[40..], items[40..]);
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.Equal(
            before[..40].Zip(reranker.Scores[..40].ToArray()).OrderByDescending(pair => pair.Second),
            items[..40].Zip(scores)
        );
    }

    [Fact]
    public void Where_a_score_is_not_finite_the_list_stays()
    {
        var reranker = Reranker(RerankingExample.Weights(s_features, 32, seed: 7), candidates: 40);
        var (items, scores) = RerankingExample.Candidates(40, seed: 8);
        scores[39] = float.MinValue;
        scores[0] = float.MaxValue;
        (int[] before, float[] first) = ([.. items], [.. scores]);

        Assert.False(reranker.Rerank([1, 2, 3], items, scores));

        Assert.Equal(before, items);
        Assert.Equal(first, scores);
    }

    [Fact]
    public void A_list_allocates_nothing()
    {
        var reranker = Reranker(RerankingExample.Weights(s_features, 32, seed: 7), candidates: 100);
        var history = RerankingExample.History(100, 9);
        var (items, scores) = RerankingExample.Candidates(100, seed: 8);
        reranker.Rerank(history, items, scores);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var list = 0; list < 100; list++)
        {
            reranker.Rerank(history, items, scores);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Another_graph_is_refused()
    {
        var file = RerankerExport.Write(RerankingExample.Weights(s_features, 32, seed: 5));

        Assert.Contains("shape", Refused(file, s_features + 1));
        Assert.Contains("operators", Refused(Replaced(file, "Relu", "Tanh"), s_features));
        Assert.Contains("features", Refused(Replaced(file, "features", "FEATURES"), s_features));

        static string Refused(byte[] file, int features) =>
            Assert.Throws<UnsupportedGraphException>(() => RerankerGraph.Read(file, features)).Message;
    }

    private static byte[] Replaced(byte[] file, string from, string to)
    {
        var text = System.Text.Encoding.Latin1.GetString(file);
        Assert.Contains(from, text);
        return System.Text.Encoding.Latin1.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static NetworkReranker Reranker(NetworkWeights weights, int candidates) =>
        new(s_tables, FittedReranker.Compile(weights), RerankingFeatures.All, candidates, RerankingExample.Window);
}
