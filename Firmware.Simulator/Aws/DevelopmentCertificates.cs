// The certificates of the stand-in, made on first start and kept in DIR/certs: a development CA, the server, a test client, one per thing.
//
// ECDSA P-256 with SHA-256, PKCS #8 keys: accepted by .NET, OpenSSL, mosquitto, curl, Node and mbedTLS (nanoFramework), and quick to make.
// RFC 5280: CA with critical basicConstraints and keyUsage; SKI and AKI everywhere, since mbedTLS and OpenSSL pick the issuer by them.
// Leaves out: revocation, intermediate CAs. These certificates are for this machine only; AWS makes its own.
// Nothing that was given to a device is ever replaced silently: see OpenAuthority and OpenLeaf.

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Firmware.Simulator.Aws;

/// <summary>A certificate and its key as PEM files.</summary>
/// <param name="CertificatePath">The certificate's file.</param>
/// <param name="KeyPath">The private key's file (PKCS #8, readable by its owner only).</param>
public sealed record CertificateFiles(string CertificatePath, string KeyPath);

/// <summary>The development CA and the certificates that it issued, in one folder.</summary>
public sealed class DevelopmentCertificates : IDisposable
{
    /// <summary>The common name of the test client's certificate, <c>client.pem</c>.</summary>
    public const string TestClientName = "mqtt-test-client";

    private const int AuthorityDays = 3652;
    private const int LeafDays = 825;
    private const int RenewDays = 30;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly Action<string> _report;
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _authorityWithKey;

    private DevelopmentCertificates(string folder, Action<string> report, TimeProvider time)
    {
        Folder = folder;
        _report = report;
        _time = time;
        CaPath = Path.Combine(folder, "ca.pem");
        _authorityWithKey = OpenAuthority(new CertificateFiles(CaPath, Path.Combine(folder, "ca.key")));
        Authority = X509CertificateLoader.LoadCertificate(_authorityWithKey.RawData);
        Server = OpenLeaf(FilesOf("server"), "localhost", isServer: true);
        Client = FilesOf("client");
        OpenLeaf(Client, TestClientName, isServer: false).Dispose();
    }

    /// <summary>The folder of all files.</summary>
    public string Folder { get; }

    /// <summary>The CA's certificate file, which clients need to trust the stand-in.</summary>
    public string CaPath { get; }

    /// <summary>The test client's files.</summary>
    public CertificateFiles Client { get; }

    /// <summary>The CA's certificate, without its key. Owned by this object.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's certificate with its key. Owned by this object.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>Reads the certificates and makes those that are missing or expire within 30 days.</summary>
    /// <param name="stateFolder">The state folder; files are in its <c>certs</c>.</param>
    /// <param name="report">Gets a line for each file that is made or renewed; null = nobody listens.</param>
    /// <param name="time">The clock; null = the system's.</param>
    /// <returns>The certificates.</returns>
    /// <exception cref="StandInException">A file is unreadable, incomplete or does not fit the others; the message says which, and what to do.</exception>
    public static DevelopmentCertificates Open(string stateFolder, Action<string>? report = null, TimeProvider? time = null)
    {
        string folder = Path.Combine(Path.GetFullPath(stateFolder), "certs");
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StandInException($"the folder {folder} cannot be made ({e.Message}); choose another state folder", e);
        }

