using StreamRec.Catalogue.ByModel;
using StreamRec.Lists;
using StreamRec.Numerics.Search;
using StreamRec.Ranking;
using StreamRec.Ranking.Caps;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>rank: of the users that were encoded, some on each thread.</summary>
internal static class ListRanking
{
    /// <param name="eligible">Items that may be listed.</param>
    /// <param name="seen">What of a user's own items is left out.</param>
    /// <param name="first">Places among the encoded users, until <paramref name="last"/>, exclusive.</param>
    public static void Rank(
        ServingBatch batch,
        ServingModel model,
        UserEncoding encoding,
        ModelEligible eligible,
        SeenItems seen,
        int first,
        int last
    )
    {
        var workspace = model.Workspaces.Rent();
        var groups = model.GroupsOf(eligible);
        try
        {
            var from = first;
            while (from < last)
            {
                var (to, span) = Span(batch, encoding, eligible, from, last);
                Rank(batch, workspace, encoding, eligible.At(span), groups, seen, from, to);
                from = to;
            }
        }
        catch
        {
            // What a search was stopped in is not searched with again.
            workspace.Layout.Leave();
            throw;
        }
        WorkspacePool.Return(workspace);
    }

    // Users whose lists may hold the same: nearly always all of them, since their records are of nearly the same time.
    private static (int To, int Span) Span(
        ServingBatch batch,
        UserEncoding encoding,
        ModelEligible eligible,
        int from,
        int last
    )
    {
        if (!eligible.Changes)
        {
            return (last, 0);
        }
        int SpanOf(int place) => eligible.SpanOf(batch.Users[encoding.Encoded[place]].Sequence.LastRecordMs);
        var (to, span) = (from + 1, SpanOf(from));
        while (to < last && SpanOf(to) == span)
        {
            to++;
        }
        return (to, span);
    }

    private static void Rank(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        ListableItems listable,
        ItemGroups groups,
        SeenItems seen,
        int first,
        int last
    )
    {
        var search = workspace.Search.Begin(last - first, listable.Known, listable.Added);
        for (var place = first; place < last; place++)
        {
            var user = batch.Users[encoding.Encoded[place]];
            search.Add(encoding.Vector(place), seen.Of(user, ref workspace.Room));
        }
        workspace.Find(search);
        List<int>? sawAll = null,
            wide = null;
        for (var place = first; place < last; place++)
        {
            var count = List(batch, workspace, search, encoding, groups, place - first, place, ListKinds.Model);
            if (count == 0 && seen.Any)
            {
                (sawAll ??= []).Add(place);
            }
            else if (count == RankingWorkspace.TooFew)
            {
                (wide ??= []).Add(place);
            }
        }
        if (wide is not null)
        {
            RankWidely(batch, workspace, encoding, listable, groups, seen, wide, ListKinds.Model);
        }
        if (sawAll is not null)
        {
            RankSeen(batch, workspace, encoding, listable, groups, sawAll);
        }
    }

    // Of a catalogue that a user has seen to its end: better those items again, and called so, than nothing to show.
    private static void RankSeen(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        ListableItems listable,
        ItemGroups groups,
        List<int> places
    )
    {
        var search = workspace.Search.Begin(places.Count, listable.Known, listable.Added);
        foreach (var place in places)
        {
            search.Add(encoding.Vector(place), []);
        }
        workspace.Find(search);
        List<int>? wide = null;
        for (var i = 0; i < places.Count; i++)
        {
            if (
                List(batch, workspace, search, encoding, groups, i, places[i], ListKinds.Seen)
                == RankingWorkspace.TooFew
            )
            {
                (wide ??= []).Add(places[i]);
            }
        }
        if (wide is not null)
        {
            RankWidely(batch, workspace, encoding, listable, groups, null, wide, ListKinds.Seen);
        }
    }

    // Of users whose best candidates are nearly all of a few groups: each alone, so that memory stays small.
    private static void RankWidely(
        ServingBatch batch,
        RankingWorkspace workspace,
        UserEncoding encoding,
        ListableItems listable,
        ItemGroups groups,
        SeenItems? seen,
        List<int> places,
        string kind
    )
    {
        foreach (var place in places)
        {
            var user = batch.Users[encoding.Encoded[place]];
            var count = workspace.ListWidely(
                encoding.Vector(place),
                seen is null ? [] : seen.Of(user, ref workspace.Room),
                listable.Known,
                listable.Added,
                user.Items,
                groups,
                batch.Ranked.ItemRoom(place),
                batch.Ranked.ScoreRoom(place)
            );
            batch.Ranked.Set(place, kind, count);
        }
    }

    // How much there is to list, unless it takes more candidates to tell.
    private static int List(
        ServingBatch batch,
        RankingWorkspace workspace,
        SearchBatch search,
        UserEncoding encoding,
        ItemGroups groups,
        int user,
        int place,
        string kind
    )
    {
        var history = batch.Users[encoding.Encoded[place]].Items;
        var count = workspace.List(
            search,
            user,
            history,
            groups,
            batch.Ranked.ItemRoom(place),
            batch.Ranked.ScoreRoom(place)
        );
        batch.Ranked.Set(place, kind, Math.Max(0, count));
        return count;
    }
}
