using StreamRec.Catalogue;
using StreamRec.Evaluation;
using StreamRec.Events;
using StreamRec.Input;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Tests.Contracts;
using StreamRec.Tests.Serving;
using StreamRec.Training.Data;

namespace StreamRec.Tests.Evaluation;

/// <summary>The price of rules is told of the lists that a worker makes by them.</summary>
public sealed class RuledListsTests : IDisposable
{
    private const int Window = 4,
        Items = 120;

    private static readonly Eligibility s_unseen = new(ExcludeSeen: true, Kept: 2 * Window - 1);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("streamrec-rules-");
    private readonly RandomBundle _random = new(Window, Items);

    public void Dispose()
    {
        _random.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Rules_that_let_nothing_be_listed_are_refused_by_name()
    {
        var ids = _random.Bundle.ItemIds;
        var filter = ItemFilter.Parse("", "", "price:1000..");
        var items = CatalogueFile.Read(
            File([$$$"""{"item_id":"{{{ids[1]}}}","attributes":{"price":5}}"""]),
            ids,
            filter,
            cap: null
        );
        var evaluation = new BundleEvaluation(_random.Bundle, s_unseen) { Rules = new(filter, null, items) };

        var fault = Assert.Throws<StreamRecException>(() => evaluation.LeaveOneOut(Data()));

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("price:1000..", fault.Message);
    }

    [Fact]
    public void Lists_without_rules_are_the_model_s_and_rules_cost_what_they_take()
    {
        var ids = _random.Bundle.ItemIds;
        var (filter, cap) = (ItemFilter.Parse("", "", "price:..50"), new ListCap(ListCap.Category, 1, 3));
        var items = CatalogueFile.Read(
            File([
                .. Enumerable
                    .Range(1, Items - 1)
                    .Select(item =>
                        $$$"""
                            {"item_id":"{{{ids[item]}}}","categories":["c"],"attributes":{"price":{{{item}}}}}
                            """.Trim()
                    ),
                "no JSON",
                """{"item_id":"\ud800"}""",
            ]),
            ids,
            filter,
            cap
        );
        var evaluation = new BundleEvaluation(_random.Bundle, s_unseen) { Rules = new(filter, cap, items) };

        var report = evaluation.LeaveOneOut(Data());

        var (bare, ruled) = (report.Ruled[0], report.Ruled[1]);
        Assert.Equal(report.Rankers[0].Metrics.Ndcg(10), bare.Metrics.Ndcg(10), 1e-9);
        Assert.True(ruled.Lists!.Coverage <= 50.0 / Items);
        Assert.NotEqual(bare.Metrics.Ndcg(10), ruled.Metrics.Ndcg(10));
        Assert.Contains(report.Notes, note => note.StartsWith("1 of the bundle's 120 items", StringComparison.Ordinal));
        var json = EvaluationJson.Of(report, []).ToJsonString();
        Assert.True(ContractFiles.IsValid("cli/evaluate.schema.json", json), json);
        Assert.Contains("AttributeRanges=\\u0022price:..50\\u0022 Cap=category:1/3", json);
    }

    [Fact]
    public void A_file_of_other_items_is_refused()
    {
        var fault = Assert.Throws<StreamRecException>(() =>
            CatalogueFile.Read(File("""{"item_id":"stranger"}"""), _random.Bundle.ItemIds, ItemFilter.None, null)
        );

        Assert.Equal(FaultKind.Input, fault.Kind);
        Assert.Contains("has 1 items", fault.Message);
    }

    private string File(params string[] lines)
    {
        var path = Path.Combine(_directory.FullName, "items.jsonl");
        System.IO.File.WriteAllLines(path, lines);
        return path;
    }

    private SequenceData Data()
    {
        var random = new Random(2);
        return SequenceData.From(
            Enumerable
                .Range(0, 80)
                .SelectMany(user =>
                    Enumerable
                        .Range(0, 9)
                        .Select(at => new ClickEvent(
                            $"e{user}-{at}",
                            $"u{user:00}",
                            _random.Bundle.ItemIds[random.Next(1, Items + 1)],
                            "click",
                            1_700_000_000_000 + at
                        ))
                )
        );
    }
}
