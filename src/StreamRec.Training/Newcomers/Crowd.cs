namespace StreamRec.Training.Newcomers;

/// <summary>Of how many users a list must be, so that it does not tell what single people did.</summary>
public static class Crowd
{
    /// <summary>Users at least. Of a list that forgets only those count who are still in it.</summary>
    public const int LeastUsers = 50;

    // Of these most of a list is made.
    private const int HalfLives = 2;

    /// <summary>Since when a user must have an event to count.</summary>
    public static double SinceMs(long nowMs, TimeSpan halfLife) => nowMs - (HalfLives * halfLife.TotalMilliseconds);
}
