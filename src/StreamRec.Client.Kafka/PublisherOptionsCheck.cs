using Microsoft.Extensions.Options;

namespace StreamRec.Client.Kafka;

/// <summary>Checks a publisher's options, when the program starts.</summary>
internal sealed class PublisherOptionsCheck(string name, string section) : IValidateOptions<StreamRecPublisherOptions>
{
    public ValidateOptionsResult Validate(string? checkedName, StreamRecPublisherOptions options) =>
        checkedName != name ? ValidateOptionsResult.Skip
        : options.Fault() is { } fault ? ValidateOptionsResult.Fail($"{section}: {fault}")
        : ValidateOptionsResult.Success;
}
