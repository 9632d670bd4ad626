namespace StreamRec.Evaluation;

/// <summary>What was asked, whoever answers.</summary>
/// <param name="Cases">Questions.</param>
/// <param name="Users">Users, or sessions, that they come from: intervals take these for independent.</param>
/// <param name="ExcludedTargets">
/// Cases whose target the list must not hold, since it stands in the kept events: misses for all.
/// </param>
/// <param name="UnknownTargets">Cases whose target no ranker was trained on: misses for all.</param>
/// <param name="NewUsers">Cases of users without an event in the training part; null where that is not known.</param>
public sealed record CaseSummary(int Cases, int Users, int ExcludedTargets, int UnknownTargets, int? NewUsers);
