using System.CommandLine;
using StreamRec.Kafka.Catalogue;
using StreamRec.Options;

namespace StreamRec.Catalogue;

/// <summary>`streamrec catalogue`: what there is to list.</summary>
internal static class CatalogueCommand
{
    public static Command Create() =>
        new("catalogue", "Import, show and withdraw the items that lists may hold (schemas/item.md).")
        {
            CatalogueImportCommand.Create(),
            CatalogueShowCommand.Create(),
            CatalogueWithdrawCommand.Create(),
        };

    /// <summary>Of the settings of `work` those that say which topic it is.</summary>
    public static Option<string?>[] Place() =>
        [
            .. new[]
            {
                nameof(WorkOptions.Topic),
                nameof(WorkOptions.ItemsTopic),
                nameof(WorkOptions.Bootstrap),
            }.Select(setting => SharedOptions.Of(setting, new WorkOptions())),
        ];

    /// <summary>The settings, with the topic in force.</summary>
    /// <exception cref="StreamRecException">No topic is given.</exception>
    public static WorkOptions Read(ParseResult parsed, Option<string[]> set, Option<string?>[] place)
    {
        var options = SettingsReader.Read<WorkOptions>(SharedOptions.Given(parsed, set, place));
        if (options.ItemsTopic.Length == 0)
        {
            options.ItemsTopic =
                options.Topic.Length > 0
                    ? CatalogueTopic.NameFor(options.Topic)
                    : throw new StreamRecException(
                        "--items-topic is missing: give the catalogue's topic, or by --topic that of the events, "
                            + "whose catalogue has .items behind its name.",
                        FaultKind.Usage
                    );
        }
        return options;
    }
}
