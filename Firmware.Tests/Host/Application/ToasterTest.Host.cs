// The toaster as its user meets it: commands in, the relay's pin, answers and events out. Times are those of the pin.

using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class ToasterTest
{
    // how late the loop may notice a message: Limits.LoopWhileConnectedMs, twice for what comes in pieces
    private const int LatencyMs = 60;

    [TestMethod]
    public static void Boot_switches_every_actuator_off()
    {
        using Appliance appliance = Online();
        foreach (int gpio in (int[])[LedPin, LightPin, ToasterPin])
        {
            Assert.IsTrue(appliance.Board.Pins[gpio].Mode == System.Device.Gpio.PinMode.Output, $"GPIO {gpio} is an output");
            Assert.IsFalse(appliance.IsHigh(gpio), $"GPIO {gpio}");
            Assert.AreEqual(0, appliance.TimesOf(gpio, true).Length, $"GPIO {gpio} was never on");
        }

        Assert.AreEqual(0, appliance.Board.Pins[LightPin].PwmDutyPercent);
    }

    [TestMethod]
    public static void Reset_in_the_middle_of_a_toast_ends_it()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"toaster\":\"on\",\"seconds\":90}");
        appliance.Command("{\"led\":\"on\"}");
        appliance.Command("{\"light\":70}");
        Assert.IsTrue(appliance.IsHigh(ToasterPin));
        appliance.Board.Reset();
        Assert.IsFalse(appliance.IsHigh(ToasterPin), "at once");
        Assert.IsTrue(appliance.Time.AwaitWaiters(1));
        appliance.AwaitOnline();
        appliance.Time.Advance(100_000);
        Assert.AreEqual(1, appliance.TimesOf(ToasterPin, true).Length);
        Assert.IsFalse(appliance.IsHigh(LedPin));
        Assert.IsFalse(appliance.IsHigh(LightPin));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(5)]
    [DataRow(180)]
    public static void Toaster_is_on_for_its_seconds_and_then_off(int seconds)
    {
        using Appliance appliance = Online();
        long asked = appliance.Time.TotalMs;
        appliance.Command($"{{\"toaster\":\"on\",\"seconds\":{seconds}}}");
        Assert.IsTrue(appliance.IsHigh(ToasterPin));
        appliance.Time.Advance((seconds + 2) * 1000);
        long on = appliance.TimesOf(ToasterPin, true).Single();
        long off = appliance.TimesOf(ToasterPin, false).Single(t => t > on);
        Assert.IsTrue(on - asked <= LatencyMs, $"on after {on - asked} ms");
        Assert.AreEqual(seconds * 1000L, off - on, "milliseconds on");
        Assert.AreEqual($"{{\"toaster\":\"on\",\"seconds\":{seconds}}}", appliance.Broker.On(Accepted).Single());
        Assert.AreEqual($"{{\"toaster\":\"on\",\"seconds\":{seconds}}} {{\"toaster\":\"off\"}}", string.Join(' ', appliance.Broker.On(Events)));
    }

    [TestMethod]
    public static void Toast_without_seconds_takes_a_minute()
    {
        using Appliance appliance = Online();
        appliance.Command("on", "toaster");
        appliance.Time.Advance(61_000);
        Assert.AreEqual(60_000L, appliance.TimesOf(ToasterPin, false)[^1] - appliance.TimesOf(ToasterPin, true).Single());
    }

    [TestMethod]
    public static void Toast_without_seconds_is_no_longer_than_the_configured_limit()
    {
        using Appliance appliance = Online(c => c.ToasterMaxSeconds = 20);
        appliance.Command("on", "toaster");
        appliance.Time.Advance(21_000);
        Assert.AreEqual(20_000L, appliance.TimesOf(ToasterPin, false)[^1] - appliance.TimesOf(ToasterPin, true).Single());
    }

    [TestMethod]
    [DataRow(21)]
    [DataRow(0)]
    [DataRow(-5)]
    [DataRow(2147483647)]
    [DataRow(4294967)] // as milliseconds 4294967000, which wraps
    public static void Seconds_beyond_the_limit_are_rejected_and_nothing_happens(int seconds)
    {
        using Appliance appliance = Online(c => c.ToasterMaxSeconds = 20);
        appliance.Command($"{{\"toaster\":\"on\",\"seconds\":{seconds},\"id\":\"x\"}}");
        Assert.AreEqual("{\"reason\":\"seconds must be 1 to 20\",\"actuator\":\"toaster\",\"id\":\"x\"}", appliance.Broker.On(Rejected).Single());
        Assert.AreEqual(0, appliance.Broker.On(Accepted).Length + appliance.Broker.On(Events).Length);
        Assert.AreEqual(0, appliance.TimesOf(ToasterPin, true).Length);
    }

    [TestMethod]
    public static void Repeated_commands_cannot_hold_it_on_beyond_the_limit()
    {
        using Appliance appliance = Online(c =>
        {
            c.ToasterMaxSeconds = 20;
            c.ToasterRestSeconds = 10;
        });
        for (int i = 0; i < 15; i++)
        {
            appliance.Command("{\"toaster\":\"on\",\"seconds\":20}");
            appliance.Time.Advance(2900);
        }

        long[] on = appliance.TimesOf(ToasterPin, true);
        long[] off = [.. appliance.TimesOf(ToasterPin, false).Where(t => t > on[0])];
        Assert.AreEqual(20_000L, off[0] - on[0]);
        Assert.IsTrue(on.Length >= 2 && on[1] - off[0] >= 10_000, "it rests 10 s between two toasts");
    }

    [TestMethod]
    public static void Rest_between_two_toasts_is_kept_and_said()
    {
        using Appliance appliance = Online(c => c.ToasterRestSeconds = 30);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":5}");
        appliance.Command("{\"toaster\":\"off\"}");
        Assert.IsFalse(appliance.IsHigh(ToasterPin), "off is never refused");
        appliance.Time.Advance(29_000);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":5}");
        Assert.Contains("rests", appliance.Broker.On(Rejected).Single());
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        appliance.Time.Advance(1_000);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":5}");
        Assert.IsTrue(appliance.IsHigh(ToasterPin));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public static void Loss_of_the_cloud_ends_a_toast_if_so_configured(bool offWhenOffline)
    {
        using Appliance appliance = Online(c => c.ToasterOffWhenOffline = offWhenOffline);
        appliance.Command("{\"toaster\":\"on\",\"seconds\":20}");
        appliance.Time.Advance(1_000);
        appliance.Connector.FailsWith = "no way";
        appliance.Broker.Drop();
        appliance.Time.Advance(100);
        Assert.AreEqual(offWhenOffline, !appliance.IsHigh(ToasterPin));
        appliance.Time.Advance(20_000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin), "its own limit holds offline as well");
        Assert.AreEqual(offWhenOffline ? 1 : 0, appliance.FinalLines("the toaster went off").Length);
    }

    [TestMethod]
    public static void Silent_broker_counts_as_lost_within_the_keepalive()
    {
        using Appliance appliance = Online(c => c.KeepAliveSeconds = 30);
        appliance.Broker.AnswersPings = false;
        appliance.Command("{\"toaster\":\"on\",\"seconds\":180}");
        appliance.Time.Advance(45_000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        appliance.AwaitLine("the broker no longer answers");
    }
}
