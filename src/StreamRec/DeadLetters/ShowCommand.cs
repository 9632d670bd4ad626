using System.CommandLine;
using System.Text.Json;
using Confluent.Kafka;
using StreamRec.Events;
using StreamRec.Options;

namespace StreamRec.DeadLetters;

/// <summary>`streamrec dead-letters show`.</summary>
internal static class ShowCommand
{
    public static Command Create()
    {
        var at = new Argument<string>("place") { Description = "PARTITION:OFFSET, as `list` prints it." };
        var place = DeadLettersCommand.Topic();
        var raw = new Option<bool>("--raw")
        {
            Description = "Write the value's bytes as they are, and nothing else: to a file, to mend them.",
        };
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("show", "Show one dead letter whole, safe for a terminal.") { at, raw, json, set };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = DeadLettersCommand.Read(parsed, set, place);
                var record = await new LetterTopic(options.KafkaSettings(), options.DeadLetters).AtAsync(
                    parsed.GetRequiredValue(at),
                    cancel
                );
                if (parsed.GetValue(raw))
                {
                    using var output = Console.OpenStandardOutput();
                    await output.WriteAsync(record.Message.Value ?? [], cancel);
                    return 0;
                }
                Console.WriteLine(parsed.GetValue(json) ? Json(record.Message) : Text(record.Message));
                return 0;
            }
        );
        return command;
    }

    /// <summary>Bytes as base64: they need not be text.</summary>
    internal static string Json(Message<byte[], byte[]> message) =>
        JsonSerializer.Serialize(
            new
            {
                written_at = message.Timestamp.UnixTimestampMs,
                headers = (message.Headers ?? []).Select(header => new
                {
                    name = header.Key,
                    value = System.Text.Encoding.UTF8.GetString(header.GetValueBytes() ?? []),
                }),
                key_base64 = Convert.ToBase64String(message.Key ?? []),
                value_base64 = Convert.ToBase64String(message.Value ?? []),
            }
        );

    internal static string Text(Message<byte[], byte[]> message) =>
        string.Join(
            '\n',
            [
                .. (message.Headers ?? []).Select(header =>
                    $"{Excerpt.Of(header.Key)}: {Excerpt.Whole(header.GetValueBytes() ?? [])}"
                ),
                $"key: {Excerpt.Whole(message.Key ?? [])}",
                $"value: {Excerpt.Whole(message.Value ?? [])}",
            ]
        );
}
