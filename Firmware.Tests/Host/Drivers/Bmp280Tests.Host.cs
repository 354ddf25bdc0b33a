// Bmp280 on a virtual bus: timing, values and every fault of bus and part; its arithmetic against floating point.

using System.Device.I2c;
using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class Bmp280Tests
{
    private const int SdaPin = 21;
    private const int SclPin = 22;

    [DataRow(21_500, 101_325)]
    [DataRow(-40_000, 110_000)]
    [DataRow(-1, 100_000)]
    [DataRow(85_000, 30_000)]
    public static void Measures_the_room(int milliC, int pascals) => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        board.Environment.TemperatureMilliC = milliC;
        board.Environment.PressurePa = pascals;
        Assert.IsFalse(sensor.HasReading);
        Assert.AreEqual(0, sensor.AltitudeMilliM);
        Assert.AreEqual(long.MaxValue, sensor.NextDeadlineMs);
        Measure(sensor, time);
        RequireReading(sensor, milliC, pascals);
        Assert.IsFalse(sensor.Poll(time.TotalMs), "the end is told once");
        Assert.AreEqual(long.MaxValue, sensor.NextDeadlineMs);
        Assert.AreEqual(1, chip.Resets);
    });

    [TestMethod]
    public static void The_second_measurement_takes_8_ms_and_needs_no_calibration() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        Measure(sensor, time);
        board.Environment.PressurePa = 95_461;
        Assert.IsTrue(sensor.Begin(time.TotalMs));
        Assert.IsTrue(sensor.IsMeasuring);
        Assert.IsFalse(sensor.Begin(time.TotalMs), "one at a time");
        Assert.AreEqual(time.TotalMs, sensor.NextDeadlineMs);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        Assert.AreEqual(time.TotalMs + 8, sensor.NextDeadlineMs);
        time.Advance(7);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        time.Advance(1);
        Assert.IsTrue(sensor.Poll(time.TotalMs));
        RequireReading(sensor, 21_500, 95_461);
        Assert.IsFalse(sensor.IsMeasuring);
        Assert.AreEqual(1, chip.Resets);
    });

    [TestMethod]
    public static void Altitude_follows_the_pressure_at_sea_level() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, _) = Open(board);
        board.Environment.PressurePa = 89_875;
        Measure(sensor, time);

        // a step of the part is 2.62 Pa, which is 0.24 m at 1 km
        Assert.IsTrue(Math.Abs(sensor.AltitudeMilliM - 1_000_000) <= 200, $"{sensor.AltitudeMilliM}");
        Assert.IsTrue(sensor.SetSeaLevel(sensor.PressurePa));
        Assert.AreEqual(0, sensor.AltitudeMilliM);
        Assert.IsFalse(sensor.SetSeaLevel(Bmp280.MinSeaLevelPa - 1));
        Assert.IsFalse(sensor.SetSeaLevel(Bmp280.MaxSeaLevelPa + 1));
        Assert.AreEqual(sensor.PressurePa, sensor.SeaLevelPa);
    });

    [TestMethod]
    public static void A_loop_that_comes_late_still_gets_the_reading() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, _) = Open(board);
        sensor.Begin(time.TotalMs);
        for (int i = 0; i < 6; i++)
        {
            time.Advance(60_000);
            Assert.AreEqual(i == 5, sensor.Poll(time.TotalMs), $"poll {i}");
        }

        RequireReading(sensor, 21_500, 101_325);
    });

    [DataRow((int)I2cFault.Missing, (int)DriverError.NoAcknowledge)]
    [DataRow((int)I2cFault.CorruptCrc, (int)DriverError.WrongPart)]
    [DataRow((int)I2cFault.StuckBus, (int)DriverError.Timeout)]
    public static void Gives_up_after_three_attempts_and_recovers(int fault, int error) => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 101_325);

        board.I2c.SetFault(Bmp280.DefaultAddress, (I2cFault)fault);
        RequireFailure(sensor, time, (DriverError)error);
        Assert.AreEqual(1, chip.Resets, "nothing is written to a part that is not known");

        board.I2c.SetFault(Bmp280.DefaultAddress, I2cFault.None);
        board.Environment.PressurePa = 90_000;
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 90_000);
        Assert.AreEqual(2, chip.Resets, "the calibration is read anew");
    });

    // a fault of one poll at each step of a first measurement: id, reset, status, calibration, calibration, start, data
    [DataRow((int)I2cFault.Missing)]
    [DataRow((int)I2cFault.CorruptCrc)]
    [DataRow((int)I2cFault.StuckBus)]
    public static void A_fault_of_one_transfer_costs_no_reading(int fault) => OnBoard.Run((board, time) =>
    {
        for (int step = 0; step < 7; step++)
        {
            (Bmp280 sensor, _) = Open(board);
            int transfers = 0;
            board.I2c.SetFault(Bmp280.DefaultAddress, step == 0 ? (I2cFault)fault : I2cFault.None);
            sensor.Begin(time.TotalMs);
            bool ended = false;
            while (!ended)
            {
                transfers++;
                Assert.IsTrue(transfers < 50, "the measurement does not end");
                time.Advance(Math.Max(0, sensor.NextDeadlineMs - time.TotalMs));
                board.I2c.SetFault(Bmp280.DefaultAddress, step == transfers ? (I2cFault)fault : I2cFault.None);
                ended = sensor.Poll(time.TotalMs);
            }

            RequireReading(sensor, 21_500, 101_325);
        }
    });

    [DataRow(0x60)]
    [DataRow(0x00)]
    [DataRow(0xFF)]
    public static void Another_part_at_the_address_is_left_alone(int id) => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        chip.ChipId = (byte)id;
        RequireFailure(sensor, time, DriverError.WrongPart);
        Assert.AreEqual(0, chip.Resets);
        chip.ChipId = VirtualBmp280.DefaultChipId;
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 101_325);
    });

    [TestMethod]
    public static void Waits_for_the_calibration_but_not_for_ever() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        chip.CopyMs = 20;
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 101_325);
        Assert.AreEqual(1, chip.Resets);

        (sensor, chip) = Open(board);
        chip.CopyMs = 10_000;
        RequireFailure(sensor, time, DriverError.Timeout);
        Assert.AreEqual(3, chip.Resets);
    });

    [TestMethod]
    public static void A_part_that_never_ends_measuring_is_reset_and_given_up() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        chip.NeverReady = true;
        RequireFailure(sensor, time, DriverError.Timeout);
        Assert.AreEqual(3, chip.Resets);
        chip.NeverReady = false;
        Measure(sensor, time);
        RequireReading(sensor, 21_500, 101_325);
    });

    [TestMethod]
    public static void Power_that_fails_during_a_measurement_gives_no_false_reading() => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, VirtualBmp280 chip) = Open(board);
        Measure(sensor, time);
        board.Environment.TemperatureMilliC = -10_000;
        sensor.Begin(time.TotalMs);
        sensor.Poll(time.TotalMs);
        chip.FailPower();
        time.Advance(8);
        Assert.IsFalse(sensor.Poll(time.TotalMs));
        Assert.AreEqual((int)DriverError.Implausible, (int)sensor.Error);
        OnBoard.Finish(sensor.Poll, time);
        RequireReading(sensor, -10_000, 101_325);
    });

    [DataRow(0x100)]
    [DataRow(0x000)]
    [DataRow(0x0FF)]
    public static void Calibration_that_cannot_be_is_refused(int filler) => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, _) = Open(board);
        board.I2c.Attach(Bmp280.DefaultAddress, new SpoiltChip(filler));
        RequireFailure(sensor, time, DriverError.Implausible);
    });

    [DataRow(-60_000, 101_325)]
    [DataRow(110_000, 101_325)]
    [DataRow(21_500, 20_000)]
    [DataRow(21_500, 120_000)]
    public static void Values_out_of_the_parts_range_are_no_reading(int milliC, int pascals) => OnBoard.Run((board, time) =>
    {
        (Bmp280 sensor, _) = Open(board);
        board.Environment.TemperatureMilliC = milliC;
        board.Environment.PressurePa = pascals;
        RequireFailure(sensor, time, DriverError.Implausible);
    });

    [TestMethod]
    public static void Integers_agree_with_floating_point_for_a_thousand_parts()
    {
        Random random = new(280);
        double worstMilliC = 0;
        double worstPa = 0;
        int compared = 0;
        for (int part = 0; part < 1000; part++)
        {
            int[] trim = [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];
            for (int i = 0; i < trim.Length; i++)
            {
                trim[i] = (int)(trim[i] * (0.95 + (0.1 * random.NextDouble())));
            }

            Bmp280Calibration calibration = new();
            Assert.IsTrue(calibration.Load(VirtualBmp280.Encode(trim)));
            for (int i = 0; i < 100; i++)
            {
                // with oversampling x1 the part sends 16 bits, the lower four of the 20 are zero (datasheet 3.3.1 and 3.3.2)
                int rawTemperature = random.Next(1 << 16) << 4;
                int rawPressure = random.Next(1 << 16) << 4;
                (double celsius, double pascals) = VirtualBmp280.Compensate(trim, rawTemperature, rawPressure);
                if (celsius is < -40 or > 85 || pascals is < 30_000 or > 110_000)
                {
                    continue;
                }

                compared++;
                int fine = calibration.FineTemperature(rawTemperature);
                worstMilliC = Math.Max(worstMilliC, Math.Abs(Bmp280Calibration.ToMilliC(fine) - (1000 * celsius)));
                worstPa = Math.Max(worstPa, Math.Abs((calibration.PressureQ8(rawPressure, fine) / 256.0) - pascals));
            }
        }

        Assert.IsTrue(compared > 5000, $"{compared}");
        Assert.IsTrue(worstMilliC < 1.5, $"{worstMilliC} mC");
        Assert.IsTrue(worstPa < 0.15, $"{worstPa} Pa");
    }

    [TestMethod]
    public static void Altitude_is_exact_to_a_millimetre()
    {
        double worst = 0;
        for (int seaLevelPa = 85_000; seaLevelPa <= 110_000; seaLevelPa += 2_500)
        {
            for (int pascals = 25_000; pascals <= 120_000; pascals += 7)
            {
                double exact = 288.15 / 0.0065 * (1 - Math.Pow((double)pascals / seaLevelPa, 287.05287 * 0.0065 / 9.80665)) * 1000;
                worst = Math.Max(worst, Math.Abs(StandardAtmosphere.AltitudeMilliM(pascals, seaLevelPa) - exact));
            }
        }

        Assert.IsTrue(worst < 1, $"{worst} mm");
    }

    private static (Bmp280 Sensor, VirtualBmp280 Chip) Open(VirtualBoard board)
    {
        Configuration.SetPinFunction(SdaPin, DeviceFunction.I2C1_DATA);
        Configuration.SetPinFunction(SclPin, DeviceFunction.I2C1_CLOCK);
        VirtualBmp280 chip = new(board);
        board.I2c.Attach(Bmp280.DefaultAddress, chip);
        return (new Bmp280(I2cDevice.Create(new I2cConnectionSettings(1, Bmp280.DefaultAddress))), chip);
    }

    private static void Measure(Bmp280 sensor, ManualBoardTime time)
    {
        Assert.IsTrue(sensor.Begin(time.TotalMs));
        OnBoard.Finish(sensor.Poll, time);
    }

    private static void RequireFailure(Bmp280 sensor, ManualBoardTime time, DriverError error)
    {
        long began = time.TotalMs;
        Measure(sensor, time);
        Assert.AreEqual((int)error, (int)sensor.Error);
        Assert.IsFalse(sensor.HasReading, "an old value must not pass for a new one");
        Assert.IsTrue(time.TotalMs - began < 200, $"{time.TotalMs - began} ms");
    }

    private static void RequireReading(Bmp280 sensor, int milliC, int pascals)
    {
        Assert.AreEqual((int)DriverError.None, (int)sensor.Error);
        Assert.IsTrue(sensor.HasReading);

        // the part's steps at oversampling x1 are 5 millidegrees and 2.6 pascals, in the cold up to 3.1; a step of temperature moves the pressure, too
        Assert.IsTrue(Math.Abs(sensor.TemperatureMilliC - milliC) <= 4, $"{sensor.TemperatureMilliC} for {milliC}");
        Assert.IsTrue(Math.Abs(sensor.PressurePa - pascals) <= 3, $"{sensor.PressurePa} for {pascals}");
    }

    /// <summary>A part with the right id whose calibration reads as one value, or as another at each read if the value is no byte.</summary>
    private sealed class SpoiltChip(int filler) : IVirtualI2cChip
    {
        private byte _register;
        private byte _reads;

        public bool Write(ReadOnlySpan<byte> data)
        {
            _register = data[0];
            return true;
        }

        public bool Read(Span<byte> data)
        {
            byte spoilt = filler <= byte.MaxValue ? (byte)filler : ++_reads;
            data.Fill(_register switch { 0xD0 => VirtualBmp280.DefaultChipId, 0x88 => spoilt, _ => 0 });
            return true;
        }
    }
}
