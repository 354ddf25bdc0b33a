// Certificates that are wrong on purpose, in memory and in PEM files: another CA, another name, another time. ECDSA P-256, as the development ones.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Firmware.Tests.Host.EndToEnd;

/// <summary>A CA that issues what it is told.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 _authority;

    internal TestAuthority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));
    }

    internal string Pem => _authority.ExportCertificatePem();

    /// <summary>Issues a server's certificate, with its key.</summary>
    internal X509Certificate2 IssueServer(string dnsName, int validFromDays = -1, int validUntilDays = 30)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(dnsName);
        return Issue(dnsName, ServerAuthentication, names.Build(), validFromDays, validUntilDays);
    }

    /// <summary>Issues a device's certificate, with its key.</summary>
    internal X509Certificate2 IssueDevice(string name) => Issue(name, ClientAuthentication, null, -1, 30);

    public void Dispose() => _authority.Dispose();

    private X509Certificate2 Issue(string name, string usage, X509Extension? more, int fromDays, int untilDays)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (more is not null)
        {
            request.CertificateExtensions.Add(more);
        }

        using X509Certificate2 certificate = request.Create(
            _authority, DateTimeOffset.UtcNow.AddDays(fromDays), DateTimeOffset.UtcNow.AddDays(untilDays), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
