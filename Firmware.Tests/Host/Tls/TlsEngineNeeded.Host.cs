// Tests that need the TLS engine: skipped with a reason where it was not built, failed in CI.

using Firmware.Connectivity;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

/// <summary>Whether the engine is there.</summary>
internal static class TlsEngineNeeded
{
    /// <summary>Skips the tests of the class, or fails in CI.</summary>
    internal static void Require()
    {
        if (TlsEngineTransport.IsEngineThere)
        {
            return;
        }

        const string Missing = "needs the TLS engine: apt-get install gcc libc6-dev libmbedtls-dev, then build again";
        Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI " + Missing);
        Assert.SkipTest(Missing);
    }
}
