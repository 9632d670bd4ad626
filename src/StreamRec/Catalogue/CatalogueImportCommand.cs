using System.CommandLine;
using System.Text.Json;
using StreamRec.Options;

namespace StreamRec.Catalogue;

/// <summary>`streamrec catalogue import`.</summary>
internal static class CatalogueImportCommand
{
    public static Command Create()
    {
        var format = new Argument<string>("format")
        {
            Description =
                "jsonl: a JSON object a line, an item as schemas/item.md has it and its item_id or id; "
                + "inter: RecBole's .item file.",
        };
        format.AcceptOnlyFromAmong([.. ItemFile.Formats]);
        var file = new Argument<string>("file")
        {
            Description = "The file to read, also a gzip file or a pipe; - is standard input.",
        };
        var place = CatalogueCommand.Place();
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("import", "Write a file's items to the catalogue, each in place of what it said.")
        {
            format,
            file,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = CatalogueCommand.Read(parsed, set, place);
                var items = new ItemFile(parsed.GetRequiredValue(format), parsed.GetRequiredValue(file), cancel);
                using var producer = await CatalogueProducer.OpenAsync(options, cancel);
                var written = 0L;
                foreach (var item in items.Items())
                {
                    producer.Write(item.Id, item.Value);
                    written++;
                }
                producer.Flush();
                Console.Error.WriteLine($"{written} items to topic {options.ItemsTopic}; {items.Bad} bad lines.");
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(Json(options.ItemsTopic, written, items.Bad));
                }
                return 0;
            }
        );
        return command;
    }

    internal static string Json(string topic, long items, long badLines) =>
        JsonSerializer.Serialize(
            new
            {
                topic,
                items,
                bad_lines = badLines,
            }
        );
}
