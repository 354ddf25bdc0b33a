// Commands through the MQTT door: each is answered once, on accepted with the new state or on rejected with the reason, and the connection stays.

using System.Text;
using System.Text.Json;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class CommandTest
{
    [TestMethod]
    [DataRow("{\"led\":\"on\"}", "{\"led\":\"on\"}", true)]
    [DataRow("{\"led\":\"toggle\",\"id\":7}", "{\"led\":\"on\",\"id\":7}", true)]
    [DataRow("{\"led\":\"off\",\"id\":\"a-\\u0041\"}", "{\"led\":\"off\",\"id\":\"a-A\"}", false)]
    public static void Led_obeys_and_answers_with_its_state(string command, string answer, bool isOn)
    {
        using Appliance appliance = Online();
        appliance.Command(command);
        Assert.AreEqual(answer, appliance.Broker.On(Accepted).Single());
        Assert.AreEqual(isOn, appliance.IsHigh(LedPin));
        Assert.AreEqual(0, appliance.Broker.On(Rejected).Length);
    }

    [TestMethod]
    [DataRow("led", "toggle", "{\"led\":\"on\"}")]
    [DataRow("light", "on", "{\"light\":100}")]
    [DataRow("light", "dim", "{\"light\":30}")]
    [DataRow("light", "45", "{\"light\":45}")]
    [DataRow("light", "toggle", "{\"light\":100}")]
    [DataRow("light", "off", "{\"light\":0}")]
    [DataRow("toaster", "off", "{\"toaster\":\"off\"}")]
    public static void Bare_word_below_the_actuators_topic_is_a_command(string actuator, string word, string answer)
    {
        using Appliance appliance = Online();
        appliance.Command(word, actuator);
        Assert.AreEqual(answer, appliance.Broker.On(Accepted).Single());
    }

    [TestMethod]
    public static void Light_shows_its_percentage_as_duty_of_the_pin()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"light\":\"dim\",\"percent\":12}");
        Assert.AreEqual(12, appliance.Board.Pins[LightPin].PwmDutyPercent);
        appliance.Command("{\"light\":\"off\"}");
        Assert.AreEqual(0, appliance.Board.Pins[LightPin].PwmDutyPercent);
    }

    [TestMethod]
    [DataRow("", "not a JSON object")]
    [DataRow("hello", "not a JSON object")]
    [DataRow("{\"led\":\"on\"", "not a JSON object")]
    [DataRow("\u00ff\u00fe", "not a JSON object")]
    [DataRow("{}", "no actuator")]
    [DataRow("{\"oven\":\"on\"}", "unknown member")]
    [DataRow("{\"temperature\":\"on\"}", "unknown member")]
    [DataRow("{\"led\":\"fly\"}", "unknown action")]
    [DataRow("{\"led\":\"dim\"}", "led knows on, off and toggle")]
    [DataRow("{\"led\":50}", "neither seconds nor percent")]
    [DataRow("{\"led\":\"on\",\"seconds\":5}", "neither seconds nor percent")]
    [DataRow("{\"light\":101}", "percent must be 0 to 100")]
    [DataRow("{\"light\":-1}", "percent must be 0 to 100")]
    [DataRow("{\"light\":\"on\",\"percent\":5}", "percent goes with dim only")]
    [DataRow("{\"light\":\"on\",\"seconds\":5}", "light takes no seconds")]
    [DataRow("{\"toaster\":\"toggle\"}", "toaster knows on and off")]
    [DataRow("{\"toaster\":\"on\",\"percent\":5}", "toaster takes no percent")]
    [DataRow("{\"toaster\":\"off\",\"seconds\":5}", "seconds go with on only")]
    [DataRow("{\"toaster\":\"on\",\"seconds\":\"5\"}", "seconds must be a whole number")]
    [DataRow("{\"toaster\":\"on\",\"led\":\"on\"}", "one command is for one actuator")]
    public static void Bad_command_is_rejected_once_with_its_reason_and_the_connection_stays(string command, string reason)
    {
        using Appliance appliance = Online();
        appliance.Broker.Send(Commands, Encoding.Latin1.GetBytes(command));
        appliance.Time.Advance(1_000);
        string answer = appliance.Broker.On(Rejected).Single();
        using JsonDocument parsed = JsonDocument.Parse(answer);
        Assert.Contains(reason, parsed.RootElement.GetProperty("reason").GetString());
        Assert.AreEqual(0, appliance.Broker.On(Accepted).Length + appliance.Broker.On(Events).Length);
        Assert.AreEqual(1, appliance.Broker.Acknowledged.Count, "PUBACK, or the broker would send it again");
        Assert.IsFalse(appliance.IsHigh(LedPin) || appliance.IsHigh(LightPin) || appliance.IsHigh(ToasterPin), "an actuator is on");
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
        appliance.Command("{\"led\":\"on\"}");
        Assert.IsTrue(appliance.IsHigh(LedPin), "the next command is served");
        Assert.AreEqual(1, appliance.FinalLines("command rejected: ").Length);
    }

    [TestMethod]
    [DataRow("led", "dim", "led knows")]
    [DataRow("led", "", "unknown action")]
    [DataRow("light", "101", "0 to 100")]
    [DataRow("toaster", "{\"toaster\":\"on\"}", "unknown action")]
    public static void Bad_bare_word_is_rejected_with_its_reason(string actuator, string word, string reason)
    {
        using Appliance appliance = Online();
        appliance.Command(word, actuator);
        string answer = appliance.Broker.On(Rejected).Single();
        Assert.Contains(reason, answer);
        Assert.Contains($"\"actuator\":\"{actuator}\"", answer);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public static void Retained_command_is_not_run(int qos)
    {
        using Appliance appliance = Online();
        appliance.Broker.Send(Commands, "{\"toaster\":\"on\",\"seconds\":5,\"id\":3}", qos, retain: true);
        appliance.Broker.Send(Commands + "/led", "on", qos, retain: true);
        appliance.Time.Advance(1_000);
        string[] answers = appliance.Broker.On(Rejected);
        Assert.AreEqual(2, answers.Length);
        Assert.AreEqual("{\"reason\":\"a retained command is not run: publish it without retain\",\"actuator\":\"toaster\",\"id\":3}", answers[0]);
        Assert.AreEqual(0, appliance.TimesOf(ToasterPin, true).Length + appliance.TimesOf(LedPin, true).Length);
    }

    [TestMethod]
    public static void Retained_command_with_an_identifier_runs_when_it_comes_without_retain()
    {
        using Appliance appliance = Online();
        appliance.Broker.Send(Commands, "{\"led\":\"toggle\",\"id\":3}", 1, retain: true);
        appliance.Command("{\"led\":\"toggle\",\"id\":3}");
        Assert.IsTrue(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    [DataRow("\"a\"")]
    [DataRow("17")]
    public static void Duplicate_runs_once_and_is_answered_again(string id)
    {
        using Appliance appliance = Online();
        byte[] command = Encoding.UTF8.GetBytes($"{{\"led\":\"toggle\",\"id\":{id}}}");
        int packetId = appliance.Broker.Send(Commands, command);
        appliance.Time.Advance(200);

        // as a broker does that missed the PUBACK, and as AWS does: with a new packet identifier and without DUP
        appliance.Broker.Send(Commands, command, duplicate: true, packetId: packetId);
        appliance.Time.Advance(200);
        appliance.Broker.Send(Commands, command);
        appliance.Time.Advance(200);
        Assert.AreEqual(1, appliance.TimesOf(LedPin, true).Length);
        Assert.IsTrue(appliance.IsHigh(LedPin), "toggled once");
        string repeated = $"{{\"led\":\"on\",\"id\":{id},\"duplicate\":true}}";
        Assert.AreEqual($"{{\"led\":\"on\",\"id\":{id}}} {repeated} {repeated}", string.Join(' ', appliance.Broker.On(Accepted)));
        Assert.AreEqual(1, appliance.Broker.On(Events).Length);
        Assert.AreEqual(3, appliance.Broker.Acknowledged.Count);
    }

    [TestMethod]
    public static void Duplicate_that_comes_after_a_reconnect_runs_once()
    {
        using Appliance appliance = Online();
        appliance.Command("{\"led\":\"toggle\",\"id\":\"a\"}");
        appliance.Broker.Drop();
        appliance.AwaitOnline();
        appliance.Command("{\"led\":\"toggle\",\"id\":\"a\"}");
        Assert.IsTrue(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    public static void Commands_without_identifier_all_run()
    {
        using Appliance appliance = Online();
        for (int i = 0; i < 3; i++)
        {
            appliance.Command("{\"led\":\"toggle\"}");
        }

        Assert.AreEqual(2, appliance.TimesOf(LedPin, true).Length);
        Assert.AreEqual(3, appliance.Broker.On(Accepted).Length);
    }

    [TestMethod]
    [DataRow("led")]
    [DataRow("fly")]
    public static void Answer_stays_json_whatever_the_identifier_holds(string action)
    {
        // 40 bytes that take 240 when they are escaped again
        string id = string.Concat(Enumerable.Repeat("\\u0001", 40));
        using Appliance appliance = Online();
        appliance.Command($"{{\"led\":\"{(action == "led" ? "on" : action)}\",\"id\":\"{id}\"}}");
        string answer = appliance.Broker.On(action == "led" ? Accepted : Rejected).Single();
        using JsonDocument parsed = JsonDocument.Parse(answer);
        Assert.IsTrue(parsed.RootElement.TryGetProperty(action == "led" ? "led" : "reason", out _));
    }

    [TestMethod]
    public static void Oversized_command_is_one_line_and_the_connection_stays()
    {
        using Appliance appliance = Online();
        appliance.Broker.Send(Commands, new string('x', Limits.MqttReceive * 3));
        appliance.Time.Advance(1_000);
        appliance.Command("{\"led\":\"on\"}");
        Assert.IsTrue(appliance.IsHigh(LedPin));
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
        Assert.AreEqual(2, appliance.Broker.Acknowledged.Count);
        Assert.AreEqual(1, appliance.FinalLines($"a message of {Limits.MqttReceive * 3} bytes was skipped").Length);
    }

    [TestMethod]
    public static void Burst_of_commands_is_answered_one_by_one()
    {
        // a second's worth at AWS's limit of 100 a second, with a round trip as from Europe to another continent
        const int Count = 30;
        using Appliance appliance = Online();
        appliance.Broker.RoundTripMs = 150;
        for (int i = 0; i < Count; i++)
        {
            appliance.Broker.Send(Commands, $"{{\"led\":\"toggle\",\"id\":{i}}}");
        }

        appliance.Time.Advance(10_000);
        string[] answers = appliance.Broker.On(Accepted);
        Assert.AreEqual(Count, answers.Length, "answers");
        for (int i = 0; i < Count; i++)
        {
            Assert.AreEqual($"{{\"led\":\"{(i % 2 == 0 ? "on" : "off")}\",\"id\":{i}}}", answers[i]);
        }
    }

    [TestMethod]
    public static void Random_payloads_never_stop_the_board_or_switch_the_toaster_on()
    {
        const int Seed = 443;
        Random random = new(Seed);
        using Appliance appliance = Online();
        byte[] clean = Encoding.UTF8.GetBytes("{\"toaster\":\"no\",\"seconds\":5,\"id\":\"a\"}");
        for (int i = 0; i < 300; i++)
        {
            byte[] mutant = [.. clean];
            for (int n = random.Next(4); n >= 0; n--)
            {
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            }

            appliance.Broker.Send(Commands, mutant);
            appliance.Time.Advance(40);
        }

        appliance.Time.Advance(1_000);
        Assert.AreEqual(300, appliance.Broker.On(Rejected).Length, $"seed {Seed}");
        Assert.AreEqual(0, appliance.TimesOf(ToasterPin, true).Length, $"seed {Seed}");
        Assert.AreEqual(1, appliance.Broker.Connects.Count);
    }
}
