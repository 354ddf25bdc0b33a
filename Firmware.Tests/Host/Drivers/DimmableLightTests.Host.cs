// DimmableLight on a virtual PWM pin.

using System.Device.Pwm;
using Firmware.Drivers;
using nanoFramework.Hardware.Esp32;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class DimmableLightTests
{
    private const int Gpio = 25;

    [TestMethod]
    public static void Is_off_at_construction_although_a_channel_begins_at_half() => OnBoard.Run((board, _) =>
    {
        DimmableLight light = new(OpenChannel());
        Assert.AreEqual(0, light.Percent);
        Assert.AreEqual(0, board.Pins[Gpio].PwmDutyPercent);
        Assert.IsFalse(board.Pins[Gpio].Level);
    });

    [TestMethod]
    public static void Sets_every_percent_and_refuses_others() => OnBoard.Run((board, _) =>
    {
        DimmableLight light = new(OpenChannel());
        for (int percent = 100; percent >= 0; percent--)
        {
            Assert.IsTrue(light.SetPercent(percent));
            Assert.AreEqual(percent, light.Percent);
            Assert.AreEqual(percent, board.Pins[Gpio].PwmDutyPercent);
        }

        light.SetPercent(42);
        foreach (int wrong in new[] { -1, 101, int.MinValue, int.MaxValue })
        {
            Assert.IsFalse(light.SetPercent(wrong));
            Assert.AreEqual(42, light.Percent);
            Assert.AreEqual(42, board.Pins[Gpio].PwmDutyPercent);
        }
    });

    [TestMethod]
    public static void Knows_on_off_and_its_dim_level() => OnBoard.Run((board, _) =>
    {
        DimmableLight light = new(OpenChannel());
        light.Dim();
        Assert.AreEqual(30, board.Pins[Gpio].PwmDutyPercent);
        light.On();
        Assert.AreEqual(100, board.Pins[Gpio].PwmDutyPercent);
        light.Off();
        Assert.AreEqual(0, board.Pins[Gpio].PwmDutyPercent);
        light = new DimmableLight(OpenChannel(), 7);
        light.Dim();
        Assert.AreEqual(7, board.Pins[Gpio].PwmDutyPercent);
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new DimmableLight(OpenChannel(), 0));
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new DimmableLight(OpenChannel(), 100));
    });

    private static PwmChannel OpenChannel()
    {
        Configuration.SetPinFunction(Gpio, DeviceFunction.PWM1);
        return PwmChannel.CreateFromPin(Gpio, 1000)!;
    }
}
