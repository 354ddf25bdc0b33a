// The sections "websocket" and "https" of device.json, and what they make of port and ALPN.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class WebSocketSettingsTest
{
    [TestMethod]
    [DataRow("", "8883   aws.json")]
    [DataRow(",'port':443", "443 x-amzn-mqtt-ca  aws.json")]
    [DataRow(",'websocket':{'region':'eu-central-1'}", "443  eu-central-1 aws.json")]
    [DataRow(",'websocket':{'region':'eu-central-1','credentials':'key.json'},'port':4443", "4443  eu-central-1 key.json")]
    [DataRow(",'https':{'publish':true}", "8443   aws.json")]
    [DataRow(",'https':{'publish':true},'port':443", "443 x-amzn-http-ca  aws.json")]
    public static void Section_chooses_the_door(string more, string expected)
    {
        DeviceConfiguration c = ConfigurationReader.Parse("device.json", Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e'{more}}}".Replace('\'', '"')));
        Assert.AreEqual(expected, $"{c.Port} {c.Alpn} {c.WebSocketRegion} {c.WebSocketCredentialsFile}");
    }

    [TestMethod]
    public static void Two_doors_at_once_are_refused()
    {
        ConfigurationException? e = null;
        try
        {
            ConfigurationReader.Parse("device.json", "{\"thing\":\"t\",\"endpoint\":\"e\",\"https\":{\"publish\":true},\"websocket\":{\"region\":\"r\"}}"u8.ToArray());
        }
        catch (ConfigurationException caught)
        {
            e = caught;
        }

        Assert.Contains("https.publish and \"websocket\" are two doors: choose one", e?.Message ?? "no error");
    }
}
