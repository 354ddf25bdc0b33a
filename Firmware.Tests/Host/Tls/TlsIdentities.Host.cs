// Certificates for the TLS tests, made in memory: two CAs, servers that are right or wrong in one way each, and clients of both CAs. Files of them for
// peers that want files.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Firmware.Tests.Host.Aws;

namespace Firmware.Tests.Host.Tls;

/// <summary>A certificate with its key, as PEM and as files.</summary>
internal sealed class TlsIdentity
{
    internal TlsIdentity(X509Certificate2 certificate, ECDsa key, string folder, string name)
    {
        Certificate = Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
        Key = Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n");
        WithKey = certificate.HasPrivateKey ? certificate : certificate.CopyWithPrivateKey(key);
        CertificatePath = Path.Combine(folder, name + ".pem");
        KeyPath = Path.Combine(folder, name + ".key");
        File.WriteAllBytes(CertificatePath, Certificate);
        File.WriteAllBytes(KeyPath, Key);
    }

    internal byte[] Certificate { get; }

    internal byte[] Key { get; }

    internal string CertificatePath { get; }

    internal string KeyPath { get; }

    internal X509Certificate2 WithKey { get; }
}

/// <summary>The identities that the tests share.</summary>
internal static class TlsIdentities
{
    private static readonly string Folder = StandInBench.TemporaryFolder();

    // the engine is told the time; peers look at the machine's clock, whatever year it is
    private static readonly (DateTimeOffset From, DateTimeOffset Until) Long = (new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2070, 1, 1, 0, 0, 0, TimeSpan.Zero));

    internal static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    internal static readonly TlsIdentity Ca = MakeCa("ca");
    internal static readonly TlsIdentity OtherCa = MakeCa("other-ca");
    internal static readonly TlsIdentity Server = Make("server", Ca, "localhost", Long.From, Long.Until);
    internal static readonly TlsIdentity WrongHost = Make("wrong-host", Ca, "example.test", Now.AddDays(-1), Now.AddDays(30));
    internal static readonly TlsIdentity Expired = Make("expired", Ca, "localhost", Now.AddDays(-30), Now.AddDays(-1));
    internal static readonly TlsIdentity NotYet = Make("not-yet", Ca, "localhost", Now.AddDays(1), Now.AddDays(30));
    internal static readonly TlsIdentity Stranger = Make("stranger", OtherCa, "localhost", Now.AddDays(-1), Now.AddDays(30));
    internal static readonly TlsIdentity Client = Make("client", Ca, null, Long.From, Long.Until);
    internal static readonly TlsIdentity StrangeClient = Make("strange-client", OtherCa, null, Long.From, Long.Until);

    private static TlsIdentity MakeCa(string name)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return new TlsIdentity(request.CreateSelfSigned(Long.From, Long.Until), key, Folder, name);
    }

    private static TlsIdentity Make(string name, TlsIdentity ca, string? host, DateTimeOffset from, DateTimeOffset until)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={host ?? name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (host is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(host);
            request.CertificateExtensions.Add(names.Build());
        }

        return new TlsIdentity(request.Create(ca.WithKey, from, until, RandomNumberGenerator.GetBytes(8)), key, Folder, name);
    }
}
