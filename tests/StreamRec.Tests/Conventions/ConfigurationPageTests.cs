using StreamRec.Commands;
using StreamRec.Configuration;
using StreamRec.Tests.Contracts;

namespace StreamRec.Tests.Conventions;

public sealed class ConfigurationPageTests
{
    [Fact]
    public void The_page_of_all_settings_is_what_the_program_writes()
    {
        var work = CommandTree.Create().Subcommands.Single(command => command.Name == "work");

        Assert.True(
            SettingsReference.Write(work)
                == File.ReadAllText(Path.Combine(ContractFiles.Root, "docs", "configuration.md")),
            $"docs/configuration.md is not what the settings are: {SettingsReference.Regenerate}"
        );
    }
}
