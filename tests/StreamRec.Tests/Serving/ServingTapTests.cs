using StreamRec.Lists;
using StreamRec.Sequences;
using StreamRec.Serving;

namespace StreamRec.Tests.Serving;

/// <summary>A tap sees users before and after the events of a batch, and changes nothing.</summary>
public sealed class ServingTapTests : IDisposable
{
    private const int Window = 4;

    private static readonly ServingOptions s_options = new()
    {
        ListSize = 5,
        Dial = 0.5f,
        Sequence = new SequenceOptions { Kept = 2 * Window - 1 },
    };

    private readonly RandomBundle _random = new(Window);

    public void Dispose() => _random.Dispose();

    [Fact]
    public void What_goes_by_is_what_was_read_and_what_is_written()
    {
        var bundle = _random.Bundle;
        using var models = TestEncoders.Live(bundle, s_options);
        var tap = new Recording();
        var scene = new ServingScene(
            new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1) { Tap = tap }
        );
        var plain = new ServingScene(new Recommender(models, s_options, ServingScene.Clock, (_, _) => -1));

        foreach (
            var clicks in (string[][])
                [
                    ["a 1", "b 2", "a 3"],
                    ["b 4", "c unknown", "a 1"],
                ]
        )
        {
            var read = clicks
                .Select(click => click.Split(' '))
                .Select(click => (User: click[0], Item: int.TryParse(click[1], out var item) ? item : 0))
                .ToArray();
            (string, string)[] batch =
            [
                .. read.Select(click => (click.User, click.Item == 0 ? "unknown" : bundle.ItemIds[click.Item])),
            ];
            tap.Told.Clear();

            var lists = scene.Work(batch);

            var expected = plain.Work(batch);
            Assert.Equal(expected.Select(Text), lists.Select(Text));
            Assert.Equal(read.Select(click => $"{click.User} {click.Item}"), tap.Events);
            Assert.Equal(lists.Select(Text), tap.Lists.Select(Text));
            Assert.Equal(
                lists.Select(list => $"{list.Key} {string.Join(',', list.Value.Items.Select(bundle.IndexOf))}"),
                tap.Ranked.Order()
            );
        }
        // Events before and after the second batch, and what was kept then; of c the model knows nothing.
        Assert.Equal(["b 1 [2]", "c 0 []", "a 2 [1,3]", "b 2 [2,4]", "c 1 [0]", "a 3 [1,3,1]"], tap.Told);
    }

    private static string Text(KeyValuePair<string, PublishedList> list) =>
        $"{list.Key} {list.Value.Kind} {string.Join(',', list.Value.Items)} {string.Join(',', list.Value.Scores)}";

    private sealed class Recording : IServingTap
    {
        public List<string> Told { get; } = [];

        public List<string> Events { get; } = [];

        public List<string> Ranked { get; } = [];

        public SortedDictionary<string, PublishedList> Lists { get; } = new(StringComparer.Ordinal);

        public void Before(in ServedBatch batch)
        {
            Events.Clear();
            for (var at = 0; at < batch.Events; at++)
            {
                Events.Add($"{batch.UserId(batch.Slot(at))} {batch.Item(at)}");
            }
            Assert.Equal(0, batch.Lists);
            Tell(batch);
        }

        public void After(in ServedBatch batch)
        {
            Lists.Clear();
            Ranked.Clear();
            for (var place = 0; place < batch.Lists; place++)
            {
                var user = batch.UserId(batch.SlotOf(place));
                Lists.Add(user, PublishedList.Parse(batch.Text(place)));
                Ranked.Add($"{user} {string.Join(',', batch.Listed(place).ToArray())}");
                Assert.Equal(ListKinds.Model, batch.Kind(place));
                Assert.Equal(batch.Listed(place).Length, batch.Scores(place).Length);
            }
            Tell(batch);
        }

        private void Tell(in ServedBatch batch)
        {
            for (var slot = 0; slot < batch.Users; slot++)
            {
                var kept = string.Join(',', batch.Kept(slot).ToArray());
                Told.Add($"{batch.UserId(slot)} {batch.Accepted(slot)} [{kept}]");
            }
        }
    }
}
