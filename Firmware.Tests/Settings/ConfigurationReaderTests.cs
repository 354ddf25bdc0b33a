// device.json: each field's value arrives where it belongs, and a minimal file has the documented defaults. In vectors ' stands for ".

using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;
using Firmware.Settings;
using Firmware.Tests.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Settings
{
    [TestClass]
    public static class ConfigurationReaderTests
    {
        private const string Name = "I:\\device.json";

        [TestMethod]
        public static void Minimal_file_has_the_documented_defaults()
        {
            DeviceConfiguration c = Parse("{'thing':'toaster-01','endpoint':'example.org'}");
            Assert.AreEqual("toaster-01", c.ThingName);
            Assert.AreEqual("example.org", c.Endpoint);
            Assert.AreEqual(8883, c.Port);
            Assert.IsNull(c.Alpn);
            Assert.IsTrue(c.Rules == BrokerRules.AwsNow);
            Assert.IsTrue(c.TelemetryPolicy == OutboxPolicy.DropOldest);
            Assert.IsTrue(c.EventsPolicy == OutboxPolicy.KeepAll);
            Assert.AreEqual(60, c.KeepAliveSeconds);
            Assert.AreEqual(10, c.TelemetrySeconds);
            Assert.AreEqual("toaster-01/status", c.StatusTopic);
            Assert.AreEqual("toaster-01/telemetry", c.TelemetryTopic);
            Assert.AreEqual("toaster-01/commands", c.CommandsTopic);
            Assert.AreEqual("toaster-01/events", c.EventsTopic);
            Assert.IsNull(c.WifiSsid);
            Assert.AreEqual("", c.WifiPassword);
            Assert.AreEqual("ca.pem", c.CaFile);
            Assert.AreEqual("device.pem", c.CertificateFile);
            Assert.AreEqual("device.key", c.KeyFile);
            Assert.IsFalse(c.UseStoredCertificate);
            Assert.AreEqual("2 4 5 0 21 22 34", Pins(c));
            Assert.AreEqual(180, c.ToasterMaxSeconds);
            Assert.AreEqual(5, c.ToasterRestSeconds);
            Assert.IsTrue(c.ToasterOffWhenOffline);
            Assert.AreEqual("True 5683 False False True 3600 none", Coap(c));
        }

        [TestMethod]
        public static void Full_file_fills_every_field()
        {
            DeviceConfiguration c = Parse("{'thing':'a:B_9-z','endpoint':'broker','port':443,'alpn':'mqtt','rules':'aws-2018','keepalive':30,'telemetrySeconds':86400,"
                + "'topics':{'status':'s','telemetry':'mm6House/Kitchen/Sensor/Temperature','commands':'c/d','events':'e'},"
                + "'outbox':{'telemetry':'newest-only','events':'drop-oldest'},"
                + "'wifi':{'ssid':'caf\\u00e9','password':'secret'},"
                + "'tls':{'ca':'a.pem','certificate':'b.pem','key':'c.key','stored':true},"
                + "'pins':{'led':12,'light':13,'toaster':14,'button':15,'sda':16,'scl':17,'battery':39},"
                + "'toaster':{'maxSeconds':300,'restSeconds':0,'offWhenOffline':false},"
                + "'coap':{'enabled':false,'port':1,'write':'local','prove':true,'multicast':false,'directory':'10.0.200.255:99','lifetime':60}}");
            Assert.AreEqual("a:B_9-z", c.ThingName);
            Assert.AreEqual("broker", c.Endpoint);
            Assert.AreEqual(443, c.Port);
            Assert.AreEqual("mqtt", c.Alpn);
            Assert.IsTrue(c.Rules == BrokerRules.Aws2018);
            Assert.IsTrue(c.TelemetryPolicy == OutboxPolicy.NewestOnly);
            Assert.IsTrue(c.EventsPolicy == OutboxPolicy.DropOldest);
            Assert.AreEqual(30, c.KeepAliveSeconds);
            Assert.AreEqual(86400, c.TelemetrySeconds);
            Assert.AreEqual("s", c.StatusTopic);
            Assert.AreEqual("mm6House/Kitchen/Sensor/Temperature", c.TelemetryTopic);
            Assert.AreEqual("c/d", c.CommandsTopic);
            Assert.AreEqual("e", c.EventsTopic);
            Assert.AreEqual("caf\u00e9", c.WifiSsid);
            Assert.AreEqual("secret", c.WifiPassword);
            Assert.AreEqual("a.pem", c.CaFile);
            Assert.AreEqual("b.pem", c.CertificateFile);
            Assert.AreEqual("c.key", c.KeyFile);
            Assert.IsTrue(c.UseStoredCertificate);
            Assert.AreEqual("12 13 14 15 16 17 39", Pins(c));
            Assert.AreEqual(300, c.ToasterMaxSeconds);
            Assert.AreEqual(0, c.ToasterRestSeconds);
            Assert.IsFalse(c.ToasterOffWhenOffline);
            Assert.AreEqual("False 1 True True False 60 10.0.200.255:99", Coap(c));
        }

        [DataRow("'port':443", "x-amzn-mqtt-ca")]
        [DataRow("'port':443,'alpn':''", "")]
        [DataRow("'alpn':'','port':443", "")]
        [DataRow("'port':8883", "")]
        [DataRow("'port':4443,'alpn':'x-amzn-mqtt-ca'", "x-amzn-mqtt-ca")]
        public static void Alpn_follows_the_port_unless_it_is_given(string fields, string alpn)
        {
            string found = Parse("{'thing':'t','endpoint':'e'," + fields + "}").Alpn;
            Assert.AreEqual(alpn, found == null ? "" : found);
        }

        [TestMethod]
        public static void Order_of_fields_does_not_matter()
        {
            DeviceConfiguration c = Parse("{'pins':{'led':25},'endpoint':'e','toaster':{},'thing':'t'}");
            Assert.AreEqual("t/status", c.StatusTopic);
            Assert.AreEqual(25, c.LedPin);
        }

        [TestMethod]
        public static void Pins_may_swap_places()
        {
            Assert.AreEqual("4 2 5 0 21 22 34", Pins(Parse("{'thing':'t','endpoint':'e','pins':{'led':4,'light':2}}")));
        }

        [TestMethod]
        public static void Longest_thing_name_is_taken()
        {
            string name = new string('n', 128);
            Assert.AreEqual(name, Parse("{'thing':'" + name + "','endpoint':'e'}").ThingName);
        }

        private static DeviceConfiguration Parse(string json)
        {
            return ConfigurationReader.Parse(Name, JsonText.Quoted(json));
        }

        private static string Coap(DeviceConfiguration c)
        {
            string directory = "none";
            if (c.CoapDirectory != null)
            {
                byte[] a = c.CoapDirectory.Address;
                directory = a[0] + "." + a[1] + "." + a[2] + "." + a[3] + ":" + c.CoapDirectory.Port;
            }

            return c.CoapEnabled + " " + c.CoapPort + " " + c.CoapWriteLocal + " " + c.CoapProvesChanges + " " + c.CoapMulticast + " " + c.CoapLifetimeSeconds + " " + directory;
        }

        private static string Pins(DeviceConfiguration c)
        {
            return c.LedPin + " " + c.LightPin + " " + c.ToasterPin + " " + c.ButtonPin + " " + c.SdaPin + " " + c.SclPin + " " + c.BatteryPin;
        }
    }
}
