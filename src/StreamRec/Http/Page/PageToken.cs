using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using StreamRec.Events;

namespace StreamRec.Http.Page;

/// <summary>
/// The secret that the page asks for. A browser gives it once, and gets a cookie that says nothing about it; a machine
/// gives it each time. Compared in a time that does not depend on where two differ.
/// </summary>
internal sealed class PageToken
{
    private const int LeastDigits = 32,
        MostDigits = 1_024;
    private const string Scheme = "Bearer ";

    private readonly byte[] _digest,
        _cookie;

    /// <param name="token">Hexadecimal, so that it passes any URL unchanged.</param>
    public PageToken(string token)
    {
        var bytes = Encoding.UTF8.GetBytes(token);
        _digest = SHA256.HashData(bytes);
        // The same after a restart, and another with another token.
        _cookie = HMACSHA256.HashData(bytes, "streamrec page session"u8);
    }

    /// <exception cref="StreamRecException">The file cannot be read, or holds no token.</exception>
    public static PageToken Read(string file)
    {
        string text;
        try
        {
            using var reader = File.OpenText(file);
            var buffer = new char[MostDigits + 2];
            text = new string(buffer, 0, reader.ReadBlock(buffer)).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Refused($"'{Excerpt.Of(file)}', which cannot be read ({fault.Message})");
        }
        return text.Length is >= LeastDigits and <= MostDigits && text.All(char.IsAsciiHexDigit)
            ? new PageToken(text)
            : throw Refused(
                $"'{Excerpt.Of(file)}', which does not hold {LeastDigits} or more hexadecimal digits alone"
            );
    }

    /// <summary>Whether it is the token.</summary>
    public bool Is(string given) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), _digest);

    /// <summary>Whether who asks has given the token, now or before.</summary>
    public bool Admits(HttpRequest request) =>
        IsBearer(request)
            ? Is(request.Headers.Authorization.ToString()[Scheme.Length..].Trim())
            : request.Cookies[CookieName(request)] is { } cookie
                && CryptographicOperations.FixedTimeEquals(
                    SHA256.HashData(Encoding.UTF8.GetBytes(cookie)),
                    SHA256.HashData(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(_cookie)))
                );

    /// <summary>Whether a token is given, which no other site's page can do.</summary>
    public static bool IsBearer(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Lets the browser in until it is closed.</summary>
    public void Grant(HttpContext context) =>
        context.Response.Cookies.Append(
            CookieName(context.Request),
            Convert.ToHexStringLower(_cookie),
            new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Path = "/",
                Secure = context.Request.IsHttps,
            }
        );

    // Cookies know no ports, and a machine can have several workers.
    private static string CookieName(HttpRequest request) =>
        string.Create(CultureInfo.InvariantCulture, $"streamrec-{request.HttpContext.Connection.LocalPort}");

    private static StreamRecException Refused(string what) =>
        new(
            $"--http-token-file is {what}: make one with `openssl rand -hex 32`, "
                + "that the worker's user alone can read.",
            FaultKind.Usage
        );
}
