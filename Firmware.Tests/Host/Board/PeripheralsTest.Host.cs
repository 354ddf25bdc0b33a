// PWM, ADC, I2C with a simulated SHT3x, and SpanByte.

using System.Device.Adc;
using System.Device.I2c;
using System.Device.Pwm;
using Firmware.Simulator.Board;
using nanoFramework.Hardware.Esp32;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>PWM and ADC tests.</summary>
[TestClass]
public static class PwmAndAdcTests
{
    [TestMethod]
    public static void Pwm_needs_a_pin_function_first()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            Assert.IsNull(PwmChannel.CreateFromPin(16));
            Configuration.SetPinFunction(16, DeviceFunction.PWM16);
            Assert.IsNotNull(PwmChannel.CreateFromPin(16));
            Assert.IsNull(PwmChannel.CreateFromPin(17));
        });
    }

    [TestMethod]
    public static void Pwm_shows_its_duty_while_it_runs_and_disposing_does_not_stop_it()
    {
        using Bench bench = new();
        VirtualPin pad = bench.Board.Pins[16];
        bench.Run(() =>
        {
            Configuration.SetPinFunction(16, DeviceFunction.PWM1);
            PwmChannel pwm = PwmChannel.CreateFromPin(16, 1000, 0.25)!;
            Assert.AreEqual(-1, pad.PwmDutyPercent);
            pwm.Start();
            Assert.AreEqual(25, pad.PwmDutyPercent);
            Assert.AreEqual(1000, pad.PwmFrequency);
            pwm.DutyCycle = 0.8;
            Assert.AreEqual(80, pad.PwmDutyPercent);
            Assert.IsTrue(pad.Level);
            pwm.Stop();
            Assert.AreEqual(0, pad.PwmDutyPercent);
            Assert.IsFalse(pad.Level);
            pwm.Start();
            pwm.Dispose();
            Assert.AreEqual(80, pad.PwmDutyPercent);
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => pwm.DutyCycle = 1.1);
        });
        bench.Board.CutPower();
        Assert.AreEqual(-1, pad.PwmDutyPercent);
        Assert.IsFalse(pad.Level);
    }

    [TestMethod]
    public static void The_battery_is_read_through_its_divider_on_channel_6()
    {
        using Bench bench = new();
        bench.Board.Environment.BatteryMilliVolts = 4000;
        bench.Run(() =>
        {
            AdcController adc = new();
            using AdcChannel channel = adc.OpenChannel(6);
            Assert.AreEqual(2481, channel.ReadValue());
            bench.Board.Environment.BatteryMilliVolts = 9000;
            Assert.AreEqual(4095, channel.ReadValue());
            Assert.IsTrue(channel.ReadRatio() == 1.0);
            Assert.ThrowsException(typeof(ArgumentException), () => adc.OpenChannel(20));
            channel.Dispose();
            Assert.ThrowsException(typeof(ObjectDisposedException), () => channel.ReadValue());
        });
    }
}

/// <summary>I2C tests.</summary>
[TestClass]
public static class I2cTests
{
    private static readonly byte[] Measure = [0x24, 0x00];
    private static readonly byte[] ReadStatus = [0xF3, 0x2D];
    private static readonly byte[] ClearStatus = [0x30, 0x41];
    private static readonly byte[] SoftReset = [0x30, 0xA2];

    [TestMethod]
    public static void Crc_of_the_datasheets_example_is_0x92()
    {
        // SHT3x-DIS datasheet, 4.12: CRC(0xBEEF) = 0x92
        Assert.AreEqual(0x92, (int)VirtualSht3x.Crc8([0xBE, 0xEF]));
    }

