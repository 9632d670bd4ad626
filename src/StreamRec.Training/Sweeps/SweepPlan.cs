using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamRec.Training.Sweeps;

/// <summary>What a sweep tries: a base of options, and for some of them several values.</summary>
public sealed class SweepPlan
{
    private readonly JsonObject _base;
    private readonly (string Name, JsonNode?[] Values)[] _choices;

    private SweepPlan(JsonObject @base, (string, JsonNode?[])[] choices) => (_base, _choices) = (@base, choices);

    /// <summary>Reads <c>{"base": {options}, "try": {"dimension": [64, 128], …}}</c>; base may be missing.</summary>
    /// <exception cref="StreamRecException">The file is missing, or names something that is no option.</exception>
    public static SweepPlan Read(string path)
    {
        try
        {
            JsonNode root = JsonNode.Parse(File.ReadAllBytes(path))!;
            var choices = root["try"]!.AsObject().Select(pair => (pair.Key, pair.Value!.AsArray().ToArray())).ToArray();
            var plan = new SweepPlan(root["base"]?.AsObject() ?? [], choices);
            plan.Grid().ToList().ForEach(trial => plan.Options(trial));
            return plan;
        }
        catch (Exception fault) when (fault is IOException or JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new StreamRecException(
                $"{path} is not a plan: {fault.Message} It should be like {{\"base\": {{\"epochs\": 5}}, \"try\": {{\"dimension\": [64, 128]}}}}.",
                ExitCode.Usage, fault);
        }
    }

    /// <summary>Every combination of values.</summary>
    public IEnumerable<JsonObject> Grid()
    {
        IEnumerable<JsonObject> trials = [new JsonObject()];
        foreach ((string name, JsonNode?[] values) in _choices)
        {
            trials = [.. trials.SelectMany(trial => values.Select(value => With(trial, name, value)))];
        }

        return trials;
    }

    /// <summary>So many different combinations, drawn by the seed; all of them where there are no more.</summary>
    public IEnumerable<JsonObject> Draw(int count, int seed)
    {
        JsonObject[] all = [.. Grid()];
        new Random(seed).Shuffle(all);
        return all.Take(count);
    }

    /// <summary>The base, and then each other value alone: what each ingredient is worth.</summary>
    public IEnumerable<JsonObject> OneAtATime() =>
        [new JsonObject(), .. _choices.SelectMany(choice => choice.Values.Select(value => With([], choice.Name, value)))];

    /// <summary>The base with a trial's values, as a configuration.</summary>
    public JsonObject Configuration(JsonObject trial)
    {
        var all = (JsonObject)_base.DeepClone();
        foreach ((string name, JsonNode? value) in trial)
        {
            all[name] = value?.DeepClone();
        }

        return all;
    }

    public ModelOptions Options(JsonObject trial) => ModelConfig.Parse(Configuration(trial).ToJsonString());

    private static JsonObject With(JsonObject trial, string name, JsonNode? value)
    {
        var copy = (JsonObject)trial.DeepClone();
        copy[name] = value?.DeepClone();
        return copy;
    }
}
