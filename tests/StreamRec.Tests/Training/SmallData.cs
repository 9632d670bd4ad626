using StreamRec.Events;
using StreamRec.Training.Data;
using StreamRec.Training.Options;

namespace StreamRec.Tests.Training;

/// <summary>Made-up clicks with a pattern: item k is mostly followed by item k+1.</summary>
internal static class SmallData
{
    public static SequenceData Chain(int users = 120, int items = 40, int length = 24, int seed = 5)
    {
        var random = new Random(seed);
        var events = new List<ClickEvent>();
        for (int user = 0; user < users; user++)
        {
            int item = random.Next(items);
            for (int at = 0; at < random.Next(length / 2, length + 1); at++)
            {
                events.Add(new ClickEvent($"e{user}-{at:000}", $"u{user}", $"i{item:000}", "click", 1000L * at));
                item = random.Next(10) == 0 ? random.Next(items) : (item + 1) % items;
            }
        }
        return SequenceData.From(events);
    }

    public static ModelOptions Options(string architecture = ModelOptions.LstmAttention) =>
        new()
        {
            Architecture = architecture,
            Dimension = 16,
            Window = 12,
            Epochs = 12,
            BatchPositions = 256,
            LearningRate = 0.02f,
            WeightDecay = 0f,
            InputDropout = 0.1f,
            OutputDropout = 0.1f,
            ValidationUsers = 40,
            FilterSeen = false,
            Shards = 2,
        };
}
