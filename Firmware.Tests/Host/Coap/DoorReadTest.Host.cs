// Reading the Thing over CoAP: each resource in each format, collections, selections, discovery, tags, and what is answered when there is no reading.

using System.Text;
using Firmware.Protocols.Io;
using Firmware.Simulator.Board;
using Firmware.Tests.Host.Application;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DoorReadTest
{
    private const int Json = 50;
    private const int Text = 0;
    private const int Cbor = 60;
    private const int SenMl = 110;
    private const int Etch = 320;
    private const int Fetch = 5;

    [TestMethod]
    [DataRow("sensors/temperature", "{\"temperature\":21.5}", "21.5", "A16B74656D7065726174757265F94D60", "[{\"n\":\"sensors/temperature\",\"u\":\"Cel\",\"v\":21.5}]")]
    [DataRow("sensors/humidity", "{\"humidity\":45}", "45", "A16868756D6964697479182D", "[{\"n\":\"sensors/humidity\",\"u\":\"%RH\",\"v\":45}]")]
    [DataRow("sensors/battery", "{\"battery\":3.899}", "3.899", "A16762617474657279FB400F3126E978D4FE", "[{\"n\":\"sensors/battery\",\"u\":\"V\",\"v\":3.899}]")]
    [DataRow("sensors/doorbell", "{\"doorbell\":0}", "0", "A168646F6F7262656C6C00", "[{\"n\":\"sensors/doorbell\",\"v\":0}]")]
    [DataRow("actuators/led", "{\"led\":\"off\"}", "off", "A1636C6564636F6666", "[{\"n\":\"actuators/led\",\"vb\":false}]")]
    [DataRow("actuators/light", "{\"light\":0}", "0", "A1656C6967687400", "[{\"n\":\"actuators/light\",\"v\":0}]")]
    [DataRow("actuators/toaster", "{\"toaster\":\"off\"}", "off", "A167746F6173746572636F6666", "[{\"n\":\"actuators/toaster\",\"vb\":false}]")]
    public static void Each_resource_is_served_in_each_format_and_json_is_preferred(string path, string json, string text, string cbor, string senMl)
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        DoorReply preferred = client.Get(path);
        Assert.AreEqual("2.05", preferred.Code);
        Assert.AreEqual(Json, preferred.Format);
        Assert.AreEqual(json, preferred.Text);
        Assert.AreEqual(json, client.Get(path, Json).Text);
        Assert.AreEqual(text, client.Get(path, Text).Text);
        Assert.AreEqual(Text, client.Get(path, Text).Format);
        Assert.AreEqual(cbor, client.Get(path, Cbor).Hex);
        Assert.AreEqual(senMl, client.Get(path, SenMl).Text);
        Assert.AreEqual("4.06", client.Get(path, 41).Code);
    }

    /// <summary>The issue's measure: 101 bytes at the most for both datagrams, each with 28 bytes of IPv4 and UDP headers.</summary>
    [TestMethod]
    public static void Get_of_a_17_byte_reading_takes_101_bytes_with_ip_headers()
    {
        using Appliance appliance = new(prepare: a => a.Board.Environment.HumidityMilliPercent = 45_500);
        appliance.AwaitOnline();
        DoorClient client = new(appliance);
        byte[] request = DoorClient.Compose(DoorClient.Con, 1, 7, [], "sensors/humidity", []);
        client.Deliver(request);
        DoorReply reply = client.Heard.Single();
        Assert.AreEqual("{\"humidity\":45.5}", reply.Text);
        Assert.AreEqual(Json, reply.Format);
        int total = 28 + request.Length + 28 + reply.Length;
        Console.Error.WriteLine($"GET of a 17-byte reading: {28 + request.Length} + {28 + reply.Length} = {total} bytes");
        Assert.AreEqual(101, total);
    }

    [TestMethod]
    public static void Discovery_names_every_resource_with_its_attributes()
    {
        using Appliance appliance = Appliance.Online();
        string links = GetInBlocks(new DoorClient(appliance), ".well-known/core");
        Assert.AreEqual(
            """
            </actuators/led>;rt="led";if="core.a";title="on, off";ct="50 0 60 110";obs
            </actuators/light>;rt="light";if="core.a";title="0 to 100 percent";ct="50 0 60 110";obs
            </actuators/toaster>;rt="toaster";if="core.a";title="on for some seconds, off";ct="50 0 60 110";obs
            </sensors/doorbell>;rt="doorbell";if="core.s";title="presses";ct="50 0 60 110";obs
            </sensors/temperature>;rt="temperature";if="core.s";title="degrees Celsius";ct="50 0 60 110";obs
            </sensors/humidity>;rt="humidity";if="core.s";title="percent relative humidity";ct="50 0 60 110";obs
            </sensors/battery>;rt="battery";if="core.s";title="volts";ct="50 0 60 110";obs
            </sensors>;rt="sensors";if="core.b";ct="110 50";obs
            </actuators>;rt="actuators";if="core.b";ct="110 50";obs
            </system>;rt="system";if="core.rp";ct=50
            """.ReplaceLineEndings("\n"),
            links.Replace(",</", "\n</", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Bmp280_adds_two_resources_at_the_end_of_the_sensors()
    {
        using Appliance appliance = Appliance.Online(c => c.HasBmp280 = true);
        DoorClient client = new(appliance);
        string links = GetInBlocks(client, ".well-known/core");
        Assert.Contains(
            "</sensors/battery>;rt=\"battery\";if=\"core.s\";title=\"volts\";ct=\"50 0 60 110\";obs,"
            + "</sensors/pressure>;rt=\"pressure\";if=\"core.s\";title=\"pascals\";ct=\"50 0 60 110\";obs,"
            + "</sensors/altitude>;rt=\"altitude\";if=\"core.s\";title=\"metres above sea level\";ct=\"50 0 60 110\";obs,</sensors>",
            links);
        Assert.Contains(",{\"n\":\"pressure\",\"u\":\"Pa\",\"v\":10132", GetInBlocks(client, "sensors"));
        Assert.Contains(",{\"n\":\"altitude\",\"u\":\"m\",\"v\":", GetInBlocks(client, "sensors"));
        Assert.Contains("{\"pressure\":10132", client.Get("sensors/pressure").Text);
    }

    [TestMethod]
    public static void Collections_are_senml_packs_or_json_objects()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        Assert.AreEqual("[{\"bn\":\"sensors/\",\"n\":\"doorbell\",\"v\":0},{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.5},{\"n\":\"humidity\",\"u\":\"%RH\",\"v\":45},{\"n\":\"battery\",\"u\":\"V\",\"v\":3.899}]", GetInBlocks(client, "sensors"));
        Assert.AreEqual("[{\"bn\":\"actuators/\",\"n\":\"led\",\"vb\":false},{\"n\":\"light\",\"v\":0},{\"n\":\"toaster\",\"vb\":false}]", GetInBlocks(client, "actuators"));
        Assert.AreEqual("{\"doorbell\":0,\"temperature\":21.5,\"humidity\":45,\"battery\":3.899}", GetInBlocks(client, "sensors", Json));
        Assert.AreEqual("{\"led\":\"off\",\"light\":0,\"toaster\":\"off\"}", GetInBlocks(client, "actuators", Json));
        Assert.AreEqual(SenMl, client.Get("sensors").Format);
        Assert.AreEqual("4.06", client.Get("sensors", Text).Code);
    }

    [TestMethod]
    [DataRow("sensors", "[{\"n\":\"sensors/humidity\"}]", "[{\"bn\":\"sensors/\",\"n\":\"humidity\",\"u\":\"%RH\",\"v\":45}]")]
    [DataRow("sensors", "[{\"bn\":\"sensors/\",\"n\":\"battery\"},{\"n\":\"doorbell\"}]", "[{\"bn\":\"sensors/\",\"n\":\"doorbell\",\"v\":0},{\"n\":\"battery\",\"u\":\"V\",\"v\":3.899}]")]
    [DataRow("actuators", "[{\"n\":\"actuators/led\"},{\"n\":\"actuators/oven\"}]", "[{\"bn\":\"actuators/\",\"n\":\"led\",\"vb\":false}]")]
    [DataRow("sensors", "[{\"n\":\"humidity\"},{\"n\":\"sensors/hum\"},{\"n\":\"actuators/led\"},{\"n\":\"sensors/\"}]", "[]")]
    [DataRow("sensors", "[{\"n\":\"sensors/humidity\",\"t\":1}]", "[]")]
    public static void Fetch_selects_records_by_their_resolved_names(string path, string pack, string answer)
    {
        using Appliance appliance = Appliance.Online();
        DoorReply reply = new DoorClient(appliance).Ask(Fetch, path, pack, Etch);
        Assert.AreEqual("2.05", reply.Code);
        Assert.AreEqual(answer, reply.Text);
        Assert.AreEqual(SenMl, reply.Format);
    }

    [TestMethod]
    [DataRow("[{\"n\":\"sensors/humidity\"}]", 50, "4.15")]
    [DataRow("[{\"n\":\"sensors/humidity\"}]", -1, "4.15")]
    [DataRow("[]", 320, "4.00")]
    [DataRow("", 320, "4.00")]
    [DataRow("[{\"n\":\"sensors/humidity\"}", 320, "4.00")]
    [DataRow("[{\"n\":\"sensors/humidity\",\"v\":1}]", 320, "4.00")]
    [DataRow("[{\"n\":\"/sensors/humidity\"}]", 320, "4.00")]
    [DataRow("[{\"n\":\"sensors/humidity\",\"u\":\"%RH\"}]", 320, "4.22")]
    public static void Fetch_that_is_no_selection_is_refused(string pack, int format, string code)
    {
        using Appliance appliance = Appliance.Online();
        DoorReply reply = new DoorClient(appliance).Ask(Fetch, "sensors", pack, format);
        Assert.AreEqual(code, reply.Code);
        Assert.IsTrue(reply.Payload.Length > 10 && reply.Format is null, "a diagnostic is given");
    }

    [TestMethod]
    public static void Single_resources_and_system_take_no_fetch()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        Assert.AreEqual("4.05", client.Ask(Fetch, "sensors/humidity", "[]", Etch).Code);
        Assert.AreEqual("4.05", client.Ask(Fetch, "system", "[]", Etch).Code);
        Assert.AreEqual("4.04", client.Get("sensors/pressure").Code);
        Assert.AreEqual("4.04", client.Get("").Code);
    }

    [TestMethod]
    public static void System_tells_name_uptime_and_date()
    {
        using Appliance appliance = Appliance.Online();
        DoorReply reply = new DoorClient(appliance).Get("system");
        Assert.AreEqual($"{{\"thing\":\"{Appliance.Thing}\",\"uptime\":{appliance.Time.TotalMs / 1000}", reply.Text.Split(",\"time\"")[0].TrimEnd('}'));
        Assert.AreEqual(1, reply.MaxAge);
    }

    [TestMethod]
    public static void Sensor_without_reading_is_unavailable_until_its_next_measurement()
    {
        using Appliance appliance = new(c => c.TelemetrySeconds = 600, a => a.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.Missing));
        appliance.AwaitOnline();
        DoorClient client = new(appliance);
        appliance.Pass(1000);
        DoorReply reply = client.Get("sensors/temperature");
        Assert.AreEqual("5.03", reply.Code);
        Assert.IsTrue(reply.MaxAge > 590 - (appliance.Time.TotalMs / 1000) && reply.MaxAge <= 600, $"Max-Age {reply.MaxAge}");
        Assert.Contains("no reading", reply.Text);
        Assert.AreEqual("[{\"bn\":\"sensors/\",\"n\":\"doorbell\",\"v\":0},{\"n\":\"battery\",\"u\":\"V\",\"v\":3.899}]", GetInBlocks(client, "sensors"));

        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.None);
        appliance.Time.Advance(601_000);
        Assert.AreEqual("{\"temperature\":21.5}", client.Get("sensors/temperature").Text);
    }

    [TestMethod]
    public static void Actuators_have_tags_and_readings_only_when_asked_with_one()
    {
        using Appliance appliance = Appliance.Online();
        DoorClient client = new(appliance);
        byte[] tag = client.Get("actuators/led").ETag!;
        Assert.IsNotNull(tag);
        Assert.AreEqual("2.03", client.Get("actuators/led", -1, (4, tag)).Code);
        Assert.IsNull(client.Get("sensors/humidity").ETag);
        DoorReply asked = client.Get("sensors/humidity", -1, (4, tag));
        Assert.AreEqual("2.05", asked.Code);
        Assert.IsNotNull(asked.ETag);
        Assert.AreEqual("2.03", client.Get("sensors/humidity", -1, (4, asked.ETag!)).Code);
    }

    [TestMethod]
    public static void Group_is_answered_within_its_leisure_and_only_with_what_helps()
    {
        using Appliance appliance = Appliance.Online();
        DatagramAddress asker = new();
        asker.SetIPv4(192, 168, 1, 77, 5000);
        asker.IsMulticast = true;
        appliance.Port.Put(DoorClient.Compose(DoorClient.Non, 1, 1, [1], "sensors/humidity", []), asker);
        appliance.Port.Put(DoorClient.Compose(DoorClient.Non, 1, 2, [2], "sensors/pressure", []), asker);
        appliance.Port.Put(DoorClient.Compose(DoorClient.Non, 3, 3, [3], "actuators/led", "on"u8.ToArray()), asker);
        appliance.Pass(6000);
        DoorReply only = new DoorClient(appliance, "192.168.1.77", 5000).Heard.Single();
        Assert.AreEqual("{\"humidity\":45}", only.Text);
        Assert.IsFalse(appliance.IsHigh(Appliance.LedPin));
    }

    // as a simple client does it: block after block, of the size that the server gives
    private static string GetInBlocks(DoorClient client, string path, int accept = -1)
    {
        StringBuilder all = new();
        DoorReply reply = client.Get(path, accept);
        while (true)
        {
            Assert.AreEqual("2.05", reply.Code);
            all.Append(reply.Text);
            int block = reply.Options.TryGetValue(23, out byte[]? value) ? value.Aggregate(0, (sum, next) => (sum << 8) | next) : 0;
            if ((block & 8) == 0)
            {
                return all.ToString();
            }

            reply = client.Get(path, accept, (23, DoorClient.UInt((((block >> 4) + 1) << 4) | (block & 7))));
        }
    }
}
