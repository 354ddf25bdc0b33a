// The section "coap" of device.json, field by field: what is taken, and the one line for what is not. Here and not among the device's tests,
// whose strings are counted. In vectors ' stands for ".

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class CoapSettingsTest
{
    private const string Host = "must be the IPv4 address of a host, such as \"192.168.1.5\" or \"192.168.1.5:5683\"";

    [DataRow("5", "coap. must be an object: {...}")]
    [DataRow("{'enabled':'true'}", "coap.enabled must be true or false")]
    [DataRow("{'multicast':1}", "coap.multicast must be true or false")]
    [DataRow("{'port':0}", "coap.port must be a whole number from 1 to 65535")]
    [DataRow("{'port':65536}", "coap.port must be a whole number from 1 to 65535")]
    [DataRow("{'port':'5683'}", "coap.port must be a whole number from 1 to 65535")]
    [DataRow("{'write':true}", "coap.write must be a string: \"...\"")]
    [DataRow("{'write':''}", "coap.write must be \"off\" or \"local\"")]
    [DataRow("{'write':'Local'}", "coap.write must be \"off\" or \"local\"")]
    [DataRow("{'lifetime':59}", "coap.lifetime must be a whole number from 60 to 86400")]
    [DataRow("{'lifetime':86401}", "coap.lifetime must be a whole number from 60 to 86400")]
    [DataRow("{'directory':5}", "coap.directory must be a string: \"...\"")]
    [DataRow("{'directory':'255.255.255.255:65535x'}", "coap.directory has 22 bytes; 0 to 21 are allowed")]
    [DataRow("{'directory':''}", "coap.directory " + Host)]
    [DataRow("{'directory':'directory.local'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.4.5'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.256'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.04'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2..4'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.-4'}", "coap.directory " + Host)]
    [DataRow("{'directory':' 1.2.3.4'}", "coap.directory " + Host)]
    [DataRow("{'directory':'0.2.3.4'}", "coap.directory " + Host)]
    [DataRow("{'directory':'239.2.3.4'}", "coap.directory " + Host)]
    [DataRow("{'directory':'255.255.255.255'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.4:'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.4:0'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.4:65536'}", "coap.directory " + Host)]
    [DataRow("{'directory':'1.2.3.4:1:2'}", "coap.directory " + Host)]
    [DataRow("{'directory':'4294967297.2.3.4'}", "coap.directory " + Host)] // 1, if it wraps
    [DataRow("{'directory':'fe80::1'}", "coap.directory " + Host)]
    [DataRow("{'Port':1}", "coap.Port is not known here; known are enabled, port, write, prove, multicast, directory, lifetime")]
    public static void Wrong_coap_setting_is_one_line(string section, string line)
    {
        try
        {
            Parse(section);
        }
        catch (ConfigurationException e)
        {
            Assert.AreEqual("device.json: " + line, e.Message);
            return;
        }

        Assert.IsTrue(false, "was taken: " + section);
    }

    [DataRow("1.2.3.4", "1.2.3.4:5683")]
    [DataRow("192.168.1.5:1", "192.168.1.5:1")]
    [DataRow("223.255.255.255:65535", "223.255.255.255:65535")]
    [DataRow("127.0.0.1", "127.0.0.1:5683")]
    [DataRow("1.0.0.0", "1.0.0.0:5683")]
    public static void Coap_directory_is_an_address_with_the_default_port(string text, string endpoint)
    {
        Protocols.Io.DatagramAddress found = Parse("{'directory':'" + text + "'}").CoapDirectory;
        Assert.AreEqual(endpoint, string.Join('.', found.Address.Take(4)) + ":" + found.Port);
        Assert.AreEqual(4, found.Length);
        Assert.IsFalse(found.IsMulticast);
    }

    // RFC 9176 section 5: ep has at most 63 bytes, a thing's name 128
    [DataRow(63, true)]
    [DataRow(64, false)]
    public static void Name_that_a_directory_does_not_take_is_refused_with_one_line(int length, bool isTaken)
    {
        byte[] With(string coap) => Encoding.UTF8.GetBytes(("{'thing':'" + new string('t', length) + "','endpoint':'e','coap':{" + coap + "}}").Replace('\'', '"'));
        ConfigurationReader.Parse("device.json", With(""));
        string said = "";
        try
        {
            ConfigurationReader.Parse("device.json", With("'directory':'1.2.3.4'"));
        }
        catch (ConfigurationException e)
        {
            said = e.Message;
        }

        Assert.AreEqual(isTaken ? "" : "device.json: coap.directory registers the thing by its name, which has 64 bytes; 63 are allowed there", said);
    }

    [TestMethod]
    public static void Coap_write_off_is_the_default_said_aloud()
    {
        Assert.IsFalse(Parse("{'write':'off','enabled':true}").CoapWriteLocal);
        Assert.IsFalse(Parse("{}").CoapWriteLocal);
    }

    private static DeviceConfiguration Parse(string section) =>
        ConfigurationReader.Parse("device.json", Encoding.UTF8.GetBytes(("{'thing':'t','endpoint':'e','coap':" + section + "}").Replace('\'', '"')));
}
