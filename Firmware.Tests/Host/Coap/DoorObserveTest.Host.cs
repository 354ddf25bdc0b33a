// Changes seen through both doors: what MQTT, a button or the time changes is told to CoAP observers, what CoAP changes is told over MQTT; and
// what becomes of it all when the network goes.

using Firmware.Simulator.Board;
using Firmware.Tests.Host.Application;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DoorObserveTest
{
    [TestMethod]
    public static void Change_made_over_mqtt_is_told_to_observers_in_the_same_turn()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        DoorReply first = client.Observe("actuators/led", 5);
        Assert.AreEqual("{\"led\":\"off\"}", first.Text);
        Assert.IsNotNull(first.Observe);
        appliance.Command("on", "led");
        DoorReply told = client.Notified(5).Single();
        Assert.AreEqual("{\"led\":\"on\"}", told.Text);
        Assert.AreEqual("2.05", told.Code);
        Assert.AreEqual(first.Observe + 1, told.Observe);
        Assert.AreEqual(appliance.TimesOf(LedPin, true)[^1], told.AtMs, "in the turn of the loop in which it happened");
    }

    [TestMethod]
    public static void Change_made_over_coap_is_an_event_over_mqtt_at_once()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        client.Put("actuators/led", "on");
        client.Post("actuators/light", "dim");
        client.Put("actuators/led", "on");
        string[] events = appliance.Broker.On(Events);
        Assert.AreEqual("{\"led\":\"on\"|{\"light\":30", string.Join("|", events.Select(e => e.Split(",\"time\"")[0].TrimEnd('}'))), "one for each change, none for what was so already");
        Assert.AreEqual(appliance.TimesOf(LedPin, true)[^1], appliance.Broker.All.First(m => m.Topic == Events).AtMs);
    }

    [TestMethod]
    public static void Change_made_by_one_client_is_told_to_another()
    {
        using Appliance appliance = Writable();
        DoorClient watcher = new(appliance, "192.168.1.51");
        watcher.Observe("actuators/toaster", 1);
        new DoorClient(appliance).Put("actuators/toaster", "{\"toaster\":\"on\",\"seconds\":2}", 50);
        Assert.AreEqual("{\"toaster\":\"on\",\"seconds\":2}", watcher.Notified(1)[0].Text);
        watcher.Acknowledge(1);
        appliance.Time.Advance(10_000);
        Assert.AreEqual("{\"toaster\":\"off\"}", watcher.Notified(1)[^1].Text, "the toast ended by itself");
    }

    [TestMethod]
    public static void Reading_is_told_at_the_next_measurement_and_only_if_it_differs()
    {
        using Appliance appliance = Appliance.Online(c => c.TelemetrySeconds = 10);
        DoorClient client = new(appliance);
        client.Observe("sensors/temperature", 2);
        client.Observe("sensors/humidity", 3);
        appliance.Board.Environment.TemperatureMilliC = 31_000;
        appliance.Pass(11_000);
        Assert.AreEqual("{\"temperature\":31}", client.Notified(2)[0].Text);
        client.Acknowledge(2);
        appliance.Pass(30_000);
        Assert.IsTrue(client.Notified(2).All(n => n.Text == "{\"temperature\":31}"));
        Assert.AreEqual(1, client.Notified(2).Length);
        Assert.AreEqual(0, client.Notified(3).Length);
    }

    [TestMethod]
    public static void Collection_tells_what_changed_in_any_of_its_members()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        client.Observe("actuators", 4, 50);
        appliance.Command("40", "light");
        Assert.AreEqual("{\"led\":\"off\",\"light\":40,\"toaster\":\"off\"}", client.Notified(4).Single().Text);
    }

    [TestMethod]
    public static void Press_of_the_doorbell_is_confirmed_each_time_and_counted()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        Assert.AreEqual("0", client.Observe("sensors/doorbell", 6, 0).Text);
        for (int press = 1; press <= 3; press++)
        {
            appliance.Board.PressButton(ButtonPin, 300);
            appliance.Pass(1000);
            DoorReply told = client.Notified(6)[^1];
            Assert.AreEqual($"{press}", told.Text);
            Assert.AreEqual(DoorClient.Con, told.Type);
            client.Acknowledge(6);
        }

        Assert.AreEqual(3, appliance.Broker.On(Events).Count(e => e.Contains("\"doorbell\":\"pressed\"", StringComparison.Ordinal)), "the event over MQTT is as it was");
    }

    [TestMethod]
    public static void Sensor_that_fails_ends_its_observation_with_the_reason()
    {
        using Appliance appliance = Appliance.Online(c => c.TelemetrySeconds = 10);
        DoorClient client = new(appliance);
        client.Observe("sensors/temperature", 7);
        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.Missing);
        appliance.Pass(11_000);
        DoorReply last = client.Notified(7)[0];
        Assert.AreEqual("5.03", last.Code);
        Assert.IsNull(last.Observe);
        Assert.IsTrue(last.MaxAge is > 0 and <= 10);
        client.Acknowledge(7);
        int before = client.Notified(7).Length;
        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.None);
        appliance.Time.Advance(120_000);
        Assert.AreEqual(before, client.Notified(7).Length, "nothing more after the end");
    }

    [TestMethod]
    public static void Datagram_wakes_the_loop_which_otherwise_sleeps()
    {
        // no cloud: nothing but the port keeps the loop awake
        using Appliance appliance = new(prepare: a => a.Connector.Hangs = true);
        appliance.Pass(1000);
        appliance.Port.Arrived = appliance.WakeLoop;
        long now = appliance.Time.TotalMs;
        DoorClient client = new(appliance);
        appliance.Port.Put(DoorClient.Compose(DoorClient.Con, 1, 9, [], "actuators/led", []), Address());
        Assert.IsTrue(SpinWait.SpinUntil(() => client.Heard.Length == 1, 5000), "no answer although the clock stands still");
        Assert.AreEqual(now, client.Heard[0].AtMs);
        Assert.AreEqual(now, appliance.Time.TotalMs);
    }

    [TestMethod]
    public static void Lost_network_closes_the_port_and_its_return_opens_it_and_observers_are_told_again()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        client.Observe("actuators/led", 8);
        appliance.Port.IsUp = false;
        appliance.Pass(6_000);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
        int attempts = appliance.Port.Attempts;
        appliance.Pass(10_000);
        Assert.IsTrue(appliance.Port.Attempts - attempts is >= 9 and <= 11, $"{appliance.Port.Attempts - attempts} attempts in 10 s");
        appliance.Command("on", "led");
        appliance.Port.IsUp = true;
        appliance.Pass(1_100);
        Assert.IsTrue(appliance.Door.Endpoint.IsOpen);
        Assert.AreEqual("{\"led\":\"on\"}", client.Notified(8)[0].Text);
        Assert.AreEqual("{\"led\":\"on\"}", client.Get("actuators/led").Text);
        Assert.AreEqual(2, appliance.FinalLines("CoAP: serves").Length);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: not served").Length);
    }

    [TestMethod]
    public static void Port_that_cannot_be_opened_is_said_once_and_tried_again()
    {
        using Appliance appliance = new(prepare: a => a.Port.FailsWith = "cannot open UDP port 5683");
        appliance.Pass(5_000);
        Assert.IsTrue(appliance.Port.Attempts is >= 5 and <= 6, $"{appliance.Port.Attempts} attempts in 5 s");
        appliance.Port.FailsWith = null;
        appliance.Pass(1_100);
        Assert.AreEqual("2.05", new DoorClient(appliance).Get("actuators/led").Code);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: cannot open UDP port 5683").Length);
    }

    [TestMethod]
    public static void Dead_socket_is_replaced()
    {
        using Appliance appliance = Appliance.Online();
        appliance.Port.IsDead = true;
        appliance.Pass(100);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
        appliance.Port.IsDead = false;
        appliance.Pass(1_100);
        Assert.AreEqual("2.05", new DoorClient(appliance).Get("actuators/led").Code);
    }

    /// <summary>A reboot makes the actuators safe first; nothing that arrives then may switch one on again.</summary>
    [TestMethod]
    public static void Nothing_is_switched_on_while_the_firmware_stops()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        client.Put("actuators/toaster", "on");
        Assert.IsTrue(appliance.IsHigh(ToasterPin));
        appliance.Door.Stop(appliance.Time.TotalMs);
        Assert.AreEqual(long.MaxValue, appliance.Door.NextDeadlineMs);
        Assert.IsTrue(appliance.Door.IsStopped);
        int heard = client.Heard.Length;
        client.Send(DoorClient.Con, 3, [], "actuators/light", "40"u8.ToArray());
        appliance.Pass(10_000);
        Assert.AreEqual(heard, client.Heard.Length);
        Assert.AreEqual(0, appliance.Board.Pins[LightPin].PwmDutyPercent);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
    }

    private static Firmware.Protocols.Io.DatagramAddress Address()
    {
        Firmware.Protocols.Io.DatagramAddress address = new();
        address.SetIPv4(192, 168, 1, 50, 40000);
        return address;
    }

    private static Appliance Writable() => Appliance.Online(c => c.CoapWriteLocal = true);
}
