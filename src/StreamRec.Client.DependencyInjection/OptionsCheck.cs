using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace StreamRec.Client.DependencyInjection;

/// <summary>Checks a client's options, when the program starts.</summary>
internal sealed class OptionsCheck(string name, string section, IServiceProvider services)
    : IValidateOptions<StreamRecClientOptions>
{
    public ValidateOptionsResult Validate(string? checkedName, StreamRecClientOptions options)
    {
        if (checkedName != name)
        {
            return ValidateOptionsResult.Skip;
        }
        var fault =
            options.Fault()
            ?? (
                string.IsNullOrEmpty(options.Redis) && !HasConnection()
                    ? $"{nameof(options.Redis)} is not set, and no {nameof(IConnectionMultiplexer)} is registered: "
                        + "give one of them."
                    : null
            );
        return fault is null ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail($"{section}: {fault}");
    }

    private bool HasConnection() =>
        services.GetService<IServiceProviderIsService>()?.IsService(typeof(IConnectionMultiplexer)) != false
        || services.GetService<IServiceProviderIsKeyedService>()?.IsKeyedService(typeof(IConnectionMultiplexer), name)
            == true;
}
