using StreamRec.Import.Rows;

namespace StreamRec.Import.Formats;

/// <summary>
/// The users of ml-100k, whose file lies beside that of the ratings: u.user, or RecBole's .user. Age by decade, gender
/// and occupation are segments of their events.
/// </summary>
internal static class MovieLensUsers
{
    private static readonly SegmentColumn s_age = new("age", "", 10),
        s_occupation = new("occupation", ""),
        s_gender = new("gender", "");

    /// <summary>The rows as they are where no such file is there.</summary>
    public static ImportRows Into(ImportRows rows, ImportSource source)
    {
        if (Beside(source.Name) is not { } path)
        {
            return rows;
        }
        var users = Read(path);
        return rows with
        {
            Rows = rows.Rows.Select(row =>
                row.Problem is null && users.TryGetValue(row.Event.UserId, out var segments)
                    ? row with
                    {
                        Event = row.Event with { Segments = segments },
                    }
                    : row
            ),
            Notes = () =>
                rows.Notes().Append($"age, occupation and gender of {users.Count} users are segments, from '{path}'."),
        };
    }

    private static string? Beside(string ratings)
    {
        if (!File.Exists(ratings))
        {
            return null;
        }
        var name = ratings.EndsWith(".gz", StringComparison.Ordinal) ? ratings[..^3] : ratings;
        return new[]
        {
            Path.ChangeExtension(name, ".user"),
            Path.Combine(Path.GetDirectoryName(name) ?? "", "u.user"),
        }.FirstOrDefault(path => path != ratings && File.Exists(path));
    }

    // A line that is none, such as the header, names no user of an event.
    private static Dictionary<string, IReadOnlyList<string>> Read(string path)
    {
        var users = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            if (
                line.Split('\t', '|') is [var user, var age, var gender, var occupation, ..]
                && int.TryParse(age, out _)
            )
            {
                users[user] = [s_age.Of(age), s_occupation.Of(occupation), s_gender.Of(gender)];
            }
        }
        return users;
    }
}
