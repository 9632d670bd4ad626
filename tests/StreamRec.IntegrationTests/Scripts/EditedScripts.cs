using System.Reflection;
using StackExchange.Redis;

namespace StreamRec.IntegrationTests.Scripts;

/// <summary>A change of a script's text: a rule taken out of what really runs in Redis.</summary>
internal sealed record ScriptEdit(string Name, string Script, string Find, string Put)
{
    /// <summary>The script as changed; another script as it is.</summary>
    public string Apply(string script) =>
        script == Script ? Script.Replace(Find, Put, StringComparison.Ordinal) : script;

    /// <summary>
    /// Every history holds with the scripts as they are: without this, nothing that a change breaks would say anything.
    /// </summary>
    public static async Task HoldAsync(int histories, Func<ScriptEdit?, int, Task> run)
    {
        for (var seed = 0; seed < histories; seed++)
        {
            await run(null, seed);
        }
    }

    /// <summary>
    /// One of the same histories turns red with this change; one that Redis does not even take shows nothing.
    /// </summary>
    public async Task SeenAsync(int histories, Func<ScriptEdit?, int, Task> run)
    {
        Assert.NotEqual(Script, Apply(Script));
        Exception? seen = null;
        for (var seed = 0; seed < histories && seen is null; seed++)
        {
            seen = await Record.ExceptionAsync(() => run(this, seed));
        }
        Assert.True(seen is not null, $"{histories} histories held with {Name}");
        Assert.DoesNotContain("compiling script", seen.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>Redis, with one script changed on its way there; everything else passes as it is.</summary>
internal class EditedScripts : DispatchProxy
{
    private object _target = null!;
    private ScriptEdit? _edit;

    public static IDatabase Of(IDatabase database, ScriptEdit? edit) => Around(database, edit);

    public static IConnectionMultiplexer Of(IConnectionMultiplexer redis, ScriptEdit? edit) => Around(redis, edit);

    protected override object? Invoke(MethodInfo? method, object?[]? arguments)
    {
        for (var i = 0; _edit is not null && i < arguments!.Length; i++)
        {
            arguments[i] = arguments[i] switch
            {
                string text when method!.Name == nameof(IDatabase.ScriptEvaluateAsync) => _edit.Apply(text),
                object[] values when method!.Name == nameof(IServer.ExecuteAsync) => Array.ConvertAll(
                    values,
                    value => value is string text ? _edit.Apply(text) : value
                ),
                var other => other,
            };
        }
        try
        {
            var result = method!.Invoke(_target, arguments);
            return result is IServer server && _edit is not null ? Around(server, _edit) : result;
        }
        catch (TargetInvocationException fault)
        {
            throw fault.InnerException!;
        }
    }

    private static T Around<T>(T target, ScriptEdit? edit)
        where T : class
    {
        var proxy = Create<T, EditedScripts>();
        (((EditedScripts)(object)proxy)._target, ((EditedScripts)(object)proxy)._edit) = (target, edit);
        return proxy;
    }
}
