// device.json that is wrong: the one line names the file, the field, and what would be right. In vectors ' stands for ".
// A row gives fields that are put behind a right beginning, what the line must name, and what it must say.

using Firmware.Settings;
using Firmware.Tests.Json;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Settings
{
    [TestClass]
    public static class ConfigurationErrorTests
    {
        private const string Name = "I:\\device.json";
        private const string Right = "'thing':'toaster-01','endpoint':'example.org'";

        // wrong type
        [DataRow("'thing':1", "thing", "must be a string")]
        [DataRow("'thing':null", "thing", "must be a string")]
        [DataRow("'endpoint':['a']", "endpoint", "must be a string")]
        [DataRow("'port':'8883'", "port", "from 1 to 65535")]
        [DataRow("'port':8883.5", "port", "from 1 to 65535")]
        [DataRow("'port':1e3", "port", "from 1 to 65535")]
        [DataRow("'port':true", "port", "from 1 to 65535")]
        [DataRow("'alpn':null", "alpn", "must be a string")]
        [DataRow("'rules':2018", "rules", "must be a string")]
        [DataRow("'outbox':5", "outbox.", "must be an object")]
        [DataRow("'outbox':{'telemetry':5}", "outbox.telemetry", "must be a string")]
        [DataRow("'outbox':{'events':true}", "outbox.events", "must be a string")]
        [DataRow("'keepalive':'60'", "keepalive", "from 30 to 1200")]
        [DataRow("'telemetrySeconds':{}", "telemetrySeconds", "from 1 to 86400")]
        [DataRow("'topics':'a'", "topics.", "must be an object")]
        [DataRow("'topics':[]", "topics.", "must be an object")]
        [DataRow("'topics':{'status':5}", "topics.status", "must be a string")]
        [DataRow("'topics':{'telemetry':5}", "topics.telemetry", "must be a string")]
        [DataRow("'topics':{'commands':5}", "topics.commands", "must be a string")]
        [DataRow("'topics':{'events':5}", "topics.events", "must be a string")]
        [DataRow("'wifi':'home'", "wifi.", "must be an object")]
        [DataRow("'wifi':{'ssid':5}", "wifi.ssid", "must be a string")]
        [DataRow("'wifi':{'password':12345678}", "wifi.password", "must be a string")]
        [DataRow("'tls':true", "tls.", "must be an object")]
        [DataRow("'tls':{'ca':false}", "tls.ca", "must be a string")]
        [DataRow("'tls':{'certificate':1}", "tls.certificate", "must be a string")]
        [DataRow("'tls':{'key':1}", "tls.key", "must be a string")]
        [DataRow("'tls':{'stored':'true'}", "tls.stored", "true or false")]
        [DataRow("'tls':{'stored':1}", "tls.stored", "true or false")]
        [DataRow("'pins':5", "pins.", "must be an object")]
        [DataRow("'pins':{'led':'2'}", "pins.led", "from 0 to 33")]
        [DataRow("'toaster':90", "toaster.", "must be an object")]
        [DataRow("'toaster':{'maxSeconds':'90'}", "toaster.maxSeconds", "from 1 to 300")]
        [DataRow("'toaster':{'restSeconds':null}", "toaster.restSeconds", "from 0 to 3600")]
        [DataRow("'toaster':{'offWhenOffline':0}", "toaster.offWhenOffline", "true or false")]

        // out of range
        [DataRow("'thing':''", "thing", "1 to 128")]
        [DataRow("'thing':'a b'", "thing", "letters, digits")]
        [DataRow("'thing':'a/b'", "thing", "letters, digits")]
        [DataRow("'thing':'\\u00e9'", "thing", "letters, digits")]
        [DataRow("'thing':'a\\u0000b'", "thing", "must not hold \\u0000")]
        [DataRow("'a\\u0000b':1", "a name", "must not hold \\u0000")]
        [DataRow("'endpoint':''", "endpoint", "1 to 255")]
        [DataRow("'endpoint':'https://example.org'", "endpoint", "host name alone")]
        [DataRow("'endpoint':'example.org/mqtt'", "endpoint", "host name alone")]
        [DataRow("'endpoint':' example.org'", "endpoint", "host name alone")]
        [DataRow("'port':0", "port", "from 1 to 65535")]
        [DataRow("'port':-1", "port", "from 1 to 65535")]
        [DataRow("'port':65536", "port", "from 1 to 65535")]
        [DataRow("'port':4294976179", "port", "from 1 to 65535")] // 8883, if it wraps
        [DataRow("'rules':'aws-2019'", "rules", "\"aws\", \"aws-2018\" or \"mqtt\"")]
        [DataRow("'outbox':{'telemetry':'all'}", "outbox.telemetry", "\"keep-all\", \"newest-only\" or \"drop-oldest\"")]
        [DataRow("'outbox':{'events':''}", "outbox.events", "\"keep-all\", \"newest-only\" or \"drop-oldest\"")]
        [DataRow("'keepalive':29", "keepalive", "from 30 to 1200")]
        [DataRow("'keepalive':1201", "keepalive", "from 30 to 1200")]
        [DataRow("'telemetrySeconds':0", "telemetrySeconds", "from 1 to 86400")]
        [DataRow("'telemetrySeconds':86401", "telemetrySeconds", "from 1 to 86400")]
        [DataRow("'topics':{'status':''}", "topics.status", "1 to 224")]
        [DataRow("'topics':{'telemetry':'a/+'}", "topics.telemetry", "without +, #")]
        [DataRow("'topics':{'commands':'a/#'}", "topics.commands", "without +, #")]
        [DataRow("'topics':{'events':'a\\u0000'}", "topics.events", "must not hold \\u0000")]
        [DataRow("'wifi':{'ssid':''}", "wifi.ssid", "1 to 32")]
        [DataRow("'wifi':{'ssid':'012345678901234567890123456789012'}", "wifi.ssid", "1 to 32")]
        [DataRow("'wifi':{'password':'0123456789012345678901234567890123456789012345678901234567890123'}", "wifi.password", "0 to 63")]
        [DataRow("'tls':{'ca':''}", "tls.ca", "1 to 64")]
        [DataRow("'tls':{'certificate':''}", "tls.certificate", "1 to 64")]
        [DataRow("'tls':{'key':''}", "tls.key", "1 to 64")]
        [DataRow("'pins':{'led':-1}", "pins.led", "from 0 to 33")]
        [DataRow("'pins':{'led':34}", "pins.led", "from 0 to 33")]
        [DataRow("'pins':{'light':36}", "pins.light", "from 0 to 33")]
        [DataRow("'pins':{'toaster':39}", "pins.toaster", "from 0 to 33")]
        [DataRow("'pins':{'toaster':6}", "pins.toaster", "flash chip")]
        [DataRow("'pins':{'sda':11}", "pins.sda", "flash chip")]
        [DataRow("'pins':{'scl':8}", "pins.scl", "flash chip")]
        [DataRow("'pins':{'button':40}", "pins.button", "0 to 3")]
        [DataRow("'pins':{'battery':31}", "pins.battery", "from 32 to 39")]
        [DataRow("'pins':{'battery':40}", "pins.battery", "from 32 to 39")]
        [DataRow("'toaster':{'maxSeconds':0}", "toaster.maxSeconds", "from 1 to 300")]
        [DataRow("'toaster':{'maxSeconds':301}", "toaster.maxSeconds", "from 1 to 300")]
        [DataRow("'toaster':{'restSeconds':-1}", "toaster.restSeconds", "from 0 to 3600")]
        [DataRow("'toaster':{'restSeconds':3601}", "toaster.restSeconds", "from 0 to 3600")]
        [DataRow("'coap':{'write':'all'}", "coap.write", "\"off\" or \"local\"")]
        [DataRow("'coap':{'directory':'224.0.1.187'}", "coap.directory", "IPv4 address of a host")]

        // unknown
        [DataRow("'Port':1", "Port", "known are thing, endpoint, port")]
        [DataRow("'':1", "", "known are thing")]
        [DataRow("'topic':{}", "topic", "known are thing")]
        [DataRow("'topics':{'state':'a'}", "topics.state", "known are status, telemetry, commands, events")]
        [DataRow("'outbox':{'commands':'keep-all'}", "outbox.commands", "known are telemetry, events")]
        [DataRow("'wifi':{'SSID':'a'}", "wifi.SSID", "known are ssid, password")]
        [DataRow("'tls':{'cert':'a'}", "tls.cert", "known are ca, certificate, key, stored")]
        [DataRow("'tls':{'verify':false}", "tls.verify", "is not known here")]
        [DataRow("'pins':{'relay':1}", "pins.relay", "known are led, light, toaster, button, sda, scl, battery, statusLed")]
        [DataRow("'toaster':{'maxSecond':1}", "toaster.maxSecond", "known are maxSeconds, restSeconds, offWhenOffline")]
        [DataRow("'coap':{'on':1}", "coap.on", "known are enabled, port, write, prove, multicast, directory, lifetime")]

        // one pin twice, also where one of the two is a default
        [DataRow("'pins':{'led':5}", "pins.", "GPIO 5")]
        [DataRow("'pins':{'light':2}", "pins.light", "GPIO 2, which pins.led has already")]
        [DataRow("'pins':{'led':25,'light':25}", "pins.light", "pins.led has already")]
        [DataRow("'pins':{'button':33,'sda':33}", "pins.sda", "pins.button has already")]
        [DataRow("'pins':{'battery':33,'scl':33}", "pins.battery", "pins.scl has already")]
        public static void One_line_names_file_field_and_what_would_be_right(string fields, string field, string right)
        {
            string message = Refusal("{" + Right + "," + fields + "}");
            Assert.StartsWith(Name + ": " + field, message);
            Assert.Contains(right, message);
        }

        // the chip has no such pin (ESP32 datasheet, 2.2): opening it would end the firmware with an exception instead of a line
        [DataRow("led", 20)]
        [DataRow("light", 24)]
        [DataRow("toaster", 28)]
        [DataRow("sda", 29)]
        [DataRow("scl", 30)]
        [DataRow("led", 31)]
        [DataRow("button", 20)]
        [DataRow("button", 31)]

        // the flash chip's, also for an input
        [DataRow("button", 6)]
        [DataRow("button", 11)]

        // no pull-up there, which the button needs
        [DataRow("button", 34)]
        [DataRow("button", 39)]
        public static void Pin_that_the_chip_cannot_give_is_refused(string pin, int gpio)
        {
            string message = Refusal("{" + Right + ",'pins':{'battery':35,'" + pin + "':" + gpio + "}}");
            Assert.StartsWith(Name + ": pins." + pin, message);
        }

        [DataRow("{'endpoint':'e'}", "thing is missing")]
        [DataRow("{'thing':'t'}", "endpoint is missing")]
        [DataRow("{}", "thing is missing")]
        public static void Missing_field_is_named(string json, string part)
        {
            Assert.Contains(Name + ": " + part, Refusal(json));
        }

        [DataRow("", 1, 1)]
        [DataRow("{", 1, 2)]
        [DataRow("{'thing' 'a'}", 1, 10)]
        [DataRow("{\n  'thing': 'a',\n  'endpoint': e\n}", 3, 15)]
        [DataRow("{\r\n  'thing': 'a'\r\n  'endpoint': 'e'\r\n}", 3, 3)]
        [DataRow("{\n'thing':'a',\n'endpoint':'e',\n}", 4, 1)]
        [DataRow("{\n'thing':'a','endpoint':'e'}\nx", 3, 1)]
        [DataRow("{'thing':'a\\ud800'}", 1, 12)]
        [DataRow("{'pins':{\n 'led':2\n", 3, 1)]
        public static void Text_that_is_not_json_is_refused_with_line_and_column(string json, int line, int column)
        {
            Assert.AreEqual(Name + " is not JSON at line " + line + ", column " + column, Refusal(json));
        }

        [DataRow("[]")]
        [DataRow("'a'")]
        [DataRow("1")]
        [DataRow("null")]
        public static void File_must_hold_an_object(string json)
        {
            string message = Refusal(json);
            Assert.StartsWith(Name, message);
            Assert.Contains("must be an object", message);
        }

        [TestMethod]
        public static void Every_truncation_is_refused()
        {
            string json = "{" + Right + ",'pins':{'led':12},'toaster':{'offWhenOffline':false}}";
            ConfigurationReader.Parse(Name, JsonText.Quoted(json));
            for (int length = 0; length < json.Length; length++)
            {
                Assert.StartsWith(Name, Refusal(json.Substring(0, length)));
            }
        }

        [TestMethod]
        public static void Mutations_give_a_configuration_or_one_line()
        {
            byte[] clean = JsonText.Quoted("{" + Right + ",'pins':{'led':12}}");
            byte[] mutant = new byte[clean.Length];
            for (int i = 0; i < clean.Length; i++)
            {
                for (int value = 0; value < 256; value += 3)
                {
                    clean.CopyTo(mutant, 0);
                    mutant[i] = (byte)value;
                    try
                    {
                        ConfigurationReader.Parse(Name, mutant);
                    }
                    catch (ConfigurationException e)
                    {
                        Assert.StartsWith(Name, e.Message);
                    }
                }
            }
        }

        [TestMethod]
        public static void Password_is_never_part_of_a_message()
        {
            Assert.DoesNotContains("hunter2", Refusal("{" + Right + ",'wifi':{'password':'hunter2','ssid':5}}"));
            Assert.DoesNotContains("hunter2", Refusal("{" + Right + ",'wifi':{'password':'hunter2" + new string('x', 60) + "'}}"));
        }

        private static string Refusal(string json)
        {
            try
            {
                ConfigurationReader.Parse(Name, JsonText.Quoted(json));
            }
            catch (ConfigurationException e)
            {
                Assert.IsTrue(e.Message.IndexOf('\n') < 0, "one line: " + e.Message);
                return e.Message;
            }

            Assert.IsTrue(false, "was taken: " + json);
            return "";
        }
    }
}
