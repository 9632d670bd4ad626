using BenchmarkDotNet.Attributes;
using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Lists;
using StreamRec.Models;
using StreamRec.Onnx;
using StreamRec.Sequences;
using StreamRec.Serving.Users;
using StreamRec.Training.Runs;

namespace StreamRec.Benchmarks;

/// <summary>
/// The parts of an event's way, but for the search (`-- top-n`): D = 64, W = 50, lists of 100 of 50,000 items, batches
/// of 64.
/// </summary>
[MemoryDiagnoser]
public class PartsBenchmarks
{
    private const int Batch = 64,
        ListSize = 100;

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"streamrec-{Guid.NewGuid():N}");
    private readonly byte[] _record = EventJson.ToUtf8(
        new ClickEvent("e000000000001", "user-0000001", "item-0000001", "click", 1_700_000_000_000)
    );
    private readonly SequenceOptions _options = new() { Kept = 99 };
    private readonly byte[] _text = new byte[64 << 10];
    private readonly int[] _items = [.. Enumerable.Range(1, ListSize)];
    private readonly float[] _scores = [.. Enumerable.Range(0, ListSize).Select(rank => 3.21987f - rank * 0.01371f)];
    private VarintWriter _writer = new(4096);
    private Bundle _bundle = null!;
    private ServedEncoder _encoder = null!;
    private ModelItems _model = null!;
    private IUserEncoder _whole = null!;
    private IStepEncoder _step = null!;
    private ReadOnlyMemory<int>[] _windows = null!;
    private float[][] _states = null!;
    private float[] _users = null!;
    private ServedUser _user = null!;
    private ItemTexts _ids = null!;
    private Provenance _made;
    private long _next;

    [GlobalSetup]
    public void Setup()
    {
        BundleWriter.Write(_directory, MeasuringModel.Random(50_000, 64, 50, 1, 1).ToContents());
        _bundle = Bundle.Load(_directory);
        _encoder = new ServedEncoder(_bundle);
        _model = new ModelItems(_bundle);
        _whole = _encoder.Whole;
        _step = _encoder.OpenStep!();
        _windows = [.. Enumerable.Repeat((ReadOnlyMemory<int>)Enumerable.Range(1, 50).ToArray(), Batch)];
        _states = [.. Enumerable.Range(0, Batch).Select(_ => new float[_step.StateWidth])];
        Array.ForEach(_states, state => _step.Start(state));
        _users = new float[Batch * 64];
        _ids = new ItemTexts([.. _bundle.ItemIds.Select(id => System.Text.Json.JsonEncodedText.Encode(id))]);
        _made = new Provenance(
            "model",
            _bundle.Manifest.ModelId,
            new LastEvent(1_700_000_000_000, System.Text.Encoding.UTF8.GetBytes("e000000000001")),
            new Through("kG1IZNCzQZCBYW1pbU9aVA", 3, 0, 5, 90210, 1767225601003),
            "5b1f0c9e",
            1767225600262
        );
        _user = new ServedUser("user-0000001", null);
        _user.Open(_model);
        for (var i = 0; i < 99; i++)
        {
            SequenceUpdate();
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _encoder.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public bool RecordToEvent() => EventJson.TryParse(_record.AsMemory(), out EventText _, out _);

    /// <summary>A full window: one event in, one out, and the state's bytes.</summary>
    [Benchmark]
    public int SequenceUpdate()
    {
        var click = new ClickEvent($"e{_next:D12}", "user-0000001", "item-0000001", "click", 1_700_000_000_000 + _next);
        _user.Apply(
            EventText.Of(click),
            _bundle.IndexOf(click.ItemId),
            new LogRecord(_next, 0, 1_700_000_000_000 + _next, default, default),
            _options,
            _model
        );
        _next++;
        _writer.Clear();
        _user.Write(ref _writer);
        return _writer.Length;
    }

    /// <summary>Per user, of windows of 50.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void EncodeByRerun() => _whole.Encode(_windows, _users);

    /// <summary>Per user.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public void EncodeByStep() => _step.Step(_items.AsSpan(0, Batch), _states, _users);

    [Benchmark]
    public int ListToText() => new ListWriter(_text).Write(_made, _items, _scores, _ids);
}
