// The section "fleet" of device.json: what it may hold, and what is said about the rest.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class FleetSettingsTest
{
    [TestMethod]
    [DataRow("{}", "")]
    [DataRow("{'fleet':{}}", "")]
    [DataRow("{'fleet':{'topic':'drones/altitude','name':'[Drone #1]'},'parts':{'bmp280':true}}", "drones/altitude [Drone #1]")]
    [DataRow("{'parts':{'bmp280':true},'fleet':{'name':'Möwe','topic':'t/commanded'}}", "t/commanded Möwe")]
    [DataRow("{'parts':{'bmp280':true},'fleet':{'name':'12345678901234567890123456789012','topic':'t'}}", "t 12345678901234567890123456789012")]
    public static void Section_is_taken(string more, string expected)
    {
        DeviceConfiguration c = Read(more);
        Assert.AreEqual(expected, $"{c.FleetTopic} {c.FleetName}".Trim());
    }

    [TestMethod]
    [DataRow("{'fleet':5}", "fleet. must be an object: {...}")]
    [DataRow("{'fleet':{'topic':'a'}}", "fleet.name is missing: what commands on fleet.topic call the Thing")]
    [DataRow("{'fleet':{'name':'a'}}", "fleet.topic is missing: the topic that the fleet shares")]
    [DataRow("{'fleet':{'topic':'a','name':'b'}}", "fleet.topic needs an altimeter: set parts.bmp280 to true")]
    [DataRow("{'fleet':{'topic':'a/+','name':'b'}}", "fleet.topic must be a topic name without +, # and control characters")]
    [DataRow("{'fleet':{'topic':'','name':'b'}}", "fleet.topic has 0 bytes")]
    [DataRow("{'fleet':{'topic':5,'name':'b'}}", "fleet.topic must be a string")]
    [DataRow("{'fleet':{'topic':'a','name':''}}", "fleet.name has 0 bytes; 1 to 32 are allowed")]
    [DataRow("{'fleet':{'topic':'a','name':'123456789012345678901234567890123'}}", "fleet.name has 33 bytes; 1 to 32 are allowed")]
    [DataRow("{'fleet':{'topic':'a','name':'a:b'}}", "fleet.name may hold neither ':' nor control characters")]
    [DataRow("{'fleet':{'topic':'a','name':'a\\n'}}", "fleet.name may hold neither ':' nor control characters")]
    [DataRow("{'fleet':{'topic':'a','name':'\\u007f'}}", "fleet.name may hold neither ':' nor control characters")]
    [DataRow("{'fleet':{'topic':'t/status','name':'b'}}", "fleet.topic is a topic of the Thing's own")]
    [DataRow("{'fleet':{'topic':'t/telemetry','name':'b'}}", "fleet.topic is a topic of the Thing's own")]
    [DataRow("{'fleet':{'topic':'e','name':'b'},'topics':{'events':'e'}}", "fleet.topic is a topic of the Thing's own")]
    [DataRow("{'fleet':{'topic':'t/commands','name':'b'}}", "fleet.topic is a topic of the Thing's own")]
    [DataRow("{'fleet':{'topic':'t/commands/accepted','name':'b'}}", "fleet.topic is a topic of the Thing's own")]
    [DataRow("{'fleet':{'drone':'a'}}", "fleet.drone is not known here; known are topic, name")]
    [DataRow("{'fleets':{}}", "toaster, coap, http, https, websocket, sleep, fleet")]
    public static void What_is_wrong_is_named(string more, string message)
    {
        try
        {
            Read(more);
        }
        catch (ConfigurationException e)
        {
            Assert.Contains(message, e.Message);
            return;
        }

        Assert.IsTrue(false, "no error");
    }

    private static DeviceConfiguration Read(string more) => ConfigurationReader.Parse(
        "device.json",
        Encoding.UTF8.GetBytes(("{'thing':'t','endpoint':'e'" + (more == "{}" ? "" : ",") + more[1..]).Replace('\'', '"')));
}
