using StreamRec.Lists;
using StreamRec.Numerics.Search.Index;
using StreamRec.Ranking;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>rank: of the users that were encoded, some on each thread.</summary>
internal static class ListRanking
{
    /// <param name="eligible">Items that may be listed; null: all.</param>
    /// <param name="seen">What of a user's own items is left out.</param>
    /// <param name="first">Places among the encoded users, until <paramref name="last"/>, exclusive.</param>
    public static void Rank(
        ServingBatch batch,
        ServingModel model,
        UserEncoding encoding,
        EligiblePositions? eligible,
        Eligibility seen,
        int first,
        int last
    )
    {
        var workspace = model.Workspaces.Rent();
        try
        {
            Rank(batch, workspace, encoding, eligible, seen, first, last);
        }
        catch
        {
            // What a search was stopped in is not searched with again.
            workspace.Layout.Leave();
            throw;
        }
        WorkspacePool.Return(workspace);
    }

    private static void Rank(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        EligiblePositions? eligible,
        Eligibility seen,
        int first,
        int last
    )
    {
        workspace.Search.Begin(last - first, eligible);
        for (var place = first; place < last; place++)
        {
            var user = batch.Users[encoding.Encoded[place]];
            workspace.Search.Add(encoding.Vector(place), seen.Excluded(user.Items));
        }
        workspace.Find();
        List<int>? sawAll = null;
        for (var place = first; place < last; place++)
        {
            if (!List(batch, workspace, encoding, place - first, place, ListKinds.Model) && seen.ExcludeSeen)
            {
                (sawAll ??= []).Add(place);
            }
        }
        if (sawAll is not null)
        {
            RankSeen(batch, workspace, encoding, eligible, sawAll);
        }
    }

    // Of a catalogue that a user has seen to its end: better those items again, and called so, than nothing to show.
    private static void RankSeen(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        EligiblePositions? eligible,
        List<int> places
    )
    {
        workspace.Search.Begin(places.Count, eligible);
        foreach (var place in places)
        {
            workspace.Search.Add(encoding.Vector(place), []);
        }
        workspace.Find();
        for (var i = 0; i < places.Count; i++)
        {
            List(batch, workspace, encoding, i, places[i], ListKinds.Seen);
        }
    }

    // Whether there is anything to list.
    private static bool List(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        int user,
        int place,
        string kind
    )
    {
        var history = batch.Users[encoding.Encoded[place]].Items;
        var count = workspace.List(user, history, batch.Ranked.ItemRoom(place), batch.Ranked.ScoreRoom(place));
        batch.Ranked.Set(place, kind, count);
        return count > 0;
    }
}
