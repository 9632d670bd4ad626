using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace StreamRec.Http.Page;

/// <summary>The page's own files, which are a part of the program.</summary>
internal static class PageFiles
{
    public static RequestDelegate Html { get; } = Of("index.html", "text/html; charset=utf-8");

    public static RequestDelegate Css { get; } = Of("page.css", "text/css; charset=utf-8");

    public static RequestDelegate Script { get; } = Of("page.js", "text/javascript; charset=utf-8");

    /// <summary>What browsers draw beside the page's title.</summary>
    public static RequestDelegate Icon { get; } = Of("icon.svg", "image/svg+xml");

    private static RequestDelegate Of(string name, string type)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"";
        return context =>
        {
            var response = context.Response;
            response.ContentType = type;
            // Asked for each time, and sent where another version of the program has another one.
            (response.Headers.CacheControl, response.Headers.ETag) = ("no-cache", tag);
            if (context.Request.Headers.IfNoneMatch == tag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            response.ContentLength = bytes.Length;
            return HttpMethods.IsHead(context.Request.Method)
                ? Task.CompletedTask
                : response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
        };
    }
}
