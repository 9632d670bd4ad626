namespace StreamRec.Client;

/// <summary>Reads users' lists. Safe for any number of threads.</summary>
/// <remarks>
/// An outage is no exception but an answer with its reason, unless the reader was told to throw.
/// </remarks>
public interface IListReader
{
    /// <summary>What to show a user: the user's own list, or the popular one where there is none yet.</summary>
    /// <param name="userId">The user's id, as in the events.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    /// <exception cref="ListReadException">Redis is away, and the reader was told to throw then.</exception>
    Task<ListResult> ReadAsync(string userId, CancellationToken cancel = default);

    /// <summary>
    /// What to show a user of whom something is known: the user's own list, or where there is none yet that of the
    /// first segment that has one, or the popular one.
    /// </summary>
    /// <param name="userId">The user's id, as in the events.</param>
    /// <param name="segments">What kinds of users this one is of, as in the events, the one that says most
    /// first.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The id is empty, or the segments are none that an event may
    /// have.</exception>
    /// <exception cref="ListReadException">Redis is away, and the reader was told to throw then.</exception>
    Task<ListResult> ReadAsync(string userId, IReadOnlyList<string> segments, CancellationToken cancel = default);

    /// <summary>As <see cref="ReadAsync(string, CancellationToken)"/> for many users, who are asked for
    /// together.</summary>
    /// <returns>As many answers, in the users' order.</returns>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)"/>
    Task<IReadOnlyList<ListResult>> ReadManyAsync(
        IReadOnlyCollection<string> userIds,
        CancellationToken cancel = default
    );

    /// <summary>
    /// As <see cref="ReadAsync(string, IReadOnlyList{string}, CancellationToken)"/> for many users, who are asked for
    /// together.
    /// </summary>
    /// <param name="users">Who, and what is known of each.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>As many answers, in the users' order.</returns>
    /// <inheritdoc cref="ReadAsync(string, IReadOnlyList{string}, CancellationToken)" path="/exception"/>
    Task<IReadOnlyList<ListResult>> ReadManyAsync(
        IReadOnlyCollection<SegmentedUser> users,
        CancellationToken cancel = default
    );

    /// <summary>The popular list, where there is no user to ask for.</summary>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>With an empty user id.</returns>
    /// <exception cref="ListReadException">Redis is away, and the reader was told to throw then.</exception>
    Task<ListResult> ReadPopularAsync(CancellationToken cancel = default);

    /// <summary>
    /// What is popular among users of whom this is known, where there is no user to ask for: the list of the first
    /// segment that has one, or the popular one.
    /// </summary>
    /// <param name="segments">As in the events, the one that says most first.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>With an empty user id.</returns>
    /// <exception cref="ArgumentException">The segments are none that an event may have.</exception>
    /// <exception cref="ListReadException">Redis is away, and the reader was told to throw then.</exception>
    Task<ListResult> ReadPopularAsync(IReadOnlyList<string> segments, CancellationToken cancel = default);

    /// <summary>What is most like an item, for a page that shows it. Nothing is shown in its place.</summary>
    /// <param name="itemId">The item's id, as in the events.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>With an empty user id; without a list where workers write none (their option <c>similar-items</c>) or
    /// their model does not know the item.</returns>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    /// <exception cref="ListReadException">Redis is away, and the reader was told to throw then.</exception>
    Task<ListResult> ReadSimilarAsync(string itemId, CancellationToken cancel = default);

    /// <summary>
    /// Waits until a user's list includes an event, for a page that shows the user what follows from a click.
    /// </summary>
    /// <param name="userId">The user of the event.</param>
    /// <param name="position">Where the event stands: what publishing it gave.</param>
    /// <param name="timeout">The longest wait. That it passes is no error: an event that is a duplicate, late, refused
    /// or of a type that the worker does not take makes no list.</param>
    /// <param name="cancel">Ends the call with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ArgumentException">The id is empty, or the time below 0.</exception>
    /// <exception cref="ListReadException">Redis is away when time is up, and the reader was told to throw
    /// then.</exception>
    Task<WaitResult> WaitForAsync(
        string userId,
        EventPosition position,
        TimeSpan timeout,
        CancellationToken cancel = default
    );

    /// <summary>
    /// What <see cref="ReadAsync(string, CancellationToken)"/> gives now, and again each time that the list, its source
    /// or the reason has changed, until cancelled.
    /// </summary>
    /// <param name="userId">The user's id, as in the events.</param>
    /// <param name="interval">Time between two looks, above 0.</param>
    /// <param name="cancel">Ends the stream with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc cref="ReadAsync(string, CancellationToken)" path="/exception"/>
    IAsyncEnumerable<ListResult> WatchAsync(string userId, TimeSpan interval, CancellationToken cancel = default);

    /// <summary>
    /// What <see cref="ReadAsync(string, IReadOnlyList{string}, CancellationToken)"/> gives now, and again each time
    /// that the list, its source or the reason has changed, until cancelled.
    /// </summary>
    /// <param name="userId">The user's id, as in the events.</param>
    /// <param name="interval">Time between two looks, above 0.</param>
    /// <param name="segments">As in the events, the one that says most first.</param>
    /// <param name="cancel">Ends the stream with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc cref="ReadAsync(string, IReadOnlyList{string}, CancellationToken)" path="/exception"/>
    IAsyncEnumerable<ListResult> WatchAsync(
        string userId,
        TimeSpan interval,
        IReadOnlyList<string> segments,
        CancellationToken cancel = default
    );
}
