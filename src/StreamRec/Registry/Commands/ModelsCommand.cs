using System.CommandLine;
using StreamRec.Options;

namespace StreamRec.Registry.Commands;

/// <summary>`streamrec models`: which model is live.</summary>
internal static class ModelsCommand
{
    public static Command Create() =>
        new("models", "Push, stage and promote models that running workers go over to (docs/models.md).")
        {
            ModelsPushCommand.Create(),
            ModelsListCommand.Create(),
            ModelsStageCommand.Create(),
            ModelsPromoteCommand.Create(),
            ModelsRollbackCommand.Create(),
            ModelsGcCommand.Create(),
        };

    /// <summary>A command that works at the registry, with its options.</summary>
    /// <param name="run">Told whether JSON is wanted.</param>
    public static Command With(
        string name,
        string about,
        IEnumerable<Symbol> own,
        Func<ParseResult, ModelsPlace, bool, CancellationToken, Task> run
    )
    {
        var settings = ModelsPlace.Settings();
        var (json, set) = (SharedOptions.Json(), SharedOptions.Set());
        var command = new Command(name, about) { json, set };
        foreach (var symbol in own)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }
        Array.ForEach(settings, command.Add);
        command.SetAction(
            async (parsed, cancel) =>
            {
                await using var place = await ModelsPlace.OpenAsync(parsed, set, settings, cancel);
                await run(parsed, place, parsed.GetValue(json), cancel);
                return 0;
            }
        );
        return command;
    }
}
