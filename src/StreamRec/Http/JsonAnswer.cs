using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace StreamRec.Http;

/// <summary>JSON as an answer, which nobody keeps.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> json)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = json.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    /// <summary>One object with the sentence that says why not.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string why) =>
        WriteAsync(context, status, Write(json => json.WriteString("error", why)));

    /// <summary>One object, on one line.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
