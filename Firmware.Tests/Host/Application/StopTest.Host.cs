// The clean end, as Ctrl-C of the Simulator or a reboot asks for it: actuators safe, offline said, DISCONNECT sent, within Limits.StopMs.

using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class StopTest
{
    [TestMethod]
    public static void Stop_switches_the_toaster_off_says_offline_and_disconnects()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"toaster\":\"on\",\"seconds\":100}");
        Assert.IsTrue(Stop(appliance));
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        Assert.AreEqual("online offline", string.Join(' ', appliance.Broker.On(Status)));
        Assert.AreEqual("DISCONNECT", appliance.Broker.Packets[^1]);
        Assert.IsFalse(appliance.Broker.IsLinked);
        Assert.AreEqual(1, appliance.FinalLines("disconnected").Length);
    }

    [TestMethod]
    public static void Command_that_arrives_during_the_stop_does_not_toast()
    {
        using Appliance appliance = Online();
        for (int i = 0; i < 5; i++)
        {
            appliance.Broker.Send(Commands, "{\"toaster\":\"on\",\"seconds\":100}");
        }

        // the clock stands still, so the board has seen none of them
        Assert.IsTrue(Stop(appliance));
        long[] on = appliance.TimesOf(ToasterPin, true);
        long[] off = appliance.TimesOf(ToasterPin, false);
        Assert.IsTrue(on.Length <= 1 && off.Length >= on.Length, "it may begin, but not stay");
        Assert.AreEqual("DISCONNECT", appliance.Broker.Packets[^1]);
    }

    [TestMethod]
    public static void Stop_while_waiting_for_the_next_attempt_ends_at_once()
    {
        using Appliance appliance = new(prepare: a => a.Connector.FailsWith = "no way");
        appliance.Time.Advance(500);
        Assert.IsTrue(Stop(appliance));
        Assert.AreEqual(0, appliance.Broker.Connects.Count);
    }

    [TestMethod]
    public static void Stop_while_an_attempt_is_under_way_gives_it_up()
    {
        using Appliance appliance = new(prepare: a => a.Connector.Hangs = true);
        appliance.Time.Advance(500);
        Assert.IsTrue(Stop(appliance));
        Assert.AreEqual(1, appliance.Connector.Cancelled);
    }

    [TestMethod]
    public static void Stop_before_connack_just_closes()
    {
        using Appliance appliance = new(prepare: a => a.Broker.ConnackCode = null);
        appliance.Time.Advance(500);
        Assert.IsTrue(Stop(appliance));
        Assert.AreEqual("CONNECT", string.Join(' ', appliance.Broker.Packets));
        Assert.IsFalse(appliance.Broker.IsLinked);
    }

    [TestMethod]
    public static void Stop_on_a_link_that_takes_nothing_ends_within_its_limit()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"toaster\":\"on\",\"seconds\":100}");
        appliance.Broker.TakesBytes = false;
        long asked = appliance.Time.TotalMs;
        Assert.IsTrue(Stop(appliance));
        Assert.IsTrue(appliance.Time.TotalMs - asked <= Limits.StopMs + 1_000, $"took {appliance.Time.TotalMs - asked} ms");
        Assert.AreEqual(1, appliance.TimesOf(ToasterPin, false).Count(t => t >= asked && t <= asked + 100), "the toaster did not wait for the link");
    }

    // moves the clock while the board stops, as the real one would
    private static bool Stop(Appliance appliance)
    {
        Task<bool> stop = Task.Run(() => appliance.Board.Stop(10_000));
        while (!stop.Wait(1))
        {
            appliance.Time.Advance(10);
        }

        return stop.Result;
    }
}
