using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using StreamRec.Events;
using StreamRec.Options;

namespace StreamRec.DeadLetters;

/// <summary>`streamrec dead-letters list`.</summary>
internal static class ListCommand
{
    private const int StandardLimit = 50;

    public static Command Create()
    {
        var place = DeadLettersCommand.Topic();
        var (reason, since) = (DeadLettersCommand.Reason(), DeadLettersCommand.Since());
        var limit = new Option<int?>("--limit")
        {
            Description = $"The newest so many are listed; all are counted. Default {StandardLimit}.",
        };
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("list", "List dead letters, the newest last, and count them by reason.")
        {
            reason,
            since,
            limit,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = DeadLettersCommand.Read(parsed, set, place);
                var letters = await new LetterTopic(options.KafkaSettings(), options.DeadLetters).ReadAsync(
                    DeadLettersCommand.SinceOf(parsed.GetValue(since), TimeProvider.System),
                    parsed.GetValue(reason) ?? [],
                    cancel
                );
                var list = await Task.Run(
                    () => LetterList.Of(letters, Math.Max(0, parsed.GetValue(limit) ?? StandardLimit)),
                    cancel
                );
                Console.WriteLine(parsed.GetValue(json) ? list.ToJson(options.DeadLetters) : list.ToText());
                return 0;
            }
        );
        return command;
    }
}

/// <summary>The newest letters, and how many there are by reason.</summary>
internal sealed record LetterList(IReadOnlyList<Letter> Newest, IReadOnlyDictionary<string, long> Reasons)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static LetterList Of(IEnumerable<Letter> letters, int limit)
    {
        var newest = new PriorityQueue<Letter, long>();
        var reasons = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var letter in letters)
        {
            reasons[letter.Reason] = reasons.GetValueOrDefault(letter.Reason) + 1;
            newest.Enqueue(letter with { Value = [] }, letter.WrittenMs);
            if (newest.Count > limit)
            {
                newest.Dequeue();
            }
        }
        return new([.. newest.UnorderedItems.OrderBy(item => item.Priority).Select(item => item.Element)], reasons);
    }

    public string ToJson(string topic) =>
        JsonSerializer.Serialize(
            new
            {
                Topic = topic,
                Letters = Newest.Select(letter => new
                {
                    letter.Place,
                    WrittenAt = letter.WrittenMs,
                    letter.Reason,
                    letter.Message,
                    Key = System.Text.Encoding.UTF8.GetString(letter.Key),
                    letter.Source.Topic,
                    letter.Source.TopicUuid,
                    letter.Source.Partition,
                    letter.Source.Offset,
                    Cut = letter.IsCut,
                }),
                Reasons,
            },
            s_json
        );

    public string ToText() =>
        string.Join(
            '\n',
            [
                .. Newest.Select(letter =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{letter.Place, -8}  {Time(letter.WrittenMs)}  {Excerpt.Of(letter.Reason)}  of "
                            + $"{Excerpt.Of(letter.Source.Topic)} {letter.Source.Partition}:{letter.Source.Offset}  "
                            + $"key {Excerpt.Of(letter.Key)}  {Excerpt.Of(letter.Message)}"
                    )
                ),
                Reasons.Count == 0
                    ? "no dead letters"
                    : string.Create(CultureInfo.InvariantCulture, $"{Reasons.Values.Sum()} dead letters: ")
                        + string.Join(
                            ", ",
                            Reasons.Select(pair =>
                                string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {Excerpt.Of(pair.Key)}")
                            )
                        ),
            ]
        );

    private static string Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + "Z";
}
