// The section "tls" of device.json as far as it is about the engine: what it may hold, and what is said about the rest.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class TlsSettingsTest
{
    [TestMethod]
    [DataRow("{}", "SslStream Memory")]
    [DataRow("{'transport':'sslstream','session':'none'}", "SslStream None")]
    [DataRow("{'transport':'engine'}", "Engine Memory")]
    [DataRow("{'transport':'engine','session':'none'}", "Engine None")]
    [DataRow("{'transport':'engine','session':'storage'}", "Engine Storage")]
    public static void Transport_and_session_are_taken(string section, string expected)
    {
        DeviceConfiguration c = Read(section);
        Assert.AreEqual(expected, $"{c.TlsKind} {c.TlsSession}");
    }

    [TestMethod]
    [DataRow("{'transport':'openssl'}", "tls.transport must be \"sslstream\" or \"engine\"")]
    [DataRow("{'transport':true}", "tls.transport")]
    [DataRow("{'session':'disk'}", "tls.session must be \"none\", \"memory\" or \"storage\"")]
    [DataRow("{'engine':true}", "tls.engine is not known here; known are ca, certificate, key, stored, transport, session")]
    [DataRow("{'transport':'engine','stored':true}", "tls.stored cannot be true with \"transport\": \"engine\"")]
    [DataRow("{'stored':true,'transport':'engine'}", "tls.stored cannot be true with \"transport\": \"engine\"")]
    public static void What_is_wrong_is_named(string section, string message)
    {
        string error = "no error";
        try
        {
            Read(section);
        }
        catch (ConfigurationException e)
        {
            error = e.Message;
        }

        Assert.Contains(message, error);
    }

    [TestMethod]
    [DataRow("{'transport':'engine','session':'storage'}", 336)]
    [DataRow("{'transport':'engine','session':'memory'}", 312)]
    [DataRow("{'transport':'sslstream','session':'storage'}", 312)]
    public static void Stored_session_counts_as_one_write_to_flash_a_connection(string section, int writes) => Assert.AreEqual(writes, Read(section).SleepWritesPerDay);

    private static DeviceConfiguration Read(string section) => ConfigurationReader.Parse(
        "device.json", Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e','tls':{section}}}".Replace('\'', '"')));
}
