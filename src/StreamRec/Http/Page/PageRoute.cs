using Microsoft.AspNetCore.Http;

namespace StreamRec.Http.Page;

/// <summary>What is answered at a path.</summary>
/// <param name="IsPost">Whether it is asked by POST, and by GET or HEAD else.</param>
/// <param name="IsOpen">Whether nobody is asked for the token: nothing of a user is there.</param>
internal sealed record PageRoute(bool IsPost, bool IsOpen, RequestDelegate Answer)
{
    /// <summary>Whether it is answered under any name: nothing is there that another site may not know.</summary>
    public bool AnyHost { get; private init; }

    /// <summary>One of <see cref="OperatorRoutes"/>, which answer it.</summary>
    public static readonly PageRoute Operator = new(IsPost: false, IsOpen: true, _ => Task.CompletedTask)
    {
        AnyHost = true,
    };

    public static PageRoute Open(RequestDelegate answer) => new(IsPost: false, IsOpen: true, answer);

    public static PageRoute Read(RequestDelegate answer) => new(IsPost: false, IsOpen: false, answer);

    public static PageRoute Act(RequestDelegate answer, bool isOpen = false) => new(IsPost: true, isOpen, answer);
}
