// The BMP280 in the application: measured together with the SHT3x, and never in its way.

using System.Text.Json;
using Firmware.Settings;
using Firmware.Simulator.Board;
using Firmware.Tests.Host.Coap;
using nanoFramework.TestFramework;
using static Firmware.Tests.Host.Application.Appliance;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class PressureTest
{
    private const int PeriodMs = 10_000;
    private const string Without = "{\"temperature\":21.5,\"humidity\":45,\"battery\":3.899}";
    private const int Address = Firmware.Drivers.Bmp280.DefaultAddress;

    [TestMethod]
    public static void Readings_have_pressure_and_altitude_and_follow_the_air()
    {
        using Appliance appliance = Online(With);
        RequireAir(Last(appliance), 101_325, 0);
        appliance.Board.Environment.PressurePa = 89_875;
        appliance.Time.Advance(PeriodMs);
        RequireAir(Last(appliance), 89_875, 1000);
        appliance.Board.Environment.PressurePa = 107_478;
        appliance.Time.Advance(PeriodMs);
        RequireAir(Last(appliance), 107_478, -500);
    }

    [TestMethod]
    public static void Altitude_refers_to_the_configured_pressure_at_sea_level()
    {
        using Appliance appliance = Online(c =>
        {
            With(c);
            c.SeaLevelPa = 98_000;
        });
        appliance.Board.Environment.PressurePa = 98_000;
        appliance.Time.Advance(PeriodMs);
        RequireAir(Last(appliance), 98_000, 0);
    }

    [TestMethod]
    public static void Board_without_the_part_has_no_such_resource_and_asks_nothing_on_the_bus()
    {
        Listener listener = new();
        using Appliance appliance = new(c => c.TelemetrySeconds = PeriodMs / 1000, a => a.Board.I2c.Attach(Address, listener));
        appliance.AwaitOnline();
        appliance.Time.Advance(3 * PeriodMs);
        Assert.AreEqual(Without, Last(appliance));
        Assert.AreEqual("4.04", new DoorClient(appliance).Get("sensors/pressure").Code);
        Assert.AreEqual(0, listener.Transfers);
        Assert.AreEqual(0, appliance.FinalLines("BMP280").Length);
    }

    [TestMethod]
    [DataRow(I2cFault.Missing, 1)]
    [DataRow(I2cFault.CorruptCrc, 5)]
    public static void Failing_part_leaves_out_its_two_readings_only_and_is_told_once(I2cFault fault, int error)
    {
        using Appliance appliance = Online(With);
        appliance.Board.I2c.SetFault(Address, fault);
        appliance.Time.Advance(5 * PeriodMs);
        Assert.AreEqual(Without, Last(appliance), "the SHT3x goes on, and an old pressure is not told as a new one");
        appliance.Board.Environment.TemperatureMilliC = 30_000;
        appliance.Time.Advance(PeriodMs);
        Assert.Contains("\"temperature\":30,\"humidity\":45,", Last(appliance));
        appliance.Board.Environment.TemperatureMilliC = 21_500;
        appliance.Board.I2c.SetFault(Address, I2cFault.None);
        appliance.Time.Advance(PeriodMs);
        RequireAir(Last(appliance), 101_325, 0);
        string[] told = appliance.FinalLines("! no pressure: the BMP280");
        Assert.AreEqual(1, told.Length);
        Assert.Contains($"(driver error {error}): check its wiring, SDA, SCL and address 0x76", told[0]);
        Assert.AreEqual(1, appliance.FinalLines("the BMP280 answers again").Length);
        Assert.AreEqual(0, appliance.FinalLines("no temperature").Length);
    }

    [TestMethod]
    public static void Failing_sht3x_leaves_the_pressure_alone()
    {
        using Appliance appliance = Online(With);
        appliance.Board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, I2cFault.Missing);
        appliance.Time.Advance(2 * PeriodMs);
        Assert.IsTrue(Last(appliance).StartsWith("{\"battery\":3.899,\"pressure\":10132", StringComparison.Ordinal), Last(appliance));
    }

    [TestMethod]
    public static void Stuck_bus_silences_both_until_it_is_free_again()
    {
        using Appliance appliance = Online(With);
        appliance.Board.I2c.SetFault(Address, I2cFault.StuckBus);
        appliance.Time.Advance(5 * PeriodMs);
        Assert.AreEqual("{\"battery\":3.899}", Last(appliance));
        appliance.Board.I2c.SetFault(Address, I2cFault.None);
        appliance.Time.Advance(PeriodMs);
        RequireAir(Last(appliance), 101_325, 0);
        Assert.AreEqual(1, appliance.FinalLines("! no pressure: the BMP280").Length);
        Assert.AreEqual(1, appliance.FinalLines("! no temperature: the SHT3x").Length);
    }

    [TestMethod]
    [DataRow(SleepPolicy.Deep)]
    [DataRow(SleepPolicy.Light)]
    public static void Sleeping_board_measures_the_pressure_at_each_wake_up(SleepPolicy policy)
    {
        using Appliance appliance = new(c =>
        {
            c.SleepPolicy = policy;
            c.HasBmp280 = true;
        });
        appliance.PassAsleep(2 * 3_600_000);
        string[] readings = appliance.Broker.On(Telemetry);
        Assert.IsTrue(readings.Length >= 12, $"{readings.Length} readings");
        foreach (string reading in readings)
        {
            RequireAir(reading, 101_325, 0);
        }
    }

    private static void With(DeviceConfiguration c)
    {
        c.TelemetrySeconds = PeriodMs / 1000;
        c.HasBmp280 = true;
    }

    private static string Last(Appliance appliance) => appliance.Broker.On(Telemetry)[^1];

    // the part's step is 2.6 Pa at most here, which is 0.24 m at 1 km, and the altitude has one decimal
    private static void RequireAir(string reading, int pascals, double metres)
    {
        using JsonDocument json = JsonDocument.Parse(reading);
        Assert.AreEqual(21.5, json.RootElement.GetProperty("temperature").GetDouble(), reading);
        Assert.IsTrue(Math.Abs(json.RootElement.GetProperty("pressure").GetInt32() - pascals) <= 3, reading);
        Assert.IsTrue(Math.Abs(json.RootElement.GetProperty("altitude").GetDouble() - metres) <= 0.4, reading);
    }

    private sealed class Listener : IVirtualI2cChip
    {
        public int Transfers { get; private set; }

        public bool Write(ReadOnlySpan<byte> data)
        {
            Transfers++;
            return false;
        }

        public bool Read(Span<byte> data)
        {
            Transfers++;
            return false;
        }
    }
}
