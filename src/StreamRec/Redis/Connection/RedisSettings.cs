using System.Security.Cryptography;
using StackExchange.Redis;
using StreamRec.Options;

namespace StreamRec.Redis.Connection;

/// <summary>How to reach Redis. <see cref="Where"/> alone may be shown: the address too can hold a password.</summary>
/// <param name="Address">As <see cref="RedisAddress"/> reads it.</param>
/// <param name="CaFile">PEM of the authority to trust; empty: the system's.</param>
/// <param name="KeyFile">PEM of the client certificate's key; empty: it stands in
/// <paramref name="CertificateFile"/>.</param>
internal sealed record RedisSettings(
    string Address,
    string User = "",
    string Password = "",
    bool Tls = false,
    string CaFile = "",
    string CertificateFile = "",
    string KeyFile = ""
)
{
    /// <summary>The hosts and ports, for messages.</summary>
    public string Where => RedisAddress.Hosts(Address);

    /// <summary>The password, wherever it was given; null for none.</summary>
    public string? Secret => Password.Length > 0 ? Password : RedisAddress.Parse(Address).Password;

    /// <summary>The client's own options.</summary>
    /// <exception cref="StreamRecException">A setting or a file cannot be used; the message holds no
    /// secret.</exception>
    public ConfigurationOptions Options()
    {
        var options = RedisAddress.Parse(Address);
        if (options.EndPoints.Count == 0)
        {
            throw new StreamRecException("--redis names no host: give host:port.", FaultKind.Usage);
        }
        options.Ssl |= Tls || CaFile.Length > 0 || CertificateFile.Length > 0;
        options.User = User.Length > 0 ? User : options.User;
        options.Password = Password.Length > 0 ? Password : options.Password;
        if (options.User is { Length: > 0 } && string.IsNullOrEmpty(options.Password))
        {
            throw new StreamRecException(
                "RedisUser is given without RedisPassword: Redis would refuse it.",
                FaultKind.Usage
            );
        }
        if (CaFile.Length > 0)
        {
            Use(nameof(ServerOptions.RedisCa), CaFile, options.TrustIssuer);
        }
        if (CertificateFile.Length > 0)
        {
            Use(
                nameof(ServerOptions.RedisCertificate),
                CertificateFile,
                file => options.SetUserPemCertificate(file, KeyFile.Length > 0 ? KeyFile : null)
            );
        }
        return options;
    }

    public override string ToString() => $"Redis at {Where}";

    private static void Use(string setting, string file, Action<string> use)
    {
        try
        {
            use(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new StreamRecException(
                $"{setting} is '{file}', which cannot be read as PEM: {fault.Message}",
                FaultKind.Usage
            );
        }
    }
}