        return new DevelopmentCertificates(folder, report ?? (_ => { }), time ?? TimeProvider.System);
    }

    /// <summary>The certificate of a thing; made on the first call and kept.</summary>
    /// <param name="thing">The thing's name: 1 to 128 letters, digits, '-' and '_'. AWS also allows ':', which is no file name everywhere.</param>
    /// <returns>The files <c>thing.pem</c> and <c>thing.key</c>.</returns>
    /// <exception cref="StandInException">The name is not usable or a file is broken; the message says what to do.</exception>
    public CertificateFiles EnsureDevice(string thing)
    {
        bool plain = thing.Length is > 0 and <= 128 && thing.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
        if (!plain || thing is "ca" or "server" or "client")
        {
            throw new StandInException(
                $"'{thing}' cannot be a thing's name here; use 1 to 128 letters, digits, '-' or '_', and not ca, server or client");
        }

        CertificateFiles files = FilesOf(thing);
        OpenLeaf(files, thing, isServer: false).Dispose();
        return files;
    }

    /// <summary>Frees the certificates in memory; the files stay.</summary>
    public void Dispose()
    {
        Server.Dispose();
        Authority.Dispose();
        _authorityWithKey.Dispose();
    }

    private CertificateFiles FilesOf(string name) => new(Path.Combine(Folder, name + ".pem"), Path.Combine(Folder, name + ".key"));

    private X509Certificate2 OpenAuthority(CertificateFiles files)
    {
        bool hasCertificate = File.Exists(files.CertificatePath);
        bool hasKey = File.Exists(files.KeyPath);
        if (!hasCertificate && !hasKey)
        {
            using ECDsa fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PemFiles.WriteKey(files.KeyPath, fresh);
            X509Certificate2 made = IssueAuthority(files, fresh);
            _report($"made the development CA {files.CertificatePath}, valid until {made.NotAfter:yyyy-MM-dd}");
            return made;
        }

        if (!hasCertificate || !hasKey)
        {
            // A new CA would make every certificate that devices already hold worthless: that must be decided by a person.
            (string there, string lost) = hasCertificate ? (files.CertificatePath, files.KeyPath) : (files.KeyPath, files.CertificatePath);
            throw new StandInException(
                $"{there} is there but {lost} is lost; put it back, or delete the folder {Folder} to start with a new CA (devices then need new certificates)");
        }

        using ECDsa key = PemFiles.ReadKey(files.KeyPath);
        using X509Certificate2 certificate = PemFiles.ReadCertificate(files.CertificatePath);
        X509Certificate2 authority = PemFiles.Join(certificate, key, files);
        if (!ExpiresSoon(authority))
        {
            return authority;
        }

        // The same key and name, so that certificates issued before stay valid.
        authority.Dispose();
        X509Certificate2 renewed = IssueAuthority(files, key);
        _report($"renewed the development CA {files.CertificatePath}, valid until {renewed.NotAfter:yyyy-MM-dd}; give the new file to every device");
        return renewed;
    }

    private X509Certificate2 OpenLeaf(CertificateFiles files, string commonName, bool isServer)
    {
        bool hasCertificate = File.Exists(files.CertificatePath);
        if (!File.Exists(files.KeyPath))
        {
            using ECDsa fresh = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PemFiles.WriteKey(files.KeyPath, fresh);
            X509Certificate2 made = IssueLeaf(files, fresh, commonName, isServer);
            _report(hasCertificate
                ? $"{files.KeyPath} was lost: made a new key and a new certificate {files.CertificatePath}"
                : $"made {files.CertificatePath} for {commonName}, valid until {made.NotAfter:yyyy-MM-dd}");
            return made;
        }

        using ECDsa key = PemFiles.ReadKey(files.KeyPath);
        if (!hasCertificate)
        {
            X509Certificate2 made = IssueLeaf(files, key, commonName, isServer);
            _report($"made {files.CertificatePath} for {commonName} with the key that was there, valid until {made.NotAfter:yyyy-MM-dd}");
            return made;
        }

        using X509Certificate2 certificate = PemFiles.ReadCertificate(files.CertificatePath);
        X509Certificate2 leaf = PemFiles.Join(certificate, key, files);
        if (ExpiresSoon(leaf))
        {
            leaf.Dispose();
            X509Certificate2 renewed = IssueLeaf(files, key, commonName, isServer);
            _report($"renewed {files.CertificatePath}, which was about to expire; valid until {renewed.NotAfter:yyyy-MM-dd}");
            return renewed;
        }

        if (!IsIssuedHere(leaf))
        {
            leaf.Dispose();
            throw new StandInException($"{files.CertificatePath} was not issued by {CaPath}; delete {files.CertificatePath} and it is made anew");
        }

        return leaf;
    }

    private bool ExpiresSoon(X509Certificate2 certificate) =>
        certificate.NotAfter.ToUniversalTime() < _time.GetUtcNow().UtcDateTime.AddDays(RenewDays);

    private bool IsIssuedHere(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = TrustPolicy(Authority);
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(certificate);
    }

    /// <summary>How a certificate is verified against one CA and nothing else.</summary>
    /// <param name="authority">The only CA that is trusted.</param>
    /// <returns>A new policy.</returns>
    internal static X509ChainPolicy TrustPolicy(X509Certificate2 authority)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.Add(authority);
        return policy;
    }

    private X509Certificate2 IssueAuthority(CertificateFiles files, ECDsa key)
    {
        var request = new CertificateRequest("CN=Toaster development CA, O=Toaster firmware, OU=this machine only", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        var subjectKey = new X509SubjectKeyIdentifierExtension(request.PublicKey, false);
        request.CertificateExtensions.Add(subjectKey);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(subjectKey));

        DateTimeOffset from = _time.GetUtcNow().AddDays(-1);
        X509Certificate2 certificate = request.CreateSelfSigned(from, from.AddDays(AuthorityDays));
        PemFiles.WriteText(files.CertificatePath, certificate.ExportCertificatePem() + "\n", isKey: false);
        return certificate;
    }

    private X509Certificate2 IssueLeaf(CertificateFiles files, ECDsa key, string commonName, bool isServer)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(commonName);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(isServer ? ServerAuthentication : ClientAuthentication)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(
            new X509SubjectKeyIdentifierExtension(_authorityWithKey.PublicKey, false)));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        // A day back, since a board's clock may be behind; never longer than the CA itself, which OpenSSL would accept but a person would not expect.
        DateTimeOffset from = _time.GetUtcNow().AddDays(-1);
        DateTimeOffset authorityFrom = new(_authorityWithKey.NotBefore.ToUniversalTime());
        DateTimeOffset authorityUntil = new(_authorityWithKey.NotAfter.ToUniversalTime());
        from = from < authorityFrom ? authorityFrom : from;
        DateTimeOffset until = from.AddDays(LeafDays);
        until = until > authorityUntil ? authorityUntil : until;

        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40); // positive and never shortened [RFC 5280 4.1.2.2]
        using X509Certificate2 certificate = request.Create(_authorityWithKey, from, until, serial);
        PemFiles.WriteText(files.CertificatePath, certificate.ExportCertificatePem() + "\n", isKey: false);
        return PemFiles.Join(certificate, key, files);
    }
}
