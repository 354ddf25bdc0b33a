// The section "http" of device.json: what it may hold, and what is said about the rest.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class HttpSettingsTest
{
    [TestMethod]
    [DataRow("{}", "False 80 ")]
    [DataRow("{'enabled':true,'port':8080}", "True 8080 ")]
    [DataRow("{'enabled':true,'token':'0123456789abcdef'}", "True 80 0123456789abcdef")]
    public static void Section_is_taken(string section, string expected)
    {
        DeviceConfiguration c = Read(section);
        Assert.AreEqual(expected, $"{c.HttpEnabled} {c.HttpPort} {c.HttpToken}");
    }

    [TestMethod]
    [DataRow("{'port':0}", "http.port must be a whole number from 1 to 65535")]
    [DataRow("{'token':'short'}", "http.token has 5 bytes; 16 to 64 are allowed")]
    [DataRow("{'token':'with a space in it'}", "http.token may have visible ASCII characters only, and no spaces")]
    [DataRow("{'password':'x'}", "http.password is not known here; known are enabled, port, token")]
    public static void What_is_wrong_is_named(string section, string message)
    {
        ConfigurationException? e = null;
        try
        {
            Read(section);
        }
        catch (ConfigurationException caught)
        {
            e = caught;
        }

        Assert.Contains(message, e?.Message ?? "no error");
    }

    private static DeviceConfiguration Read(string section) => ConfigurationReader.Parse(
        "device.json", Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e','http':{section}}}".Replace('\'', '"')));
}
