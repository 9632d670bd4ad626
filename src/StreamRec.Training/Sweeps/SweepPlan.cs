using System.Text.Json.Nodes;
using StreamRec.Events;
using StreamRec.Training.Options;

namespace StreamRec.Training.Sweeps;

/// <summary>What a sweep tries: a base of options, and for some of them several values.</summary>
public sealed class SweepPlan
{
    private const string Base = "base",
        Try = "try";
    private const int MostTrials = 10_000;

    private readonly JsonObject _base;
    private readonly (string Name, JsonNode?[] Values)[] _choices;

    private SweepPlan(JsonObject @base, (string, JsonNode?[])[] choices) => (_base, _choices) = (@base, choices);

    /// <summary>Reads <c>{"base": {options}, "try": {"dimension": [64, 128], …}}</c>; base may be missing.</summary>
    /// <exception cref="StreamRecException">The file is missing, or names something that is no option.</exception>
    public static SweepPlan Read(string path)
    {
        var root = ModelConfig.ReadJson(path, "plan") as JsonObject ?? throw Malformed(path, "it is no object");
        if (root.Select(pair => pair.Key).FirstOrDefault(name => name is not (Base or Try)) is { } stranger)
        {
            throw Malformed(path, $"it holds '{Excerpt.Of(stranger)}', and knows base and try alone");
        }
        var choices = root[Try] as JsonObject ?? throw Malformed(path, "it has no object 'try' with what to try");
        if (root.ContainsKey(Base) && root[Base] is not JsonObject)
        {
            throw Malformed(path, "its 'base' is no object of options");
        }
        if (choices.Count == 0)
        {
            throw Malformed(path, "its 'try' is empty");
        }
        if (choices.FirstOrDefault(pair => pair.Value is not JsonArray { Count: > 0 }).Key is { } empty)
        {
            throw Malformed(path, $"'{Excerpt.Of(empty)}' of its 'try' is no list of values");
        }
        var plan = new SweepPlan(
            (root[Base] as JsonObject)?.DeepClone().AsObject() ?? [],
            [.. choices.Select(pair => (pair.Key, pair.Value!.AsArray().ToArray()))]
        );
        plan.Check(path);
        return plan;
    }

    /// <summary>Every combination of values.</summary>
    public IEnumerable<JsonObject> Grid()
    {
        IEnumerable<JsonObject> trials = [new JsonObject()];
        foreach ((var name, var values) in _choices)
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
        [
            new JsonObject(),
            .. _choices.SelectMany(choice => choice.Values.Select(value => With([], choice.Name, value))),
        ];

    /// <summary>The base with a trial's values, as a configuration.</summary>
    public JsonObject Configuration(JsonObject trial)
    {
        var all = (JsonObject)_base.DeepClone();
        foreach ((var name, var value) in trial)
        {
            all[name] = value?.DeepClone();
        }
        return all;
    }

    public ModelOptions Options(JsonObject trial) => ModelConfig.Options("the plan", Configuration(trial));

    /// <summary>Each name and value by itself, so that the number of combinations does not matter.</summary>
    private void Check(string path)
    {
        var options = ModelConfig.Options($"'base' of {path}", _base);
        foreach ((var name, var values) in _choices)
        {
            foreach (var value in values)
            {
                ModelConfig.Options($"'try' of {path}", With([], name, value));
            }
        }
        if (options.ValidationUsers == 0)
        {
            throw new StreamRecException(
                $"{path}: validation_users is 0, and a sweep compares by validation. Leave it out.",
                FaultKind.Usage
            );
        }
        var trials = _choices.Aggregate(1.0, (product, choice) => product * choice.Values.Length);
        if (trials > MostTrials)
        {
            throw new StreamRecException(
                $"{path} gives {trials:0} combinations, more than {MostTrials}: "
                    + "try fewer values, or options in several sweeps.",
                FaultKind.Usage
            );
        }
    }

    private static JsonObject With(JsonObject trial, string name, JsonNode? value)
    {
        var copy = (JsonObject)trial.DeepClone();
        copy[name] = value?.DeepClone();
        return copy;
    }

    private static StreamRecException Malformed(string path, string how) =>
        new(
            $"{path} is no plan: {how}. "
                + "It should be like {\"base\": {\"epochs\": 5}, \"try\": {\"dimension\": [64, 128]}}.",
            FaultKind.Usage
        );
}
