using System.CommandLine;
using System.Text.Json;
using StreamRec.Events;
using StreamRec.Options;

namespace StreamRec.Catalogue;

/// <summary>`streamrec catalogue withdraw`.</summary>
internal static class CatalogueWithdrawCommand
{
    public static Command Create()
    {
        var ids = new Argument<string[]>("id")
        {
            Description = "Ids of items that are gone for good. For a while: import them with \"available\": false.",
            Arity = ArgumentArity.OneOrMore,
        };
        var place = CatalogueCommand.Place();
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command("withdraw", "Take items out of the catalogue, and so off all lists.")
        {
            ids,
            json,
            set,
        };
        Array.ForEach(place, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                var options = CatalogueCommand.Read(parsed, set, place);
                var withdrawn = parsed.GetRequiredValue(ids);
                foreach (var id in withdrawn)
                {
                    if (ItemJson.CheckKey(System.Text.Encoding.UTF8.GetBytes(id)) is not null)
                    {
                        throw new StreamRecException(
                            $"'{Excerpt.Of(id)}' is no item's id: give 1 to {EventLimits.MaxIdBytes} bytes.",
                            FaultKind.Usage
                        );
                    }
                }
                using var producer = await CatalogueProducer.OpenAsync(options, cancel);
                Array.ForEach(withdrawn, id => producer.Write(id, null));
                producer.Flush();
                Console.Error.WriteLine($"{withdrawn.Length} items withdrawn in topic {options.ItemsTopic}.");
                if (parsed.GetValue(json))
                {
                    Console.WriteLine(Json(options.ItemsTopic, withdrawn));
                }
                return 0;
            }
        );
        return command;
    }

    internal static string Json(string topic, IReadOnlyList<string> ids) =>
        JsonSerializer.Serialize(new { topic, withdrawn = ids });
}
