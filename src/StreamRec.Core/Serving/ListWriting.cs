using StreamRec.Lists;
using StreamRec.Serving.Users;

namespace StreamRec.Serving;

/// <summary>list: writes what was ranked as it is published.</summary>
internal static class ListWriting
{
    /// <param name="ids">Of all items that may be listed.</param>
    /// <param name="origin">What all lists of the batch say of themselves.</param>
    /// <param name="first">Places among the encoded users, until <paramref name="last"/>, exclusive.</param>
    /// <param name="share">Whose memory is written to.</param>
    public static void Write(
        ServingBatch batch,
        ItemTexts ids,
        UserEncoding encoding,
        in Provenance origin,
        int first,
        int last,
        int share
    )
    {
        var (ranked, texts) = (batch.Ranked, batch.Texts(share));
        for (var place = first; place < last; place++)
        {
            var slot = encoding.Encoded[place];
            var version = batch.Writes[slot].Version;
            var made = origin with
            {
                Kind = ranked.Kind(place),
                LastEvent = batch.Newest[slot],
                Through = origin.Through!.Value with { Epoch = version.Epoch, Offset = version.Offset },
            };
            var items = ranked.Items(place);
            var text = texts.Reserve(ListWriter.MostBytes(items.Length, ids));
            batch.Lists[slot] = texts.Take(new ListWriter(text).Write(made, items, ranked.Scores(place), ids));
        }
    }
}
