// Switching the Thing over CoAP: PUT sets a state, POST runs a command, PATCH changes one record; who may; and that the limits are those of MQTT.

using Firmware.Tests.Host.Application;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DoorCommandTest
{
    private const int None = -1;
    private const int Text = 0;
    private const int Json = 50;
    private const int Cbor = 60;
    private const int Etch = 320;
    private const int Post = 2;
    private const int Put = 3;
    private const int Delete = 4;
    private const int Patch = 6;
    private const int IPatch = 7;

    [TestMethod]
    [DataRow("led", "on", None, "{\"led\":\"on\"}")]
    [DataRow("led", "on", Text, "{\"led\":\"on\"}")]
    [DataRow("led", "\"on\"", Json, "{\"led\":\"on\"}")]
    [DataRow("led", "{\"led\":\"on\"}", Json, "{\"led\":\"on\"}")]
    [DataRow("led", "{\"led\":\"on\"}", None, "{\"led\":\"on\"}")]
    [DataRow("led", "\u00a1\u0063led\u0062on", Cbor, "{\"led\":\"on\"}")]
    [DataRow("led", "\u0062on", Cbor, "{\"led\":\"on\"}")]
    [DataRow("light", "40", None, "{\"light\":40}")]
    [DataRow("light", "40", Json, "{\"light\":40}")]
    [DataRow("light", "{\"light\":40}", Json, "{\"light\":40}")]
    [DataRow("light", "{\"light\":\"on\"}", Json, "{\"light\":100}")]
    [DataRow("light", "\u0018\u0028", Cbor, "{\"light\":40}")]
    [DataRow("light", "\u00a1\u0065light\u0018\u0028", Cbor, "{\"light\":40}")]
    [DataRow("toaster", "on", None, "{\"toaster\":\"on\",\"seconds\":60}")]
    [DataRow("toaster", "{\"toaster\":\"on\",\"seconds\":90}", Json, "{\"toaster\":\"on\",\"seconds\":90}")]
    [DataRow("toaster", "\u00a2\u0067toaster\u0062on\u0067seconds\u0018\u005a", Cbor, "{\"toaster\":\"on\",\"seconds\":90}")]
    public static void Put_sets_a_state_in_every_format_and_the_reading_shows_it(string actuator, string payload, int format, string state)
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        DoorReply reply = client.Put("actuators/" + actuator, payload, format);
        Assert.AreEqual("2.04", reply.Code);
        Assert.AreEqual(0, reply.Payload.Length);
        Assert.AreEqual(state, client.Get("actuators/" + actuator).Text);
    }

    [TestMethod]
    [DataRow("led", "toggle", None, "{\"led\":\"on\"}")]
    [DataRow("led", "{\"led\":\"toggle\"}", Json, "{\"led\":\"on\"}")]
    [DataRow("led", "{\"led\":\"toggle\",\"id\":7}", Json, "{\"led\":\"on\"}")]
    [DataRow("light", "dim", None, "{\"light\":30}")]
    [DataRow("light", "{\"light\":\"dim\",\"percent\":12}", Json, "{\"light\":12}")]
    [DataRow("light", "\u00a2\u0065light\u0063dim\u0067percent\u000c", Cbor, "{\"light\":12}")]
    [DataRow("light", "toggle", None, "{\"light\":100}")]
    [DataRow("toaster", "{\"toaster\":\"on\",\"seconds\":5}", Json, "{\"toaster\":\"on\",\"seconds\":5}")]
    [DataRow("toaster", "off", Text, "{\"toaster\":\"off\"}")]
    public static void Post_runs_every_command_and_answers_with_the_new_state(string actuator, string payload, int format, string state)
    {
        using Appliance appliance = Writable();
        DoorReply reply = new DoorClient(appliance).Post("actuators/" + actuator, payload, format);
        Assert.AreEqual("2.04", reply.Code);
        Assert.AreEqual(Json, reply.Format);
        Assert.AreEqual(state, reply.Text);
    }

    [TestMethod]
    public static void Post_answers_in_the_format_that_is_accepted_and_does_nothing_if_there_is_none()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        Assert.AreEqual("on", client.Post("actuators/led", "toggle", None, Text).Text);
        Assert.AreEqual("4.06", client.Post("actuators/led", "toggle", None, 41).Code);
        Assert.IsTrue(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    [DataRow(Put, "led", "toggle", None, "4.00", "toggle and dim are no states: POST them")]
    [DataRow(Put, "led", "{\"led\":\"toggle\"}", Json, "4.00", "POST them")]
    [DataRow(Put, "light", "dim", None, "4.00", "POST them")]
    [DataRow(Put, "light", "{\"light\":\"dim\",\"percent\":5}", Json, "4.00", "POST them")]
    [DataRow(Put, "led", "{\"led\":\"on\",\"id\":1}", Json, "4.00", "an id goes with POST")]
    [DataRow(Put, "led", "", None, "4.00", "unknown action")]
    [DataRow(Put, "led", "fly", None, "4.00", "unknown action")]
    [DataRow(Put, "led", "on ", None, "4.00", "unknown action")]
    [DataRow(Put, "led", "50", None, "4.00", "neither seconds nor percent")]
    [DataRow(Put, "led", "on", Json, "4.00", "not a JSON object")]
    [DataRow(Put, "led", "\"on\"", None, "4.00", "unknown action")]
    [DataRow(Put, "led", "\"on\" 1", Json, "4.00", "not a JSON object")]
    [DataRow(Put, "led", "{\"led\":\"on\"", Json, "4.00", "not a JSON object")]
    [DataRow(Put, "led", "{\"light\":5}", Json, "4.00", "another actuator than the path")]
    [DataRow(Put, "led", "{\"seconds\":5}", Json, "4.00", "no actuator")]
    [DataRow(Put, "led", "{\"oven\":\"on\"}", Json, "4.00", "unknown member")]
    [DataRow(Put, "led", "true", Json, "4.00", "not a JSON object")]
    [DataRow(Put, "led", "\u0062o", Cbor, "4.00", "not a CBOR map")]
    [DataRow(Put, "led", "\u00a1\u0001\u0062on", Cbor, "4.00", "unknown member")]
    [DataRow(Put, "led", "\u00bf\u0063led\u0062on\u00ff", Cbor, "4.00", "not a CBOR map")]
    [DataRow(Put, "led", "\u00a1\u0063led\u0062on\u0000", Cbor, "4.00", "not a CBOR map")]
    [DataRow(Put, "light", "101", None, "4.00", "percent must be 0 to 100")]
    [DataRow(Put, "light", "\u00f9\u0038\u0000", Cbor, "4.00", "unknown action")]
    [DataRow(Put, "toaster", "{\"toaster\":\"on\",\"seconds\":301}", Json, "4.00", "seconds must be 1 to")]
    [DataRow(Put, "toaster", "{\"toaster\":\"off\",\"seconds\":5}", Json, "4.00", "seconds go with on only")]
    [DataRow(Post, "toaster", "toggle", None, "4.00", "toaster knows on and off")]
    [DataRow(Post, "led", "dim", None, "4.00", "led knows on, off and toggle")]
    [DataRow(Put, "led", "on", 42, "4.15", "text/plain (0)")]
    [DataRow(Post, "led", "on", 110, "4.15", "text/plain (0)")]
    [DataRow(Delete, "led", "", None, "4.05", "")]
    [DataRow(Patch, "led", "on", None, "4.05", "")]
    public static void Refusal_has_its_code_and_reason_and_nothing_moves(int method, string actuator, string payload, int format, string code, string reason)
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        DoorReply reply = client.Ask(method, "actuators/" + actuator, payload, format);
        Assert.AreEqual(code, reply.Code);
        Assert.Contains(reason, reply.Text);
        Assert.AreEqual("{\"led\":\"off\",\"light\":0,\"toaster\":\"off\"}", client.Get("actuators", Json).Text);
        Assert.AreEqual(0, appliance.Broker.On(Events).Length);
    }

    [TestMethod]
    public static void Toaster_that_rests_is_a_conflict_with_the_reason()
    {
        using Appliance appliance = Writable(c => c.ToasterRestSeconds = 30);
        DoorClient client = new(appliance);
        Assert.AreEqual("2.04", client.Put("actuators/toaster", "{\"toaster\":\"on\",\"seconds\":2}", Json).Code);
        appliance.Pass(3000);
        Assert.IsFalse(appliance.IsHigh(ToasterPin));
        DoorReply reply = client.Put("actuators/toaster", "on");
        Assert.AreEqual("4.09", reply.Code);
        Assert.Contains("rests", reply.Text);
        Assert.AreEqual("4.00", client.Put("actuators/toaster", "50").Code, "what is not understood is not a conflict");
        appliance.Time.Advance(31_000);
        Assert.AreEqual("2.04", client.Put("actuators/toaster", "on").Code);
    }

    [TestMethod]
    public static void Toast_over_coap_ends_at_its_time_and_at_the_longest_time_at_the_latest()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        client.Put("actuators/toaster", "{\"toaster\":\"on\",\"seconds\":5}", Json);
        appliance.Time.Advance(10_000);
        long on = appliance.TimesOf(ToasterPin, true)[^1];
        long off = appliance.TimesOf(ToasterPin, false)[^1];
        Assert.IsTrue(off - on is >= 5000 and < 5300, $"{off - on} ms");
    }

    /// <summary>The same datagram again, as the network or a client that did not hear the answer sends it.</summary>
    [TestMethod]
    public static void Copy_of_a_toggle_gets_the_same_answer_and_does_not_toggle_twice()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        byte[] toggle = DoorClient.Compose(DoorClient.Con, Post, 77, [1], "actuators/led", "toggle"u8.ToArray());
        client.Deliver(toggle);
        client.Deliver(toggle);
        Assert.AreEqual(2, client.Heard.Length);
        Assert.IsTrue(client.Heard.All(r => r.Text == "{\"led\":\"on\"}"));
        Assert.AreEqual(1, appliance.TimesOf(LedPin, true).Length);
    }

    /// <summary>A second "on" is a second toast, so the copy of a PUT must not run, however late and however full the memory of exchanges is.</summary>
    [TestMethod]
    public static void Copy_of_the_toasters_put_never_toasts_again_even_when_its_answer_was_forgotten()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        byte[] toast = DoorClient.Compose(DoorClient.Con, Put, 77, [1], "actuators/toaster", "{\"toaster\":\"on\",\"seconds\":1}"u8.ToArray(), Json);
        client.Deliver(toast);
        appliance.Pass(1500);
        for (int i = 0; i < 2 * Limits.CoapExchanges; i++)
        {
            new DoorClient(appliance, "192.168.1.60", 41000 + i).Put("actuators/led", i % 2 == 0 ? "on" : "off");
        }

        client.Deliver(toast);
        Assert.AreEqual(1, appliance.TimesOf(ToasterPin, true).Length);
    }

    [TestMethod]
    public static void Command_with_an_id_runs_once_whichever_door_it_comes_through()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        appliance.Command("{\"led\":\"toggle\",\"id\":\"x-1\"}");
        DoorReply again = client.Post("actuators/led", "{\"led\":\"toggle\",\"id\":\"x-1\"}", Json);
        Assert.AreEqual("2.04", again.Code);
        Assert.AreEqual("{\"led\":\"on\"}", again.Text);
        client.Post("actuators/led", "\u00a2\u0063led\u0066toggle\u0062id\u0063x-2", Cbor);
        Assert.IsFalse(appliance.IsHigh(LedPin));
        appliance.Command("{\"led\":\"toggle\",\"id\":\"x-2\"}");
        Assert.IsFalse(appliance.IsHigh(LedPin));
        Assert.Contains("\"duplicate\":true", appliance.Broker.On(Accepted)[^1]);
    }

    [TestMethod]
    [DataRow(IPatch, "[{\"n\":\"actuators/led\",\"vb\":true}]", "{\"led\":\"on\",\"light\":0,\"toaster\":\"off\"}")]
    [DataRow(Patch, "[{\"bn\":\"actuators/\",\"n\":\"led\",\"vs\":\"on\"}]", "{\"led\":\"on\",\"light\":0,\"toaster\":\"off\"}")]
    [DataRow(IPatch, "[{\"n\":\"actuators/light\",\"v\":40}]", "{\"led\":\"off\",\"light\":40,\"toaster\":\"off\"}")]
    [DataRow(IPatch, "[{\"n\":\"actuators/light\",\"vb\":true}]", "{\"led\":\"off\",\"light\":100,\"toaster\":\"off\"}")]
    [DataRow(IPatch, "[{\"n\":\"actuators/toaster\",\"vb\":true}]", "{\"led\":\"off\",\"light\":0,\"toaster\":\"on\"}")]
    public static void Patch_of_one_record_changes_one_actuator(int method, string pack, string state)
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        Assert.AreEqual("2.04", client.Ask(method, "actuators", pack, Etch).Code);
        Assert.AreEqual(state, client.Get("actuators", Json).Text);
    }

    [TestMethod]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vb\":true},{\"n\":\"actuators/light\",\"v\":4}]", Etch, "4.22", "one record")]
    [DataRow("actuators", "[{\"n\":\"actuators/oven\",\"vb\":true}]", Etch, "4.22", "no actuator")]
    [DataRow("actuators", "[{\"n\":\"led\",\"vb\":true}]", Etch, "4.22", "no actuator")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vb\":true,\"t\":5}]", Etch, "4.22", "neither time nor unit")]
    [DataRow("actuators", "[{\"n\":\"actuators/light\",\"v\":5,\"u\":\"/\"}]", Etch, "4.22", "neither time nor unit")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vb\":null}]", Etch, "4.00", "give vb")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\"}]", Etch, "4.00", "give vb")]
    [DataRow("actuators", "[{\"n\":\"actuators/light\",\"v\":4.5}]", Etch, "4.00", "give vb")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vs\":\"toggle\"}]", Etch, "4.00", "POST")]
    [DataRow("actuators", "[{\"n\":\"actuators/light\",\"v\":101}]", Etch, "4.00", "0 to 100")]
    [DataRow("actuators", "[{\"n\":\"actuators/light\",\"v\":-2147483648}]", Etch, "4.00", "unknown action")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vb\":true}] x", Etch, "4.00", "no SenML pack")]
    [DataRow("actuators", "[]", Etch, "4.00", "no SenML pack")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\",\"vb\":true}]", Json, "4.15", "320")]
    [DataRow("sensors", "[{\"n\":\"sensors/humidity\",\"v\":1}]", Etch, "4.05", "")]
    [DataRow("system", "[]", Etch, "4.05", "")]
    public static void Patch_that_cannot_be_applied_as_a_whole_changes_nothing(string path, string pack, int format, string code, string reason)
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        DoorReply reply = client.Ask(IPatch, path, pack, format);
        Assert.AreEqual(code, reply.Code);
        Assert.Contains(reason, reply.Text);
        Assert.AreEqual("{\"led\":\"off\",\"light\":0,\"toaster\":\"off\"}", client.Get("actuators", Json).Text);
    }

    // the blocks of the patch have left a transfer, which a request for more of the answer finds
    [TestMethod]
    public static void Asking_for_a_further_block_of_the_answer_to_a_patch_switches_nothing()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        const string Pack = "[{\"n\":\"actuators/light\",\"v\":40}]";
        Assert.AreEqual("2.31", client.Ask(IPatch, "actuators", Pack[..16], Etch, None, (27, [0x08])).Code);
        Assert.AreEqual("2.04", client.Ask(IPatch, "actuators", Pack[16..], Etch, None, (27, [0x10])).Code);
        Assert.AreEqual("2.04", client.Put("actuators/light", "10").Code);
        Assert.AreEqual("2.04", client.Ask(IPatch, "actuators", Pack, Etch, None, (23, [0x10])).Code);
        Assert.AreEqual("{\"light\":10}", client.Get("actuators/light").Text);
    }

    [TestMethod]
    public static void Put_with_the_tag_of_an_old_state_is_refused()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        byte[] tag = client.Get("actuators/led").ETag!;
        Assert.AreEqual("2.04", client.Ask(Put, "actuators/led", "on", None, None, (1, tag)).Code);
        Assert.AreEqual("4.12", client.Ask(Put, "actuators/led", "off", None, None, (1, tag)).Code);
        Assert.AreEqual("4.12", client.Ask(Put, "actuators/led", "off", None, None, (5, [])).Code);
        Assert.IsTrue(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    public static void Put_in_blocks_is_put_together()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        const string Body = "{\"toaster\":\"on\",\"seconds\":90}";
        Assert.AreEqual("2.31", client.Ask(Put, "actuators/toaster", Body[..16], Json, None, (27, [0x08])).Code);
        Assert.AreEqual("{\"toaster\":\"off\"}", client.Get("actuators/toaster").Text);
        Assert.AreEqual("2.04", client.Ask(Put, "actuators/toaster", Body[16..], Json, None, (27, [0x10])).Code);
        Assert.AreEqual("{\"toaster\":\"on\",\"seconds\":90}", client.Get("actuators/toaster").Text);
        Assert.AreEqual("4.13", client.Put("actuators/led", new string(' ', Limits.CoapBody + 1)).Code);
    }

    /// <summary>A POST whose answer comes in blocks of 16 bytes: asking for the second block toggles nothing.</summary>
    [TestMethod]
    public static void Further_blocks_of_a_posts_answer_run_nothing_again()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        DoorReply first = client.Ask(Post, "actuators/toaster", "{\"toaster\":\"on\",\"seconds\":5}", Json, None, (23, []));
        DoorReply second = client.Ask(Post, "actuators/toaster", "", Json, None, (23, [0x10]));
        Assert.AreEqual("2.04", first.Code);
        Assert.AreEqual("2.04", second.Code);
        Assert.AreEqual("{\"toaster\":\"on\",\"seconds\":5}", first.Text + second.Text);
        Assert.AreEqual(1, appliance.TimesOf(ToasterPin, true).Length);
    }

    [TestMethod]
    public static void Writing_is_off_unless_the_configuration_allows_it_and_the_answer_names_the_setting()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        (int Method, string Path)[] all = [(Put, "actuators/led"), (Post, "actuators/led"), (IPatch, "actuators"), (Delete, "actuators/led"), (Put, "sensors/humidity")];
        foreach ((int method, string path) in all)
        {
            DoorReply reply = client.Ask(method, path, "on");
            Assert.AreEqual("4.01", reply.Code, path);
            Assert.Contains("\"coap\": {\"write\": \"local\"}", reply.Text);
        }

        Assert.IsFalse(appliance.IsHigh(LedPin));
        Assert.AreEqual("2.05", client.Get("actuators/led").Code);
    }

    [TestMethod]
    public static void Only_the_boards_own_subnet_may_write_and_everybody_may_read()
    {
        using Appliance appliance = Writable();
        DoorClient stranger = new(appliance, "10.0.0.9");
        DoorReply reply = stranger.Put("actuators/led", "on");
        Assert.AreEqual("4.01", reply.Code);
        Assert.Contains("own subnet", reply.Text);
        Assert.AreEqual("{\"led\":\"off\"}", stranger.Get("actuators/led").Text);
        Assert.AreEqual("2.04", new DoorClient(appliance, "192.168.1.200").Put("actuators/led", "on").Code);
    }

    [TestMethod]
    public static void With_prove_nothing_is_switched_without_an_Echo_value()
    {
        using Appliance appliance = Writable(c => c.CoapProvesChanges = true);
        DoorClient client = new(appliance);
        DoorReply refused = client.Post("actuators/led", "toggle");
        Assert.AreEqual("4.01", refused.Code);
        Assert.IsFalse(appliance.IsHigh(LedPin));
        Assert.AreEqual("2.04", client.Ask(Post, "actuators/led", "toggle", -1, -1, (252, refused.Options[252])).Code);
        Assert.IsTrue(appliance.IsHigh(LedPin));

        // the value is good for this address only
        Assert.AreEqual("4.01", new DoorClient(appliance, "192.168.1.51").Ask(Post, "actuators/led", "toggle", -1, -1, (252, refused.Options[252])).Code);
        Assert.IsTrue(appliance.IsHigh(LedPin));
    }

    [TestMethod]
    public static void Sensors_and_system_take_no_commands()
    {
        using Appliance appliance = Writable();
        DoorClient client = new(appliance);
        Assert.AreEqual("4.05", client.Put("sensors/humidity", "5").Code);
        Assert.AreEqual("4.05", client.Post("sensors/doorbell", "on").Code);
        Assert.AreEqual("4.05", client.Put("system", "5").Code);
        Assert.AreEqual("4.05", client.Put("actuators", "on").Code);
        Assert.AreEqual("4.04", client.Put("actuators/oven", "on").Code);
    }

    private static Appliance Writable(Action<Firmware.Settings.DeviceConfiguration>? configure = null) => Appliance.Online(c =>
    {
        c.CoapWriteLocal = true;
        configure?.Invoke(c);
    });
}
