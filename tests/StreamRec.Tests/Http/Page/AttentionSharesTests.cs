using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Http.Page;
using StreamRec.Models;
using StreamRec.Sequences;
using StreamRec.Telemetry.Status;
using StreamRec.Tests.Onnx;
using StreamRec.Training.Export;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Http.Page;

/// <summary>Of a user's kept events, the share of attention of those that the model encodes.</summary>
public sealed class AttentionSharesTests : IDisposable
{
    private static readonly SequenceOptions s_options = new() { Kept = 2 * StepBundles.Window };
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private Bundle? _live;
    private bool _makesNewItems;
    private readonly AttentionShares _attention;

    public AttentionSharesTests() =>
        _attention = new AttentionShares(() =>
            _live is null
                ? null
                : new ServedModel("m", 40, "by step") { Bundle = _live, MakesNewItems = _makesNewItems }
        );

    public void Dispose()
    {
        _attention.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void An_item_that_the_model_lacks_has_no_share()
    {
        _live = Write(1);
        var shares = _attention.Of(Sequence("i3", "elsewhere", "i4"))!;
        Assert.Equal([false, true, false], shares.Select(float.IsNaN));
        Assert.Equal(1, shares[0] + shares[2], 1e-5f);
    }

    [Fact]
    public void Nor_has_one_before_the_window()
    {
        _live = Write(1);
        var events = StepBundles.Window * 2;
        var shares = _attention.Of(Sequence([.. Enumerable.Range(0, events).Select(at => $"i{1 + (at % 40)}")]))!;
        var start = (int)EncodingWindow.Start(events, StepBundles.Window);
        Assert.Equal(start, shares.Count(float.IsNaN));
        Assert.All(shares[..start], share => Assert.Equal(float.NaN, share));
        Assert.Equal(1, shares[start..].Sum(), 1e-5f);
    }

    [Fact]
    public void Shares_are_those_of_the_model_that_is_live()
    {
        Assert.Null(_attention.Of(Sequence("i3", "i4")));
        _live = Write(1);
        var first = _attention.Of(Sequence("i3", "i4"));
        _live = Write(2);
        Assert.NotEqual(first, _attention.Of(Sequence("i3", "i4")));
        _live = StepBundles.Write(Path.Combine(_root, "3"), StepBundles.Weights(ModelOptions.LstmDense));
        Assert.Null(_attention.Of(Sequence("i3", "i4")));
    }

    [Fact]
    public void A_user_without_a_known_item_has_no_share()
    {
        _live = Write(1);
        Assert.Equal([float.NaN], _attention.Of(Sequence("elsewhere"))!);
    }

    [Fact]
    public void Nothing_is_said_of_a_sequence_with_items_that_may_count_by_the_catalogue()
    {
        (_live, _makesNewItems) = (Write(1), true);
        Assert.Equal(1, _attention.Of(Sequence("i3", "i4"))!.Sum(), 1e-5f);
        var fault = Assert.Throws<StreamRecException>(() => _attention.Of(Sequence("i3", "elsewhere")));
        Assert.Contains("not trained on", fault.Message);
    }

    private Bundle Write(int seed)
    {
        var weights = StepBundles.Weights(ModelOptions.LstmAttention, seed: seed);
        return StepBundles.Write(Path.Combine(_root, $"{seed}"), weights, explain: ExplainExport.Write(weights));
    }

    private static UserSequence Sequence(params string[] items)
    {
        var sequence = new UserSequence();
        for (var at = 0; at < items.Length; at++)
        {
            var click = EventText.Of(new ClickEvent($"{at}", "u", items[at], "click", at));
            sequence.Apply(click, at, 0, at, s_options);
        }
        return sequence;
    }
}
