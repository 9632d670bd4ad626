using System.Net;
using System.Net.Sockets;
using StreamRec.Redis.Connection;

namespace StreamRec.Tests.Redis;

public sealed class RedisProbeTests
{
    [Theory]
    [InlineData("-ERR max number of clients reached\r\n", "maxclients")]
    [InlineData("-DENIED Redis is running in protected mode\r\n", "protected mode")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "does not answer as Redis does")]
    [InlineData("", "does not answer as Redis does")]
    [InlineData("+PONG\r\n", null)]
    [InlineData("-NOAUTH Authentication required.\r\n", null)]
    public async Task What_answers_at_the_address_is_told(string answer, string? told)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var asking = RedisProbe.WhyAsync(server.LocalEndpoint, tls: false, default);
        using (var client = await server.AcceptTcpClientAsync())
        {
            var stream = client.GetStream();
            Assert.Equal("PING"u8.ToArray(), await ReadAsync(stream, 4));
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer));
        }
        var why = await asking;

        Assert.True(told is null ? why is null : why!.Contains(told, StringComparison.Ordinal), why);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_and_a_port_where_nobody_listens_are_told()
    {
        Assert.Contains("name", await RedisProbe.WhyAsync(new DnsEndPoint("redis.invalid", 6379), tls: false, default));
        Assert.Contains(
            "Is it running",
            await RedisProbe.WhyAsync(new IPEndPoint(IPAddress.Loopback, 1), tls: false, default)
        );
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int bytes)
    {
        var read = new byte[bytes];
        await stream.ReadExactlyAsync(read);
        return read;
    }
}
