using StreamRec.Options;

namespace StreamRec.Tests.Options;

public class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9464", "127.0.0.1", 9464)]
    [InlineData("[::1]:0", "::1", 0)]
    [InlineData("localhost:80", "127.0.0.1", 80)]
    [InlineData(":9464", null, 9464)]
    [InlineData("*:9464", null, 9464)]
    [InlineData("0.0.0.0:9464", "0.0.0.0", 9464)]
    public void An_address_is_a_host_and_a_port(string text, string? address, int port)
    {
        var read = ListenAddress.Parse(text);

        Assert.Equal((address, port), (read.Address?.ToString(), read.Port));
    }

    [Theory]
    [InlineData("9464")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1: 9464")]
    [InlineData("::1:9464")]
    [InlineData("http://127.0.0.1:9464")]
    [InlineData("metrics.example.org:9464")]
    public void What_is_none_is_refused_with_what_to_write(string text)
    {
        var fault = Assert.Throws<StreamRecException>(() => ListenAddress.Parse(text));

        Assert.Equal(FaultKind.Usage, fault.Kind);
        Assert.StartsWith($"--metrics is '{text}': give an address of this machine and a port", fault.Message);
    }

    [Fact]
    public void To_stay_after_a_halt_needs_somebody_who_sees_it()
    {
        var options = new WorkOptions
        {
            Bundle = "model",
            Topic = "clicks",
            Group = "g",
            OnHalt = WorkOptions.Stay,
        };

        Assert.Contains("give --metrics too", Assert.Throws<StreamRecException>(options.Validate).Message);
        options.Metrics = ":9464";
        options.Validate();
    }
}
