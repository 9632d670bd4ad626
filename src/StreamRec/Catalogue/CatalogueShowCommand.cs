using System.CommandLine;
using StreamRec.Delivery.Ports;
using StreamRec.Events;
using StreamRec.Kafka.Topics;
using StreamRec.Models;
using StreamRec.Options;

namespace StreamRec.Catalogue;

/// <summary>`streamrec catalogue show`.</summary>
internal static class CatalogueShowCommand
{
    public static Command Create()
    {
        var id = new Argument<string?>("id") { Description = "An item's id.", Arity = ArgumentArity.ZeroOrOne };
        var stats = new Option<bool>("--stats") { Description = "Count what there is, in place of one item." };
        var bundle = new Option<string?>("--bundle")
        {
            Description = "A model's directory: count the items that it was not trained on, too; with --stats.",
        };
        var place = CatalogueCommand.Place();
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("show", "Show what the catalogue says of an item, or count its items.")
        {
            id,
            stats,
            bundle,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var (asked, counted) = (parsed.GetValue(id), parsed.GetValue(stats));
                if (counted == asked is { Length: > 0 })
                {
                    throw new StreamRecException("Give an item's id, or --stats.", FaultKind.Usage);
                }
                if (!counted && parsed.GetValue(bundle) is not null)
                {
                    throw new StreamRecException("--bundle goes with --stats.", FaultKind.Usage);
                }
                var known = parsed.GetValue(bundle) is { } directory ? Bundle.Load(directory) : null;
                var options = CatalogueCommand.Read(parsed, set, place);
                var contents = await Task.Run(() => Read(options, cancel), cancel);
                if (counted)
                {
                    var found = contents.Stats(known);
                    Console.WriteLine(
                        parsed.GetValue(json) ? found.ToJson(options.ItemsTopic) : found.ToText(options.ItemsTopic)
                    );
                    return 0;
                }
                var item =
                    contents.Of(asked!)
                    ?? throw new StreamRecException(
                        $"Topic '{options.ItemsTopic}' has no record of item '{Excerpt.Of(asked)}'.",
                        FaultKind.Input
                    );
                Console.WriteLine(parsed.GetValue(json) ? item.ToJson() : item.ToText());
                return 0;
            }
        );
        return command;
    }

    private static CatalogueContents Read(WorkOptions options, CancellationToken cancel)
    {
        var contents = new CatalogueContents();
        foreach (var record in new TopicReader(options.KafkaSettings(), options.ItemsTopic, cancel).Records())
        {
            contents.Take(
                new LogRecord(
                    record.Offset.Value,
                    -1,
                    record.Message.Timestamp.UnixTimestampMs,
                    record.Message.Key,
                    record.Message.Value
                )
            );
        }
        return contents;
    }
}
