// DevelopmentCertificates: what is made, kept, renewed, and refused.

using System.Security.Cryptography.X509Certificates;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class DevelopmentCertificatesTest
{
    [TestMethod]
    public static void Makes_ca_server_and_test_client_on_first_start_and_keeps_them()
    {
        string state = StandInBench.TemporaryFolder();
        var lines = new List<string>();
        string before;
        using (DevelopmentCertificates first = DevelopmentCertificates.Open(state, lines.Add))
        {
            before = Contents(first.Folder);
            Assert.IsTrue(first.Server.MatchesHostname("localhost") && first.Server.MatchesHostname("127.0.0.1") && first.Server.MatchesHostname("::1"));
            double years = (first.Authority.NotAfter - first.Authority.NotBefore).TotalDays / 365.25;
            Assert.IsTrue(years is > 9.9 and < 10.1, "the CA is valid for 10 years");
            Assert.AreEqual(825, (int)Math.Round((first.Server.NotAfter - first.Server.NotBefore).TotalDays));
        }

        Assert.AreEqual(3, lines.Count);
        using DevelopmentCertificates second = DevelopmentCertificates.Open(state, lines.Add);
        Assert.AreEqual(3, lines.Count);
        Assert.AreEqual(before, Contents(second.Folder));
    }

    [TestMethod]
    public static void Keeps_private_keys_from_other_users()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.SkipTest("Windows has no file modes");
            return;
        }

        foreach (string key in Directory.GetFiles(StandInBench.Certificates.Folder, "*.key"))
        {
            Assert.IsTrue(File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), key);
        }
    }

    [TestMethod]
    public static void Ca_extensions_are_critical_and_identifiers_link_up()
    {
        X509Certificate2 ca = StandInBench.Certificates.Authority;
        Assert.IsTrue(ca.Extensions.OfType<X509BasicConstraintsExtension>().Single() is { Critical: true, CertificateAuthority: true });
        Assert.IsTrue(ca.Extensions.OfType<X509KeyUsageExtension>().Single() is { Critical: true });
        string ski = ca.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifier!;
        var aki = StandInBench.Certificates.Server.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Single();
        Assert.AreEqual(ski, Convert.ToHexString(aki.KeyIdentifier!.Value.Span));
    }

    [TestMethod]
    public static void Makes_a_certificate_for_a_thing_once()
    {
        using DevelopmentCertificates certificates = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        CertificateFiles first = certificates.EnsureDevice("toaster-01");
        string text = File.ReadAllText(first.CertificatePath);
        CertificateFiles second = certificates.EnsureDevice("toaster-01");
        Assert.AreEqual(text, File.ReadAllText(second.CertificatePath));
        using X509Certificate2 device = X509Certificate2.CreateFromPemFile(first.CertificatePath, first.KeyPath);
        Assert.AreEqual("CN=toaster-01", device.Subject);
    }

    [TestMethod]
    [DataRow("ca")]
    [DataRow("../up")]
    [DataRow("")]
    [DataRow("two words")]
    public static void Refuses_a_thing_name_that_is_no_file_name(string name)
    {
        string message = Fails(() => StandInBench.Certificates.EnsureDevice(name));
        Assert.Contains("cannot be a thing's name", message);
    }

    [TestMethod]
    public static void Lost_ca_key_is_an_error_that_says_what_to_do()
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCertificates.Open(state).Dispose();
        File.Delete(Path.Combine(state, "certs", "ca.key"));
        string message = Fails(() => DevelopmentCertificates.Open(state));
        Assert.Contains("ca.key is lost", message);
        Assert.Contains("delete the folder", message);
        Assert.IsFalse(File.Exists(Path.Combine(state, "certs", "ca.key")), "nothing is made anew");
    }

    [TestMethod]
    [DataRow("ca.pem")]
    [DataRow("ca.key")]
    [DataRow("server.pem")]
    [DataRow("server.key")]
    [DataRow("client.pem")]
    public static void Half_written_file_is_an_error_that_names_it(string name)
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCertificates.Open(state).Dispose();
        string path = Path.Combine(state, "certs", name);
        File.WriteAllText(path, File.ReadAllText(path)[..100]);
        string message = Fails(() => DevelopmentCertificates.Open(state));
        Assert.StartsWith(path, message);
        Assert.Contains("delete", message);
    }

    [TestMethod]
    public static void Deleting_the_named_file_helps()
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCertificates.Open(state).Dispose();
        File.WriteAllText(Path.Combine(state, "certs", "server.pem"), "-----BEGIN");
        Fails(() => DevelopmentCertificates.Open(state));
        File.Delete(Path.Combine(state, "certs", "server.pem"));
        DevelopmentCertificates.Open(state).Dispose();
    }

    [TestMethod]
    public static void Key_of_another_certificate_is_an_error()
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCertificates.Open(state).Dispose();
        File.Copy(Path.Combine(state, "certs", "client.key"), Path.Combine(state, "certs", "server.key"), overwrite: true);
        Assert.Contains("is not the key of", Fails(() => DevelopmentCertificates.Open(state)));
    }

    [TestMethod]
    public static void Certificate_of_another_ca_is_an_error()
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCertificates.Open(state).Dispose();
        foreach (string file in Directory.GetFiles(StandInBench.Certificates.Folder, "client.*"))
        {
            File.Copy(file, Path.Combine(state, "certs", Path.GetFileName(file)), overwrite: true);
        }

        Assert.Contains("was not issued by", Fails(() => DevelopmentCertificates.Open(state)));
    }

    [TestMethod]
    public static void Renews_within_30_days_of_expiry_with_the_same_keys_and_says_so()
    {
        string state = StandInBench.TemporaryFolder();
        var time = new ManualTime();
        time.Advance(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch);
        DevelopmentCertificates.Open(state, time: time).Dispose();
        string key = File.ReadAllText(Path.Combine(state, "certs", "server.key"));

        time.Advance(TimeSpan.FromDays(825 - 1 - 31));
        var lines = new List<string>();
        DevelopmentCertificates.Open(state, lines.Add, time).Dispose();
        Assert.AreEqual(0, lines.Count);

        time.Advance(TimeSpan.FromDays(2));
        DevelopmentCertificates.Open(state, lines.Add, time).Dispose();
        Assert.AreEqual(2, lines.Count);
        Assert.StartsWith("renewed", lines[0]);
        Assert.AreEqual(key, File.ReadAllText(Path.Combine(state, "certs", "server.key")));
    }

    private static string Fails(Action action)
    {
        try
        {
            action();
        }
        catch (StandInException e)
        {
            Assert.IsFalse(e.Message.Contains('\n'), "one line");
            return e.Message;
        }

        throw new TestFrameworkShared.AssertFailedException("a StandInException was expected");
    }

    private static string Contents(string folder) =>
        string.Join("\n", Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(f => Path.GetFileName(f) + File.ReadAllText(f)));
}
