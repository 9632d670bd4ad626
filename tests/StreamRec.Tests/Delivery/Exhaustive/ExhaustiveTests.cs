using StreamRec.Delivery.Protocol;
using StreamRec.Tests.Delivery.Rules;
using StreamRec.Tests.Delivery.Simulation;
using Xunit.Abstractions;

namespace StreamRec.Tests.Delivery.Exhaustive;

/// <summary>All that can happen to two workers that may both believe that they own a partition.</summary>
public sealed class ExhaustiveTests(ITestOutputHelper output)
{
    internal static readonly Bounds Small = new(
        Assignments: 2,
        Departures: 1,
        Delays: 1,
        LostAnswers: 1,
        Rollbacks: 1,
        Jumps: 0,
        Reconnects: 0
    );

    internal static readonly Bounds OnCluster = Small with { LostAnswers = 0, ListRollbacks = 1, Unsafe = 1 };

    /// <summary>
    /// Where nothing is lost and nobody checks idly, a new claim alone must publish what the one before left dirty.
    /// </summary>
    internal static readonly Bounds HandedOver = Small with
    {
        Delays = 0,
        LostAnswers = 0,
        Rollbacks = 0,
        NoIdleChecks = true,
    };

    /// <summary>A has the settings that the states are shaped by, B has others.</summary>
    internal static readonly Bounds SettingsDiffer = Small with { OtherSettings = true };

    [Fact]
    public void A_worker_under_other_settings_changes_no_state() =>
        Search(new(3, 0b111, false), SettingsDiffer, listsElsewhere: false);

    /// <summary>Two steps that leave n where it is, among batches.</summary>
    internal static readonly Bounds Renewing = Small with { Departures = 0, LostAnswers = 0, Renewals = 2 };

    [Fact]
    public void Steps_that_leave_n_where_it_is_are_written_in_order_and_once() =>
        Search(new(1, 0b1, false), Renewing, listsElsewhere: false);

    [Fact]
    public void No_interleaving_turns_an_oracle_red_on_one_Redis() =>
        Search(new(3, 0b111, false), Small, listsElsewhere: false);

    /// <summary>
    /// A model is promoted, and workers take it each when it will; a list of the older one may come late.
    /// </summary>
    internal static readonly Bounds Swapping = OnCluster with
    {
        Departures = 0,
        Rollbacks = 0,
        ListRollbacks = 0,
        Promotions = 1,
    };

    [Fact]
    public void A_list_of_a_newer_model_is_not_overwritten_by_one_of_an_older() =>
        Search(new(1, 0b1, false), Swapping, listsElsewhere: true);

    /// <summary>Two promotions, whose seals arrive in any order; partitions move, and the store falls back.</summary>
    internal static readonly Bounds Sealing = Small with
    {
        Departures = 0,
        LostAnswers = 0,
        Delays = 0,
        Promotions = 2,
    };

    /// <summary>All of it at once is too large.</summary>
    [Theory]
    [InlineData(2, 1, 1, 0, 0)]
    [InlineData(2, 1, 0, 1, 0)]
    [InlineData(1, 1, 1, 0, 1)]
    [InlineData(1, 1, 1, 1, 0)]
    [InlineData(1, 2, 0, 0, 1)]
    [InlineData(1, 2, 1, 0, 0)]
    public void After_a_seal_no_list_of_an_older_model_is_written(
        int records,
        int promotions,
        int delays,
        int rollbacks,
        int pointerRollbacks
    ) =>
        Search(
            new(records, (1 << records) - 1, false),
            Sealing with
            {
                Promotions = promotions,
                Delays = delays,
                Rollbacks = rollbacks,
                PointerRollbacks = pointerRollbacks,
            },
            listsElsewhere: false
        );

    /// <summary>A seal among steps that leave n where it is.</summary>
    internal static readonly Bounds SealedRenewing = Renewing with { Assignments = 1, Rollbacks = 0, Promotions = 1 };

    [Fact]
    public void A_seal_is_no_step() => Search(new(1, 0b1, false), SealedRenewing, listsElsewhere: false);

    /// <summary>
    /// States and lists fall back apart. All of <see cref="OnCluster"/> at once is for a run by hand.
    /// </summary>
    [Theory]
    [InlineData(0, 0, 1, 1)]
    [InlineData(0, 1, 0, 1)]
    [InlineData(1, 0, 1, 0)]
    public void No_interleaving_turns_an_oracle_red_on_a_cluster(
        int departures,
        int delays,
        int rollbacks,
        int missedReplicas
    ) =>
        Search(
            new(2, 0b11, false),
            OnCluster with
            {
                Departures = departures,
                Delays = delays,
                Rollbacks = rollbacks,
                Unsafe = missedReplicas,
            },
            listsElsewhere: true
        );

    [Fact]
    public void A_new_claim_publishes_what_was_left_dirty() =>
        Search(new(3, 0b111, false), HandedOver, listsElsewhere: true);

    /// <summary>
    /// Larger bounds, by hand: <c>STREAMREC_EXHAUSTIVE</c> is the log (offsets, bits of those with records, 1 for two
    /// users), the bounds in their order, list rollbacks, missed replicas, and 1 for lists elsewhere, with commas
    /// between.
    /// </summary>
    [Fact]
    public void Larger_bounds_that_are_asked_for()
    {
        if (Environment.GetEnvironmentVariable("STREAMREC_EXHAUSTIVE") is not { } asked)
        {
            return;
        }
        var n = asked.Split(',').Select(int.Parse).ToArray();
        Search(
            new(n[0], n[1], n[2] == 1),
            new(n[3], n[4], n[5], n[6], n[7], n[8], n[9]) { ListRollbacks = n[10], Unsafe = n[11] },
            listsElsewhere: n[12] == 1
        );
    }

    private void Search(SmallLog log, Bounds bounds, bool listsElsewhere)
    {
        var search = new ExhaustiveSearch(
            new ExhaustiveModel(
                log,
                PartitionRules.All,
                new StoreRules(),
                listsElsewhere,
                counted: bounds.Renewals > 0
            ),
            bounds
        );
        var red = search.Run();
        output.WriteLine($"{search.States} states");
        Assert.True(red is null, red);
    }
}
