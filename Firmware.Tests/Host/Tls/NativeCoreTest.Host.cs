// The TLS engine's C tests, built with AddressSanitizer and run: cases, failing allocations and a short fuzz run (Firmware.Protocols.Tls/native/test).
// The long campaigns are commands, written in that folder's build.sh.

using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
[RunsBeside]
public static partial class NativeCoreTest
{
    private const int PatienceSeconds = 55;
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "firmware-tls-" + Guid.NewGuid().ToString("N"));

    [Setup]
    public static void BuildsThem()
    {
        string? missing = Missing();
        if (missing is not null)
        {
            Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI " + missing);
            Assert.SkipTest(missing);
        }

        (int code, string output) = Run("sh", Repository.PathOf("Firmware.Protocols.Tls", "native", "test", "build.sh"), Folder);
        Assert.AreEqual(0, code, output);
    }

    [Cleanup]
    public static void RemovesThem()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    [TestMethod]
    public static void Cases_hold_and_leave_no_memory_behind()
    {
        (int code, string output) = Run(Path.Combine(Folder, "tls_engine_test"));
        OutputHelper.WriteLine(output);
        Assert.AreEqual(0, code, output);
        Match counts = Counts().Match(output);
        Assert.IsTrue(counts.Success, output);
        Assert.IsTrue(int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture) > 50, counts.Value);
        Assert.AreEqual("0", counts.Groups[2].Value);
        Assert.AreEqual("0", counts.Groups[3].Value);
    }

    [TestMethod]
    public static void Fuzzed_input_breaks_nothing()
    {
        (int code, string output) = Run(Path.Combine(Folder, "tls_engine_fuzz"), "--inputs", "200", "--seed", "1");
        Assert.AreEqual(0, code, output);
        Assert.Contains("200 inputs, seed 1:", output);
        OutputHelper.WriteLine(output[output.IndexOf("200 inputs", StringComparison.Ordinal)..]);
    }

    [TestMethod]
    public static void Hundreds_of_connections_to_openssl_give_every_byte_of_the_heap_back()
    {
        TlsPeer.Require();
        using TlsPeer peer = new(TlsIdentities.Server, "-tls1_2 -Verify 1 -verify_return_error -alpn x-amzn-mqtt-ca");
        string[] arguments = [$"{peer.Port}", "x-amzn-mqtt-ca", TlsIdentities.Ca.CertificatePath, TlsIdentities.Client.CertificatePath, TlsIdentities.Client.KeyPath, "150", "0"];
        (int code, string output) = Run(Path.Combine(Folder, "tls_cost"), arguments);
        Assert.AreEqual(0, code, output);
        Assert.StartsWith("full 0x0303 ", output);
        Assert.Contains("\nresumed 0x0303 ", output);
        OutputHelper.WriteLine(output);
    }

    private static string? Missing()
    {
        const string packages = "apt-get install gcc libc6-dev libmbedtls-dev";
        return !OperatingSystem.IsLinux() ? "needs Linux"
            : !Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(d => File.Exists(Path.Combine(d, "cc"))) ? "needs a C compiler: " + packages
            : !File.Exists("/usr/include/mbedtls/ssl.h") ? "needs mbedTLS: " + packages
            : null;
    }

    private static (int Code, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(PatienceSeconds)))
        {
            process.Kill(entireProcessTree: true);
            throw new TestFrameworkShared.AssertFailedException($"{program} did not end within {PatienceSeconds} s");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    [GeneratedRegex(@"(\d+) passed, (\d+) failed \(mbedTLS [0-9.]+, seed \d+, (\d+) blocks left\)")]
    private static partial Regex Counts();
}
