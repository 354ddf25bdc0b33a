// certs/make-dev-certs.sh, run as a user runs it; what it makes is judged by .NET's chain engine and taken by the stand-in.

using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Certs;

[TestClass]
public static class MakeDevCertsTest
{
    [TestMethod]
    public static void Makes_certificates_that_chain_to_the_ca_and_keeps_them()
    {
        RequireTools();
        string state = Directory.CreateTempSubdirectory("dev-certs-").FullName;
        try
        {
            string folder = Path.Combine(state, "certs");
            (int code, string output) = Run("--thing", "toaster-07", folder);
            Assert.AreEqual(0, code, output);
            using X509Certificate2 ca = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, "ca.pem"));
            foreach (string name in new[] { "server", "client", "toaster-07" })
            {
                RequireChain(X509Certificate2.CreateFromPemFile(Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key")), ca);
                if (OperatingSystem.IsWindows())
                {
                    continue;
                }

                UnixFileMode mode = File.GetUnixFileMode(Path.Combine(folder, name + ".key"));
                Assert.IsTrue(mode == (UnixFileMode.UserRead | UnixFileMode.UserWrite), $"{name}.key has mode {mode}");
            }

            string[] before = Contents(folder);
            (code, string second) = Run("--thing", "toaster-07", folder);
            Assert.AreEqual(0, code, second);
            Assert.AreEqual(string.Join('\n', before), string.Join('\n', Contents(folder)), "a second run changed something");
            Assert.IsFalse((output + second).Contains("PRIVATE KEY", StringComparison.Ordinal), "a key was printed");

            using DevelopmentCertificates standIn = DevelopmentCertificates.Open(state);
            Assert.AreEqual(ca.Thumbprint, standIn.Authority.Thumbprint, "the stand-in made a CA of its own");
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    [TestMethod]
    [DataRow("--thing", "../x", "cannot be a thing's name")]
    [DataRow("--thing", "ca", "is the name of another certificate")]
    [DataRow("--host", "a b", "neither a host name nor an address")]
    [DataRow("--nonsense", "", "unknown option --nonsense")]
    public static void Bad_input_is_one_line_and_makes_nothing(string option, string value, string message)
    {
        RequireTools();
        string folder = Path.Combine(Path.GetTempPath(), "dev-certs-" + Guid.NewGuid().ToString("N"));
        (int code, string output) = Run(option, value, folder);
        Assert.AreEqual(1, code, output);
        Assert.Contains(message, output);
        Assert.IsFalse(Directory.Exists(folder), "the folder was made");
    }

    private static void RequireChain(X509Certificate2 certificate, X509Certificate2 ca)
    {
        using (certificate)
        {
            using X509Chain chain = new();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(ca);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            Assert.IsTrue(chain.Build(certificate), $"{certificate.Subject}: {string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation))}");
        }
    }

    private static string[] Contents(string folder) =>
        [.. Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(f => Path.GetFileName(f) + " " + Convert.ToHexString(File.ReadAllBytes(f)))];

    private static (int Code, string Output) Run(params string[] arguments)
    {
        ProcessStartInfo start = new("bash", [Script(), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static void RequireTools()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator);
        bool isThere = folders.Any(f => File.Exists(Path.Combine(f, "openssl"))) && folders.Any(f => File.Exists(Path.Combine(f, "bash")));
        if (isThere)
        {
            return;
        }

        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI must have bash and openssl");
        Assert.SkipTest("needs bash and openssl");
    }

    private static string Script() => Repository.PathOf("certs", "make-dev-certs.sh");
}
