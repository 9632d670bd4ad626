using System.Text.Json;

namespace StreamRec.Testing.Oracles;

/// <summary>
/// Lists of several models as somebody read them while models were swapped: each must be what the one model that it
/// names makes of the user as of its own last record, and none that came behind a seal of an earlier promotion.
/// </summary>
internal sealed class ModelLists : IDisposable
{
    private readonly Dictionary<string, ReferenceLists> _models = [];
    private readonly Dictionary<string, string> _last = [];
    private readonly Dictionary<(string User, long Offset), HashSet<string>> _read = [];
    private readonly HashSet<string> _seen = [];
    private long _sealedBefore;

    public ModelLists(params string[] bundles)
    {
        foreach (var bundle in bundles)
        {
            using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(bundle, "manifest.json")));
            _models[manifest.RootElement.GetProperty("model_id").GetString()!] = new ReferenceLists(bundle);
        }
    }

    /// <summary>Distinct lists that were read.</summary>
    public int Read => _read.Sum(at => at.Value.Count);

    /// <summary>Models that made them.</summary>
    public IReadOnlyCollection<string> Models => _seen;

    /// <summary>Takes all users' lists as they are at a moment.</summary>
    /// <param name="sealedBefore">The promotion that all partitions were sealed for before this moment's reading
    /// began.</param>
    public void Take(IEnumerable<KeyValuePair<string, string>> lists, long sealedBefore, Verdict verdict)
    {
        foreach (var (user, json) in lists)
        {
            if (_last.GetValueOrDefault(user) == json)
            {
                continue;
            }
            using var list = JsonDocument.Parse(json);
            var through = list.RootElement.GetProperty("through");
            var promotion = through.GetProperty("promotion").GetInt64();
            // It was written since the moment before, and so behind what was sealed by then.
            if (promotion < _sealedBefore)
            {
                verdict.Stale++;
                verdict.Fault("M", $"user {user} got a list of promotion {promotion} behind the seal {_sealedBefore}");
            }
            _last[user] = json;
            _seen.Add(list.RootElement.GetProperty("model").GetString()!);
            var at = (user, through.GetProperty("offset").GetInt64());
            (_read.TryGetValue(at, out var texts) ? texts : _read[at] = []).Add(json);
        }
        _sealedBefore = sealedBefore;
    }

    /// <summary>Recomputes each list that was read from the bundle that it names.</summary>
    public void Check(IEnumerable<LoggedRecord> log, int kept, int partitions, int size, Verdict verdict)
    {
        var left = _read.ToDictionary();
        var fold = new ReferenceFold(kept, partitions)
        {
            Applied = (user, state) =>
            {
                if (left.Remove((user, state.LastOffset), out var texts))
                {
                    foreach (var text in texts)
                    {
                        Check(user, state, text, size, verdict);
                    }
                }
            },
        };
        fold.Fold(log);
        foreach (var (user, offset) in left.Keys)
        {
            verdict.Fault("M", $"the list of user {user} goes through offset {offset}, which is no event of that user");
        }
        foreach (var (user, state) in fold.Users)
        {
            var last = _last.TryGetValue(user, out var json) ? OffsetOf(json) : -1;
            if (last != state.LastOffset && !_models.Values.Any(model => model.Input(state).Length == 0))
            {
                verdict.Stale++;
                verdict.Fault(
                    "S",
                    $"the list of user {user} goes through {last}, its state through {state.LastOffset}"
                );
            }
        }
    }

    public void Dispose()
    {
        foreach (var model in _models.Values)
        {
            model.Dispose();
        }
    }

    private static long OffsetOf(string json)
    {
        using var list = JsonDocument.Parse(json);
        return list.RootElement.GetProperty("through").GetProperty("offset").GetInt64();
    }

    private void Check(string user, FoldedUser state, string json, int size, Verdict verdict)
    {
        using var list = JsonDocument.Parse(json);
        var id = list.RootElement.GetProperty("model").GetString()!;
        var wrong = _models.TryGetValue(id, out var model)
            ? StoreOracle.Wrong(state, json, model.Scores([model.Input(state)])[0], model, size)
            : "nobody promoted that model";
        if (wrong is not null)
        {
            verdict.Mixed++;
            verdict.Fault("M", $"a list of user {user} is not what model {id} makes: {wrong}");
        }
    }
}
