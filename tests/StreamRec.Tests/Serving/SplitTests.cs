using StreamRec.Binary;
using StreamRec.Delivery.Ports;
using StreamRec.Encoders;
using StreamRec.Events;
using StreamRec.Models;
using StreamRec.Onnx.Runtime;
using StreamRec.Onnx.Steps;
using StreamRec.Sequences;
using StreamRec.Serving.Users;

namespace StreamRec.Tests.Serving;

/// <summary>
/// However a log is cut into batches, and whatever was cached: what is kept in memory equals what is made from the
/// state alone.
/// </summary>
public sealed class SplitTests : IDisposable
{
    private const int Window = 6,
        Users = 5;
    private const float Tolerance = 1e-5f;

    private readonly RandomBundle _random = new(Window);
    private readonly Bundle _bundle;
    private readonly ModelItems _items;
    private readonly SequenceOptions _options = new() { Kept = 2 * Window - 1, IdleExpiry = TimeSpan.FromDays(30) };

    public SplitTests()
    {
        _bundle = _random.Bundle;
        _items = new ModelItems(_bundle);
    }

    public void Dispose() => _random.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Steps_and_kept_bytes_equal_a_rerun_from_the_stored_state(int seed)
    {
        var random = new Random(seed);
        using var whole = new OnnxUserEncoder(_bundle);
        using var steps = new StepModel(_bundle);
        var step = steps.Open();
        var limit = new VectorLimit(_bundle);
        var (stepped, rerun) = (
            new UserEncoding(_bundle, whole, step, limit),
            new UserEncoding(_bundle, whole, null, limit)
        );
        var users = Enumerable.Range(0, Users).Select(u => Opened($"u{u}", null)).ToArray();
        long offset = 0,
            now = 1_700_000_000_000;
        var outcomes = new HashSet<ApplyOutcome>();
        for (var batch = 0; batch < 120; batch++)
        {
            for (var i = random.Next(0, 9); i > 0; i--)
            {
                // In order, late, twice, whole seconds for a while, and once in a while after a long rest.
                now +=
                    random.Next(40) == 0 ? 40L * 24 * 3_600_000
                    : batch % 40 < 25 ? 1000 * random.Next(3)
                    : random.Next(3000);
                now = batch % 40 == 0 ? now / 1000 * 1000 : now;
                var late = random.Next(6) == 0 ? random.Next(400_000) / 1000 * 1000 : 0;
                var (user, id, time) = (users[random.Next(Users)], $"e{offset}", now - late);
                if (random.Next(8) == 0 && user.Sequence.Events is { Count: > 0 } kept)
                {
                    // A duplicate, or an id that comes back at another time.
                    (time, id) = kept[random.Next(kept.Count)].Key;
                    time += random.Next(2) * 500_000;
                }
                var click = new ClickEvent(
                    id,
                    "",
                    random.Next(5) == 0 ? "unknown" : _bundle.ItemIds[random.Next(1, 51)],
                    random.Next(4) == 0 ? "view" : "click",
                    time
                );
                outcomes.Add(
                    user.Apply(
                        EventText.Of(click),
                        _bundle.IndexOf(click.ItemId),
                        new LogRecord(offset, 3, now, default, default),
                        _options,
                        _items
                    )
                );
                offset++;
            }
            if (random.Next(10) == 0)
            {
                // Left the cache, and was read again, into memory of its own or that of another one that left.
                var (lost, other) = (random.Next(Users), random.Next(Users));
                var (its, others) = (StateCodec.Encode(users[lost].Sequence), StateCodec.Encode(users[other].Sequence));
                (users[lost], users[other]) = (users[other], users[lost]);
                Become(users[lost], lost, its);
                Become(users[other], other, others);
                users[lost] = random.Next(2) == 0 ? users[lost] : Opened($"u{lost}", its);
            }
            Check(users, stepped, rerun);
        }
        Assert.Equal(4, outcomes.Count);
    }

    /// <summary>
    /// The batch that begins a block holds nothing of it that the model knows: what came before is not of the block.
    /// </summary>
    [Fact]
    public void A_block_that_begins_with_unknown_items_forgets_what_was_before_it()
    {
        using var whole = new OnnxUserEncoder(_bundle);
        using var steps = new StepModel(_bundle);
        var step = steps.Open();
        var limit = new VectorLimit(_bundle);
        var (stepped, rerun) = (
            new UserEncoding(_bundle, whole, step, limit),
            new UserEncoding(_bundle, whole, null, limit)
        );
        ServedUser[] users = [Opened("u", null)];
        var offset = 0;
        void Click(int item)
        {
            var click = new ClickEvent(
                $"e{offset}",
                "u",
                item == 0 ? "unknown" : _bundle.ItemIds[item],
                "click",
                1_700_000_000_000 + 1_000 * offset
            );
            users[0]
                .Apply(
                    EventText.Of(click),
                    _bundle.IndexOf(click.ItemId),
                    new LogRecord(offset++, 3, click.TimeMs, default, default),
                    _options,
                    _items
                );
        }
        for (var item = 1; item <= 10; item++)
        {
            Click(item);
        }
        Check(users, stepped, rerun);
        // Two that are known end the block before; the next block begins with as many unknown ones as a window has.
        int[] batch = [11, 12, .. new int[Window]];
        Array.ForEach(batch, Click);
        Check(users, stepped, rerun);
        Click(13);
        Check(users, stepped, rerun);
    }

    /// <summary>What cannot be read is told as often as it is asked for, and the memory serves the next user.</summary>
    [Fact]
    public void An_unreadable_state_never_becomes_a_user()
    {
        var user = new ServedUser("ü", [99]);
        Assert.Contains("ü", Assert.Throws<UnreadableStateException>(() => user.Open(_items)).Message);
        Assert.Throws<UnreadableStateException>(() => user.Open(_items));
        Assert.Throws<InvalidOperationException>(() => user.Sequence);

        user.Become("a longer name", null);
        user.Open(_items);
        Assert.Equal((0, 0L, -1L), (user.Sequence.Count, user.Sequence.Accepted, user.Sequence.LastOffset));
    }

    private void Check(ServedUser[] users, UserEncoding stepped, UserEncoding rerun)
    {
        var fresh = new ServedUser[users.Length];
        for (var u = 0; u < users.Length; u++)
        {
            var writer = new VarintWriter(16);
            users[u].Write(ref writer);
            var state = StateCodec.Encode(users[u].Sequence);
            Assert.Equal(state, writer.ToArray());
            fresh[u] = Opened(users[u].UserId, state);
            Assert.Equal(fresh[u].Items.ToArray(), users[u].Items.ToArray());
        }
        stepped.Encode(users);
        rerun.Encode(fresh);
        Assert.Equal(rerun.Encoded, stepped.Encoded);
        for (var place = 0; place < rerun.Encoded.Count; place++)
        {
            Assert.All(
                rerun.Vector(place).ToArray().Zip(stepped.Vector(place).ToArray()),
                pair => Assert.Equal(pair.First, pair.Second, Tolerance * MathF.Max(1, MathF.Abs(pair.First)))
            );
        }
    }

    private void Become(ServedUser user, int number, byte[] stored)
    {
        user.Become($"u{number}", stored);
        user.Open(_items);
        Assert.Equal($"u{number}", user.UserId);
    }

    private ServedUser Opened(string id, byte[]? stored)
    {
        var user = new ServedUser(id, stored);
        user.Open(_items);
        return user;
    }
}
