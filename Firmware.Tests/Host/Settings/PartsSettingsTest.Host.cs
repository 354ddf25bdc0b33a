// The section "parts" and pins.statusLed of device.json: what they may hold, and what is said about the rest.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class PartsSettingsTest
{
    [TestMethod]
    public static void Without_the_section_the_board_has_no_such_part()
    {
        DeviceConfiguration c = Read("{}");
        Assert.AreEqual("False 101325 -1", $"{c.HasBmp280} {c.SeaLevelPa} {c.StatusLedPin}");
    }

    [TestMethod]
    [DataRow("{'bmp280':true,'seaLevelPa':85000}", "{'statusLed':0,'button':32}", "True 85000 0")]
    [DataRow("{'bmp280':false,'seaLevelPa':110000}", "{'statusLed':33}", "False 110000 33")]
    [DataRow("{'bmp280':true}", "{'statusLed':-1}", "True 101325 -1")]
    public static void All_fields_are_taken(string parts, string pins, string expected)
    {
        DeviceConfiguration c = Read(parts, pins);
        Assert.AreEqual(expected, $"{c.HasBmp280} {c.SeaLevelPa} {c.StatusLedPin}");
    }

    [TestMethod]
    [DataRow("{'bmp280':1}", "{}", "parts.bmp280 must be true or false")]
    [DataRow("{'seaLevelPa':84999}", "{}", "parts.seaLevelPa must be a whole number from 85000 to 110000")]
    [DataRow("{'seaLevelPa':110001}", "{}", "parts.seaLevelPa must be a whole number from 85000 to 110000")]
    [DataRow("{'seaLevelPa':1013.25}", "{}", "parts.seaLevelPa must be a whole number from 85000 to 110000")]
    [DataRow("{'sht3x':true}", "{}", "parts.sht3x is not known here; known are bmp280, seaLevelPa")]
    [DataRow("5", "{}", "parts. must be an object: {...}")]
    [DataRow("{}", "{'statusLed':34}", "pins.statusLed must be a whole number from -1 to 33")]
    [DataRow("{}", "{'statusLed':-2}", "pins.statusLed must be a whole number from -1 to 33")]
    [DataRow("{}", "{'statusLed':7}", "pins.statusLed is GPIO 7, which the flash chip needs")]
    [DataRow("{}", "{'statusLed':24}", "pins.statusLed is GPIO 24, which an ESP32 does not have")]
    [DataRow("{}", "{'statusLed':2}", "pins.statusLed is GPIO 2, which pins.led has already")]
    [DataRow("{}", "{'led':-1}", "pins.led must be a whole number from 0 to 33")]
    public static void What_is_wrong_is_named(string parts, string pins, string message)
    {
        try
        {
            Read(parts, pins);
        }
        catch (ConfigurationException e)
        {
            Assert.Contains(message, e.Message);
            return;
        }

        Assert.IsTrue(false, "no error");
    }

    private static DeviceConfiguration Read(string parts, string pins = "{}") => ConfigurationReader.Parse(
        "device.json",
        Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e','parts':{parts},'pins':{pins}}}".Replace('\'', '"')));
}
