// The Thing in a resource directory, on the virtual board with virtual time: what is registered, that it stays so, and that it is removed at the
// stop, during which nothing can be switched on.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Tests.Host.Application;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DoorDirectoryTest
{
    private const int LifetimeMs = 60_000;
    private const string Register = "POST catalogue ep=toaster-01&lt=60";
    private const string Update = "POST catalogue/1";

    [TestMethod]
    public static void Thing_registers_its_name_lifetime_and_links_from_the_port_that_serves_it()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        Assert.AreEqual("GET .well-known/core rt=core.rd*; " + Register, string.Join("; ", directory.Asked));
        CoapReply register = directory.Messages[1];
        Assert.AreEqual(CoapFormat.Link, register.UInt(CoapOption.ContentFormat));
        string[] links = register.Text.Split(",<");
        Assert.AreEqual(10, links.Length, register.Text);
        Assert.Contains("</actuators/toaster>;rt=\"toaster\";if=\"core.a\"", register.Text);
        Assert.IsTrue(links.All(l => l.Contains(";rt=", StringComparison.Ordinal)), register.Text);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: registered with the directory 192.168.1.9:5683 as toaster-01, for 60 s at a time").Length);
    }

    [TestMethod]
    public static void Entry_never_runs_out_while_the_board_is_there()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        long from = directory.Messages[1].AtMs;
        appliance.Time.Advance(10 * LifetimeMs);
        CoapReply[] updates = directory.Messages[2..];
        Assert.IsTrue(updates.Length is >= 13 and <= 15, $"{updates.Length} updates in 10 lifetimes");
        Assert.IsTrue(directory.Asked.Skip(2).All(a => a == Update), string.Join("; ", directory.Asked));
        foreach (CoapReply update in updates)
        {
            Assert.IsTrue(update.AtMs - from is > LifetimeMs * 11 / 16 - 1000 and <= (LifetimeMs * 3 / 4) + 1000, $"after {update.AtMs - from} ms");
            Assert.AreEqual(0, update.Payload.Length);
            from = update.AtMs;
        }

        Assert.AreEqual(1, appliance.FinalLines("the directory").Length, "one line, however often it is prolonged");
    }

    // RFC 9176 section 5.3.1
    [TestMethod]
    public static void Directory_that_has_lost_the_entry_gets_it_again()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        directory.Entries.Clear();
        appliance.Time.Advance(LifetimeMs);
        Assert.AreEqual($"{Update}; {Register}", string.Join("; ", directory.Asked.Skip(2)));
        Assert.AreEqual("toaster-01", directory.Entries["catalogue/2"].Name);
        appliance.Time.Advance(LifetimeMs);
        Assert.AreEqual("POST catalogue/2", directory.Asked[^1]);
    }

    [TestMethod]
    public static void Network_that_comes_back_brings_a_new_registration_at_once()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        appliance.Port.IsUp = false;
        appliance.Time.Advance(20_000);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
        Assert.AreEqual(2, directory.Asked.Length);
        long back = appliance.Time.TotalMs;
        appliance.Port.IsUp = true;
        appliance.Time.Advance(2_000);
        Assert.AreEqual(Register, directory.Asked[^1], "the address may be another one");
        Assert.IsTrue(directory.Messages[^1].AtMs - back <= Limits.PortReopenMs + 250, $"after {directory.Messages[^1].AtMs - back} ms");
        Assert.AreEqual(3, directory.Asked.Length);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: registered with").Length);
    }

    [TestMethod]
    public static void Network_that_is_away_costs_no_attempts_and_wakes_nothing()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        appliance.Port.IsUp = false;
        appliance.Time.Advance(3 * LifetimeMs);
        Assert.AreEqual(2, directory.Asked.Length);
        Assert.IsTrue(appliance.Door.NextDeadlineMs > appliance.Time.TotalMs - 1, "what is due waits for the socket");
        Assert.AreEqual(0, appliance.FinalLines("! CoAP").Length, "not the directory's fault");
    }

    [TestMethod]
    public static void Silent_directory_is_told_once_and_asked_again_when_the_network_is_another_one()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory, d => d.IsSilent = true);
        appliance.Time.Advance(1_000_000);
        int before = directory.Asked.Length;
        Assert.IsTrue(before is >= 10 and <= 50, $"{before} datagrams in 1000 s");
        directory.IsSilent = false;
        appliance.Port.IsUp = false;
        appliance.Time.Advance(6_000);
        appliance.Port.IsUp = true;
        appliance.Time.Advance(2_000);
        Assert.AreEqual("toaster-01", directory.Entries.Single().Value.Name);
        Assert.AreEqual("! CoAP: the directory 192.168.1.9:5683 does not answer; is it running, and is \"coap\": {\"directory\": ...} its address? It is asked again",
            appliance.FinalLines("! CoAP").Single().Split(" | ")[^1]);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: registered with").Length);
    }

    [TestMethod]
    public static void Refusal_is_told_once_with_its_code_and_the_success_after_it()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory, d => d.Refuses = CoapCode.Forbidden);
        appliance.Time.Advance(300_000);
        directory.Refuses = 0;
        appliance.Time.Advance(600_000);
        Assert.AreEqual(1, directory.Entries.Count);
        Assert.Contains("the directory 192.168.1.9:5683 refuses with 4.03", appliance.FinalLines("! CoAP").Single());
        Assert.AreEqual(1, appliance.FinalLines("CoAP: registered with").Length);
    }

    [TestMethod]
    public static void Without_a_directory_there_is_no_client()
    {
        using Appliance appliance = Appliance.Online();
        Assert.IsNull(appliance.Door.Directory);
    }

    [TestMethod]
    public static void Stop_removes_the_entry_after_everything_is_safe_and_nothing_can_be_switched_on_meanwhile()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        DoorClient client = new(appliance);
        client.Put("actuators/toaster", "on");
        Assert.IsTrue(appliance.IsHigh(ToasterPin));
        bool wasHigh = true;
        directory.Before = request =>
        {
            // these come before the answer of the directory, so the board still has its port
            wasHigh = request.Code != CoapCode.Delete || appliance.IsHigh(ToasterPin);
            Put(appliance, 1001, 3, "actuators/light", "40");
            Put(appliance, 1002, 2, "actuators/led", "toggle");
            Put(appliance, 1003, 7, "actuators", "[{\"n\":\"actuators/led\",\"vb\":true}]", 320);
            Put(appliance, 1004, 1, "actuators/toaster", "");
        };
        appliance.Port.Arrived = appliance.WakeLoop;
        Assert.IsTrue(Stop(appliance));
        Assert.IsFalse(wasHigh, "the toaster was off before the directory was asked");
        Assert.AreEqual("DELETE catalogue/1", directory.Asked[^1]);
        Assert.AreEqual(0, directory.Entries.Count);
        long off = SafeAt(appliance);
        Assert.IsTrue(appliance.Port.ClosedAtMs - off <= 100, $"closed after {appliance.Port.ClosedAtMs - off} ms, not as soon as the directory had answered");
        DoorReply[] replies = [.. client.Heard.Where(r => r.MessageId is >= 1001 and <= 1004)];
        Assert.AreEqual("4.01 4.01 4.01 2.05", string.Join(' ', replies.Select(r => r.Code)));
        Assert.IsTrue(replies[..3].All(r => r.Text == "the device is stopping"));
        Assert.AreEqual("{\"toaster\":\"off\"}", replies[3].Text);
        Assert.IsFalse(appliance.IsHigh(LedPin));
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        Assert.IsTrue(appliance.Board.Pins[LightPin].PwmDutyPercent <= 0);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
        Assert.AreEqual("DISCONNECT", appliance.Broker.Packets[^1]);
        Assert.AreEqual(1, appliance.FinalLines("CoAP: removed from the directory 192.168.1.9:5683").Length);
    }

    [TestMethod]
    public static void Silent_directory_delays_the_stop_by_its_bound_and_nothing_else()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        DoorClient client = new(appliance);
        client.Put("actuators/toaster", "on");
        directory.IsSilent = true;
        bool hasPut = false;
        Assert.IsTrue(Stop(appliance, () =>
        {
            if (!hasPut && directory.Asked[^1].StartsWith("DELETE", StringComparison.Ordinal) && appliance.Time.TotalMs - directory.Messages[^1].AtMs >= 500)
            {
                hasPut = true;
                Put(appliance, 1001, 3, "actuators/toaster", "on");
            }
        }));
        long off = SafeAt(appliance);
        Assert.AreEqual("DELETE catalogue/1", directory.Asked[^1]);
        Assert.IsTrue(directory.Messages[^1].AtMs - off is >= 0 and <= 100, "asked at once, but after the toaster");
        Assert.IsTrue(appliance.Broker.All.Last(m => m.Topic == Status) is { Payload: "offline" } m && m.AtMs - off <= 100, "offline was said at once");
        Assert.IsFalse(appliance.Broker.IsLinked);
        Assert.IsTrue(appliance.Port.ClosedAtMs - off is >= Limits.CoapLeaveMs and <= Limits.CoapLeaveMs + 100, $"closed after {appliance.Port.ClosedAtMs - off} ms");
        Assert.AreEqual("4.01", client.Heard[^1].Code, "refused, in the middle of the wait");
        Assert.AreEqual(1, appliance.TimesOf(ToasterPin, true).Length);
        Assert.IsFalse(appliance.Door.Endpoint.IsOpen);
        Assert.AreEqual(1, appliance.FinalLines("! CoAP: the directory 192.168.1.9:5683 has not confirmed the removal; it forgets toaster-01 by itself, within 60 s").Length);
    }

    [TestMethod]
    public static void Stop_during_the_registration_waits_for_its_answer_and_removes_it()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        directory.Entries.Clear();
        CoapReply? late = null;
        directory.Before = request => directory.IsSilent = (late = request.Texts(CoapOption.UriQuery).Length > 0 ? request : null) != null;
        for (int passed = 0; late == null; passed += 100)
        {
            Assert.IsTrue(passed < LifetimeMs, "no registration");
            appliance.Time.Advance(100);
        }

        // the request that is under way is not answered any more, as its copies would be
        Assert.AreEqual((int)CoapDirectoryState.Registering, (int)appliance.Door.Directory.Client.State);
        long asked = appliance.Time.TotalMs;
        bool isAnswered = false;
        directory.Before = null;
        Assert.IsTrue(Stop(appliance, () =>
        {
            if (!isAnswered && appliance.Time.TotalMs - asked >= 300)
            {
                isAnswered = true;
                directory.IsSilent = false;
                appliance.Port.Put(new CoapDatagram(CoapType.Ack, CoapCode.Created, late!.MessageId, late.Token).Option(CoapOption.LocationPath, "catalogue"u8.ToArray()).Option(CoapOption.LocationPath, "7"u8.ToArray()).ToBytes(), MemoryDirectory.Address());
            }
        }));
        Assert.AreEqual("DELETE catalogue/7", directory.Asked[^1]);
    }

    [TestMethod]
    public static void Stop_of_what_was_never_registered_ends_at_once()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory, d => d.IsSilent = true);
        new DoorClient(appliance).Put("actuators/toaster", "on");
        Assert.IsTrue(Stop(appliance));
        Assert.IsTrue(appliance.Port.ClosedAtMs - SafeAt(appliance) is >= 0 and <= 100);
        Assert.IsTrue(directory.Asked.All(a => a.StartsWith("GET", StringComparison.Ordinal)));
        Assert.AreEqual(0, appliance.FinalLines("removal").Length);
    }

    [TestMethod]
    public static void Socket_that_dies_during_the_stop_ends_it()
    {
        using Appliance appliance = Listed(out MemoryDirectory directory);
        directory.IsSilent = true;
        Assert.IsTrue(Stop(appliance, () => appliance.Port.IsDead = directory.Asked[^1] == "DELETE catalogue/1"));
        Assert.IsTrue(appliance.Port.ClosedAtMs - directory.Messages[^1].AtMs < Limits.CoapLeaveMs / 2);
        Assert.AreEqual(1, appliance.Port.Attempts, "nothing is opened again");
        Assert.AreEqual(1, appliance.FinalLines("! CoAP").Length, "the removal is not confirmed; no word of a lost address");
    }

    // an appliance that has had the time to register
    private static Appliance Listed(out MemoryDirectory directory, Action<MemoryDirectory>? prepare = null)
    {
        MemoryDirectory? made = null;
        Appliance appliance = new(
            c =>
            {
                c.CoapWriteLocal = true;
                c.CoapDirectory = MemoryDirectory.Address();
                c.CoapLifetimeSeconds = LifetimeMs / 1000;
            },
            a =>
            {
                made = new MemoryDirectory(a);
                prepare?.Invoke(made);
            });
        appliance.Time.Advance(1_000);
        Assert.AreEqual("online", appliance.Broker.On(Status).Single());
        directory = made!;
        return appliance;
    }

    // when the stop switched the toaster off; the end of power changes the level once more
    private static long SafeAt(Appliance appliance) => appliance.TimesOf(ToasterPin, false).First(t => t >= appliance.TimesOf(ToasterPin, true)[^1]);

    private static void Put(Appliance appliance, int id, int method, string path, string payload, int format = -1)
    {
        DatagramAddress client = new();
        client.SetIPv4(192, 168, 1, 50, 40000);
        appliance.Port.Put(DoorClient.Compose(DoorClient.Con, method, id, [], path, System.Text.Encoding.UTF8.GetBytes(payload), format), client);
    }

    // moves the clock while the board stops, as the real one would; but not while the loop and who waits for it are at work
    private static bool Stop(Appliance appliance, Action? meanwhile = null)
    {
        Task<bool> stop = Task.Run(() => appliance.Board.Stop(10_000));
        while (!stop.Wait(1))
        {
            appliance.Time.AwaitWaiters(2, 50);
            appliance.Time.Advance(10);
            meanwhile?.Invoke();
        }

        return stop.Result;
    }
}
