// The section "sleep" of device.json: what it may hold, and what is said about the rest.

using System.Text;
using Firmware.Settings;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Settings;

[TestClass]
public static class SleepSettingsTest
{
    [TestMethod]
    public static void Without_the_section_the_board_stays_awake() => Assert.AreEqual(SleepPolicy.AlwaysOn, Read("{}").SleepPolicy);

    [TestMethod]
    public static void All_fields_are_taken()
    {
        DeviceConfiguration c = Read("{'policy':'light','senseSeconds':60,'connectSeconds':600,'listenSeconds':0,'budgetSeconds':90,'alarmBelow':-5,'alarmAbove':40,'lowBattery':3300}");
        Assert.AreEqual("Light 60 600 0 90 -5 40 3300", $"{c.SleepPolicy} {c.SleepSenseSeconds} {c.SleepConnectSeconds} {c.SleepListenSeconds} {c.SleepBudgetSeconds} {c.SleepAlarmBelow} {c.SleepAlarmAbove} {c.SleepLowBatteryMilliVolts}");
    }

    [TestMethod]
    [DataRow("{'policy':'nap'}", "sleep.policy must be \"always-on\", \"light\" or \"deep\"")]
    [DataRow("{'policy':'deep','senseSeconds':9}", "sleep.senseSeconds must be a whole number from 10 to 86400")]
    [DataRow("{'policy':'deep','senseSeconds':300,'connectSeconds':3700}", "sleep.connectSeconds must be a multiple of senseSeconds, which is 300")]
    [DataRow("{'policy':'deep','senseSeconds':300,'connectSeconds':60}", "sleep.connectSeconds must be a multiple of senseSeconds, which is 300")]
    [DataRow("{'policy':'deep','senseSeconds':30,'connectSeconds':3600}", "sleep.senseSeconds and connectSeconds make 2904 writes to flash a day; 2000 are allowed")]
    [DataRow("{'policy':'deep','alarmBelow':30,'alarmAbove':30}", "sleep.alarmBelow must be less than alarmAbove, which is 30")]
    [DataRow("{'policy':'deep','wake':1}", "sleep.wake is not known here; known are policy, senseSeconds")]
    [DataRow("{'listenSeconds':61}", "sleep.listenSeconds must be a whole number from 0 to 60")]
    [DataRow("{'budgetSeconds':5}", "sleep.budgetSeconds must be a whole number from 10 to 300")]
    public static void What_is_wrong_is_named(string section, string message) => Assert.Contains(message, Error(section, "{}"));

    [TestMethod]
    public static void Button_that_cannot_wake_the_chip_is_refused_by_a_board_that_sleeps_only()
    {
        Assert.Contains("pins.button is GPIO 18, which cannot wake the chip from sleep", Error("{'policy':'deep'}", "{'button':18}"));
        Assert.AreEqual(18, Read("{}", "{'button':18}").ButtonPin);
    }

    private static string Error(string section, string pins)
    {
        try
        {
            Read(section, pins);
        }
        catch (ConfigurationException e)
        {
            return e.Message;
        }

        return "no error";
    }

    private static DeviceConfiguration Read(string section, string pins = "{}") => ConfigurationReader.Parse(
        "device.json",
        Encoding.UTF8.GetBytes($"{{'thing':'t','endpoint':'e','sleep':{section},'pins':{pins}}}".Replace('\'', '"')));
}