    [TestMethod]
    public static void A_measurement_takes_15_ms_and_gives_the_rooms_values()
    {
        using Bench bench = new();
        VirtualBoard board = bench.Board;
        board.I2c.Attach(VirtualSht3x.DefaultAddress, new VirtualSht3x(board));
        board.Environment.TemperatureMilliC = -12_345;
        board.Environment.HumidityMilliPercent = 67_890;
        bench.Run(() =>
        {
            I2cDevice sensor = Open();
            byte[] data = new byte[6];
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Read(data).Status);
            I2cTransferResult result = sensor.Write(Measure);
            Assert.AreEqual((int)I2cTransferStatus.FullTransfer, (int)result.Status);
            Assert.AreEqual(2u, result.BytesTransferred);
            bench.Time.Advance(14);
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Read(data).Status);
            bench.Time.Advance(1);
            Assert.AreEqual((int)I2cTransferStatus.FullTransfer, (int)sensor.Read(data).Status);
            Assert.AreEqual((int)VirtualSht3x.Crc8(data.AsSpan(0, 2)), (int)data[2]);
            Assert.AreEqual((int)VirtualSht3x.Crc8(data.AsSpan(3, 2)), (int)data[5]);
            int milliC = (int)Math.Round(-45_000 + (175_000.0 * ((data[0] << 8) | data[1]) / 65_535));
            int milliPercent = (int)Math.Round(100_000.0 * ((data[3] << 8) | data[4]) / 65_535);
            Assert.IsTrue(Math.Abs(milliC - -12_345) <= 2, $"{milliC}");
            Assert.IsTrue(Math.Abs(milliPercent - 67_890) <= 1, $"{milliPercent}");
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Read(data).Status);
        });
    }

    [TestMethod]
    public static void Status_reset_and_clear_work_as_in_the_datasheet()
    {
        using Bench bench = new();
        bench.Board.I2c.Attach(VirtualSht3x.DefaultAddress, new VirtualSht3x(bench.Board));
        bench.Run(() =>
        {
            I2cDevice sensor = Open();
            byte[] word = new byte[3];
            sensor.WriteRead(ReadStatus, word);
            Assert.AreEqual("8010", Convert.ToHexString(word, 0, 2));
            sensor.Write(ClearStatus);
            sensor.WriteRead(ReadStatus, word);
            Assert.AreEqual("0000", Convert.ToHexString(word, 0, 2));
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Write(new byte[] { 0x12, 0x34 }).Status);
            sensor.Write(SoftReset);
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Write(ReadStatus).Status);
            bench.Time.Advance(2);
            sensor.WriteRead(ReadStatus, word);
            Assert.AreEqual("8010", Convert.ToHexString(word, 0, 2));
        });
    }

    [TestMethod]
    public static void Faults_show_as_they_do_on_a_real_bus()
    {
        using Bench bench = new();
        bench.Board.I2c.Attach(VirtualSht3x.DefaultAddress, new VirtualSht3x(bench.Board));
        bench.Run(() =>
        {
            I2cDevice sensor = Open();
            byte[] word = new byte[3];
            bench.Board.I2c.SetFault(VirtualSht3x.DefaultAddress, I2cFault.Missing);
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Write(ReadStatus).Status);
            bench.Board.I2c.SetFault(VirtualSht3x.DefaultAddress, I2cFault.StuckBus);
            Assert.AreEqual((int)I2cTransferStatus.ClockStretchTimeout, (int)sensor.Write(ReadStatus).Status);
            bench.Board.I2c.SetFault(VirtualSht3x.DefaultAddress, I2cFault.CorruptCrc);
            Assert.AreEqual((int)I2cTransferStatus.FullTransfer, (int)sensor.WriteRead(ReadStatus, word).Status);
            Assert.AreNotEqual((int)VirtualSht3x.Crc8(word.AsSpan(0, 2)), (int)word[2]);
            bench.Board.I2c.SetFault(VirtualSht3x.DefaultAddress, I2cFault.None);
            sensor.WriteRead(ReadStatus, word);
            Assert.AreEqual((int)VirtualSht3x.Crc8(word.AsSpan(0, 2)), (int)word[2]);
        });
    }

    [TestMethod]
    public static void A_bus_on_the_wrong_pins_finds_nobody_and_warns()
    {
        using Bench bench = new();
        List<string> warnings = [];
        bench.Board.Warning += warnings.Add;
        bench.Board.I2c.Attach(VirtualSht3x.DefaultAddress, new VirtualSht3x(bench.Board));
        bench.Run(() =>
        {
            I2cDevice sensor = I2cDevice.Create(new I2cConnectionSettings(1, VirtualSht3x.DefaultAddress));
            Assert.AreEqual((int)I2cTransferStatus.SlaveAddressNotAcknowledged, (int)sensor.Write(ReadStatus).Status);
        });
        Assert.AreEqual(1, warnings.Count);
        Assert.Contains("GPIO18/GPIO19", warnings[0]);
    }

    [TestMethod]
    public static void Span_byte_views_a_part_of_an_array()
    {
        byte[] array = [1, 2, 3, 4, 5];
        SpanByte view = array;
        SpanByte part = view.Slice(1, 3);
        part[0] = 9;
        Assert.AreEqual(5, view.Length);
        Assert.AreEqual("090304", Convert.ToHexString(part.ToArray()));
        Assert.AreEqual(9, (int)array[1]);
        part.Slice(1).CopyTo(view);
        Assert.AreEqual("0304030405", Convert.ToHexString(array));
        Assert.IsTrue(SpanByte.Empty.IsEmpty);
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => _ = new SpanByte(array, 3, 3).Length);
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new SpanByte(array, 1, 3)[3] = 0);
    }

    private static I2cDevice Open()
    {
        Configuration.SetPinFunction(21, DeviceFunction.I2C1_DATA);
        Configuration.SetPinFunction(22, DeviceFunction.I2C1_CLOCK);
        return new I2cDevice(new I2cConnectionSettings(1, VirtualSht3x.DefaultAddress));
    }
}
