// The section "websocket" of device.json, and what it makes of port and ALPN.

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
    public static void Region_chooses_the_door(string more, string expected)
    {
        DeviceConfiguration c = ConfigurationReader.Parse("device.json", Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e'{more}}}".Replace('\'', '"')));
        Assert.AreEqual(expected, $"{c.Port} {c.Alpn} {c.WebSocketRegion} {c.WebSocketCredentialsFile}");
    }
}
