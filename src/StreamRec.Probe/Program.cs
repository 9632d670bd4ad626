using System.Net.Sockets;
using System.Text;

// `streamrec-probe HOST:PORT PATH`: 0 where the page answers 200 within three seconds, else 1 and why. For health
// checks of containers that have neither a shell nor curl.
if (args is not [var address, ['/', ..] and var path] || address.Split(':') is not [var host, var portText])
{
    Console.Error.WriteLine("Usage: streamrec-probe HOST:PORT /healthz|/readyz");
    return 2;
}
if (!ushort.TryParse(portText, out var port))
{
    Console.Error.WriteLine($"'{portText}' is no port: give 1 to 65535.");
    return 2;
}
using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
try
{
    using var client = new TcpClient();
    await client.ConnectAsync(host, port, limit.Token);
    var stream = client.GetStream();
    await stream.WriteAsync(
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
        limit.Token
    );
    using var reader = new StreamReader(stream, Encoding.UTF8);
    var answer = await reader.ReadToEndAsync(limit.Token);
    if (answer.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
    {
        return 0;
    }
    Console.Error.WriteLine(answer);
}
catch (Exception fault) when (fault is SocketException or IOException)
{
    Console.Error.WriteLine($"{address} does not answer: {fault.Message}");
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine($"{address} did not answer within three seconds.");
}
return 1;
