using System.Net;
using Microsoft.AspNetCore.Http;

namespace StreamRec.Http.Page;

/// <summary>
/// Refuses what no honest browser or machine would ask: docs/page.md says what and with which status.
/// </summary>
/// <param name="hosts">Names under which the page may be reached.</param>
/// <param name="token">Null: nobody is asked for one.</param>
internal sealed class PageGuard(IReadOnlyCollection<string> hosts, PageToken? token)
{
    /// <summary>A header that another site's page cannot set without asking first, which is never answered.</summary>
    public const string OwnHeader = "X-StreamRec";

    private const string SiteHeader = "Sec-Fetch-Site";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>What every answer says to the browser.</summary>
    public static void Harden(HttpResponse response)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <param name="route">Null: there is nothing at the path.</param>
    /// <returns>The status and why; null where the request may be answered.</returns>
    public (int Status, string Why)? Refuse(HttpRequest request, PageRoute? route) =>
        route is not { AnyHost: true } && !IsKnown(request.Host)
            ? (
                StatusCodes.Status421MisdirectedRequest,
                "The page is not served under this name: --http-hosts says under which it is."
            )
        : route is null ? (StatusCodes.Status404NotFound, "There is nothing here.")
        : !IsMethod(request, route) ? (StatusCodes.Status405MethodNotAllowed, "Not by this method.")
        : route.IsPost && RefusePost(request) is { } refused ? refused
        : !route.IsPost && !route.IsOpen && IsForeign(request)
            ? (StatusCodes.Status403Forbidden, "Not from another site.")
        : !route.IsOpen && token is not null && !token.Admits(request)
            ? (StatusCodes.Status401Unauthorized, "Give the token: as Authorization: Bearer, or on the page.")
        : null;

    private static (int, string)? RefusePost(HttpRequest request) =>
        !IsOwn(request) ? (StatusCodes.Status403Forbidden, "Not from another site.")
        : !request.Headers.ContainsKey(OwnHeader)
            ? (StatusCodes.Status403Forbidden, $"The header {OwnHeader} is missing.")
        : !request.HasJsonContentType() ? (StatusCodes.Status415UnsupportedMediaType, "Send application/json.")
        : null;

    // An address cannot be made to mean another one, as a name can, by who owns it.
    private bool IsKnown(HostString host) =>
        host.HasValue
        && (
            IPAddress.TryParse(host.Host.AsSpan().Trim("[]"), out _)
            || host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || hosts.Contains(host.Host, StringComparer.OrdinalIgnoreCase)
        );

    private static bool IsMethod(HttpRequest request, PageRoute route) =>
        route.IsPost
            ? HttpMethods.IsPost(request.Method)
            : HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    // Another site's page could not read the answer, but it could have it made. "none": the address bar.
    private static bool IsForeign(HttpRequest request) =>
        request.Headers.TryGetValue(SiteHeader, out var site) && site != "same-origin" && site != "none";

    private static bool IsOwn(HttpRequest request) =>
        request.Headers.TryGetValue(SiteHeader, out var site) ? site == "same-origin"
        : request.Headers.TryGetValue("Origin", out var origin) ? origin == $"{request.Scheme}://{request.Host.Value}"
        : PageToken.IsBearer(request);
}
