// Sht3x on a virtual bus: timing, values and every fault of the bus.

using System.Device.I2c;
using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class Sht3xTests
{
    private const int SdaPin = 21;
    private const int SclPin = 22;

    [DataRow(21_500, 45_000)]
    [DataRow(-20_000, 0)]
    [DataRow(-1, 100_000)]
    [DataRow(125_000, 1)]
    public static void Measures_the_room(int milliC, int milliPercent) => OnBoard.Run((board, time) =>
    {
        Sht3x sensor = Open(board);
        board.Environment.TemperatureMilliC = milliC;
        board.Environment.HumidityMilliPercent = milliPercent;
        Assert.IsFalse(sensor.HasReading);
        Assert.AreEqual(long.MaxValue, sensor.NextDeadlineMs);
        Assert.IsTrue(sensor.Begin(time.TotalMs));
        Assert.IsTrue(sensor.IsMeasuring);
        Assert.IsFalse(sensor.Begin(time.TotalMs), "one at a time");
        Assert.AreEqual(time.TotalMs + 16, sensor.NextDeadlineMs);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        time.Advance(15);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        time.Advance(1);
        Assert.IsTrue(sensor.Poll(time.TotalMs));
        RequireReading(sensor, milliC, milliPercent);
        Assert.IsFalse(sensor.IsMeasuring);
        Assert.IsFalse(sensor.Poll(time.TotalMs), "the end is told once");
        Assert.AreEqual(long.MaxValue, sensor.NextDeadlineMs);
    });

    [TestMethod]
    public static void A_loop_that_comes_late_still_gets_the_reading() => OnBoard.Run((board, time) =>
    {
        Sht3x sensor = Open(board);
        sensor.Begin(time.TotalMs);
        time.Advance(60_000);
        Assert.IsTrue(sensor.Poll(time.TotalMs));
        RequireReading(sensor, 21_500, 45_000);
    });

    [DataRow((int)I2cFault.Missing, (int)DriverError.NoAcknowledge)]
    [DataRow((int)I2cFault.CorruptCrc, (int)DriverError.BadChecksum)]
    [DataRow((int)I2cFault.StuckBus, (int)DriverError.Timeout)]
    public static void Gives_up_after_three_attempts_and_recovers(int fault, int error) => OnBoard.Run((board, time) =>
    {
        Sht3x sensor = Open(board);
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 45_000);

        board.I2c.SetFault(Sht3x.DefaultAddress, (I2cFault)fault);
        long began = time.TotalMs;
        Measure(sensor, time);
        Assert.AreEqual(error, (int)sensor.Error);
        Assert.IsFalse(sensor.HasReading, "an old value must not pass for a new one");
        Assert.IsTrue(time.TotalMs - began < 200);

        board.I2c.SetFault(Sht3x.DefaultAddress, I2cFault.None);
        board.Environment.TemperatureMilliC = 30_000;
        Measure(sensor, time);
        RequireReading(sensor, 30_000, 45_000);
    });

    [DataRow((int)I2cFault.Missing)]
    [DataRow((int)I2cFault.CorruptCrc)]
    [DataRow((int)I2cFault.StuckBus)]
    public static void A_fault_of_one_attempt_costs_no_reading(int fault) => OnBoard.Run((board, time) =>
    {
        Sht3x sensor = Open(board);
        board.I2c.SetFault(Sht3x.DefaultAddress, (I2cFault)fault);
        sensor.Begin(time.TotalMs);
        time.Advance(16);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        board.I2c.SetFault(Sht3x.DefaultAddress, I2cFault.None);
        OnBoard.Finish(sensor.Poll, time);
        RequireReading(sensor, 21_500, 45_000);
    });

    [TestMethod]
    public static void Sends_the_commands_of_the_datasheet_with_a_reset_between_attempts() => OnBoard.Run((board, time) =>
    {
        SilentChip chip = new();
        Sht3x sensor = Open(board);
        board.I2c.Attach(Sht3x.DefaultAddress, chip);
        Measure(sensor, time);
        Assert.AreEqual("2400 30A2 2400 30A2 2400", string.Join(' ', chip.Written));
        Assert.AreEqual((int)DriverError.Timeout, (int)sensor.Error);
    });

    [TestMethod]
    public static void Waits_for_a_sensor_that_is_not_ready_in_time() => OnBoard.Run((board, time) =>
    {
        SilentChip chip = new() { AnswersAfterReads = 3 };
        Sht3x sensor = Open(board);
        board.I2c.Attach(Sht3x.DefaultAddress, chip);
        Measure(sensor, time);
        Assert.AreEqual("2400", string.Join(' ', chip.Written));
        RequireReading(sensor, -45_000, 100_000);
    });

    [TestMethod]
    public static void Checks_the_checksums_of_both_words() => OnBoard.Run((board, time) =>
    {
        for (int bit = 0; bit < 48; bit++)
        {
            SilentChip chip = new() { AnswersAfterReads = 0, WrongBit = bit };
            Sht3x sensor = Open(board);
            board.I2c.Attach(Sht3x.DefaultAddress, chip);
            Measure(sensor, time);
            Assert.AreEqual((int)DriverError.BadChecksum, (int)sensor.Error);
            Assert.IsFalse(sensor.HasReading);
        }
    });

    private static Sht3x Open(VirtualBoard board)
    {
        Configuration.SetPinFunction(SdaPin, DeviceFunction.I2C1_DATA);
        Configuration.SetPinFunction(SclPin, DeviceFunction.I2C1_CLOCK);
        board.I2c.Attach(Sht3x.DefaultAddress, new VirtualSht3x(board));
        return new Sht3x(I2cDevice.Create(new I2cConnectionSettings(1, Sht3x.DefaultAddress)));
    }

    private static void Measure(Sht3x sensor, ManualBoardTime time)
    {
        Assert.IsTrue(sensor.Begin(time.TotalMs));
        OnBoard.Finish(sensor.Poll, time);
    }

    private static void RequireReading(Sht3x sensor, int milliC, int milliPercent)
    {
        Assert.AreEqual((int)DriverError.None, (int)sensor.Error);
        Assert.IsTrue(sensor.HasReading);

        // the sensor's steps are 2.7 millidegrees and 1.5 millipercent
        Assert.IsTrue(Math.Abs(sensor.TemperatureMilliC - milliC) <= 2, $"{sensor.TemperatureMilliC} for {milliC}");
        Assert.IsTrue(Math.Abs(sensor.HumidityMilliPercent - milliPercent) <= 1, $"{sensor.HumidityMilliPercent} for {milliPercent}");
    }

    /// <summary>A chip that takes every command and does not answer, or only after some reads: then with words 0000 and FFFF.</summary>
    private sealed class SilentChip : IVirtualI2cChip
    {
        private int _reads;

        public int AnswersAfterReads { get; init; } = int.MaxValue;

        public int WrongBit { get; init; } = -1;

        public List<string> Written { get; } = [];

        public bool Write(ReadOnlySpan<byte> data)
        {
            Written.Add(Convert.ToHexString(data));
            return true;
        }

        public bool Read(Span<byte> data)
        {
            if (_reads++ < AnswersAfterReads)
            {
                return false;
            }

            ReadOnlySpan<byte> answer = [0x00, 0x00, 0x81, 0xFF, 0xFF, 0xAC];
            answer.CopyTo(data);
            if (WrongBit >= 0)
            {
                data[WrongBit / 8] ^= (byte)(1 << (WrongBit % 8));
            }

            return true;
        }
    }
}
