// The command energy as a user runs it: what it measures, prints and draws, and what it says of options that are wrong.

using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using System.Text;
using Firmware.Simulator;
using Firmware.Simulator.Energy;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EnergyTests;

/// <summary>Tests of the command.</summary>
[TestClass]
public static class EnergyCommandTest
{
    private const int DaysColumn = 2;
    private static string s_folder = "";

    [Setup]
    public static void MakeFolder() => s_folder = Directory.CreateTempSubdirectory("energy-").FullName;

    [Cleanup]
    public static void RemoveFolder() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public static void Reading_every_five_minutes_and_connecting_every_hour_lasts_twice_as_long_as_connecting_every_five_minutes()
    {
        string plot = Path.Combine(s_folder, "deeper", "energy.png");
        (int code, string output, string errors) = Run($"energy --sense 300 --connect 3600 --battery 2000 --days 1 --width 900 --height 420 --plot {plot}");
        Assert.AreEqual(0, code, errors);

        // under the constants of this firmware, and under those of the lecture, whose cycle lasts 224 days
        double often = Days(output, "  MQTT, each reading ");
        double batched = Days(output, "  MQTT, batched ");
        Assert.IsTrue(batched >= 2 * often, $"{batched} days against {often}\n{output}");
        string lecture = Line(output, "  The lecture's cycle under its own assumptions");
        double days = double.Parse(lecture.Split("instead: ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.IsTrue(days >= 2 * 224, lecture);

        // connecting at each reading is worse than a datagram, and best of all is not to connect at all
        Assert.IsTrue(Days(output, "  MQTT, kept connected ") < often);
        Assert.IsTrue(Days(output, "  CoAP NON, each reading ") > Days(output, "  HTTPS, each reading "));

        // the counts are those of the schedule: 288 readings, 24 connections, 312 writes
        string[] board = Line(output, "  batched  ").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CollectionAssert.AreEqual(new[] { "batched", "288", "24", "288", "312" }, board[..5]);

        // a boot that only senses is over when the sensor is; after a goodbye the radio gets its time
        Assert.AreEqual("16", board[5]);
        Assert.AreEqual(Limits.SleepFlushMs.ToString(CultureInfo.InvariantCulture), board[^2]);
        Assert.IsTrue(int.Parse(board[^1], CultureInfo.InvariantCulture) <= 20, string.Join(' ', board));

        byte[] png = File.ReadAllBytes(plot);
        Assert.AreEqual("\u0089PNG\r\n\u001a\n", Encoding.Latin1.GetString(png, 0, 8));
        Assert.AreEqual(900, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)));
        Assert.AreEqual(420, BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
        Assert.IsTrue(png.Length > 5000, $"{png.Length} bytes: nothing is drawn");
    }

    [TestMethod]
    public static void Traffic_is_what_passes_on_the_wire()
    {
        EnergyReport report = EnergyCommand.MeasureAsync(new EnergySchedule(600, 1200, 1), new EnergyBattery(1000), EnergyConstants.Default, 1).GetAwaiter().GetResult();
        EnergyTraffic traffic = report.Traffic;

        // a full handshake waits twice, and carries two certificates
        Assert.AreEqual(2, traffic.Handshake.RoundTrips);
        Assert.IsTrue(traffic.Handshake.BytesUp > 600 && traffic.Handshake.BytesDown > 600, $"{traffic.Handshake}");

        // MQTT 3.1.1: PINGREQ and PINGRESP have 2 bytes each; TLS 1.2 with AES-GCM adds 29 to a record (RFC 5246 6.2.3.3, RFC 5288 3), ChaCha20 21
        Assert.AreEqual(4, traffic.Ping.ApplicationBytes);
        int record = traffic.Ping.BytesUp - 2;
        Assert.IsTrue(record is 29 or 21, $"{traffic.Ping}");
        foreach (Exchange exchange in new[] { traffic.Connect, traffic.Subscribe, traffic.Online, traffic.Publish })
        {
            Assert.AreEqual(exchange.ApplicationBytes + (2 * record), exchange.BytesUp + exchange.BytesDown, exchange.ToString());
            Assert.AreEqual(1, exchange.RoundTrips, exchange.ToString());
        }

        // "sleeping ..." with QoS 0, DISCONNECT, and the end of TLS if it is said; the broker's own end may come before or after the count
        Assert.IsTrue(traffic.Goodbye.BytesUp >= traffic.Goodbye.ApplicationBytes + record, $"{traffic.Goodbye}");
        Assert.IsTrue(traffic.Coap.OnTheWire * 4 < traffic.Https.OnTheWire, $"{traffic.Coap} {traffic.Https}");
    }

    [TestMethod]
    public static void Coap_message_is_counted_byte_by_byte()
    {
        // header 4, token 2, Uri-Path 1 + 9, Content-Format 1 + 1, marker 1
        Assert.AreEqual(19 + 40, TrafficMeasurement.Coap(new byte[40]).BytesUp);
    }

    [TestMethod]
    [DataRow("--sense 9", "--sense takes 10 to 86400")]
    [DataRow("--sense x", "--sense takes 10 to 86400")]
    [DataRow("--connect 604801", "--connect takes 10 to 604800")]
    [DataRow("--listen 61", "--listen takes 0 to 60")]
    [DataRow("--battery 0", "--battery takes 1 to 1000000")]
    [DataRow("--battery NaN", "--battery takes 1 to 1000000")]
    [DataRow("--usable 101", "--usable takes 1 to 100")]
    [DataRow("--self-discharge -1", "--self-discharge takes 0 to 50")]
    [DataRow("--days 0", "--days takes 1 to 60")]
    [DataRow("--width 10", "--width takes 300 to 8000")]
    [DataRow("--set speed=1", "--set takes NAME=VALUE")]
    [DataRow("--set dhcpMs=fast", "--set dhcpMs takes a number")]
    [DataRow("--sense 300 --connect 700", "--connect takes a multiple of --sense")]
    [DataRow("--sense 300 --connect 10", "--connect takes a multiple of --sense")]
    [DataRow("--sense 30 --connect 60", "the firmware refuses this schedule")]
    [DataRow("--nothing", "--nothing")]
    public static void Wrong_option_gets_a_message_and_exit_code_1(string options, string part)
    {
        (int code, string output, string errors) = Run("energy --plot none " + options);
        Assert.AreEqual(1, code);
        Assert.Contains(part, errors);
        Assert.IsFalse(output.Contains("MEASURED", StringComparison.Ordinal));
    }

    [TestMethod]
    public static void Plot_that_cannot_be_written_is_an_error_after_the_numbers()
    {
        string blocked = Path.Combine(s_folder, "file");
        File.WriteAllText(blocked, "");
        (int code, string output, string errors) = Run($"energy --days 1 --sense 600 --connect 3600 --plot {Path.Combine(blocked, "energy.png")}");
        Assert.AreEqual(1, code);
        Assert.Contains("error: the plot cannot be written", errors);
        Assert.Contains("MEASURED", output);
    }

    private static (int Code, string Output, string Errors) Run(string line)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int code = CommandLine.Build(_ => Task.FromResult(0)).Parse(line).Invoke(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }

    private static string Line(string output, string start) => output.Split('\n').Single(l => l.StartsWith(start, StringComparison.Ordinal));

    // the lives' table is the last one with such a line
    private static double Days(string output, string design)
    {
        string line = output.Split('\n').Last(l => l.StartsWith(design, StringComparison.Ordinal));
        return double.Parse(line[design.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[DaysColumn - 1], CultureInfo.InvariantCulture);
    }
}
