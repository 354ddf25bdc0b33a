// Battery on a virtual ADC channel.

using System.Device.Adc;
using Firmware.Drivers;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class BatteryTests
{
    [DataRow(3_900, 63)]
    [DataRow(4_250, 100)]
    [DataRow(3_000, 0)]
    public static void Reads_the_cell_behind_the_divider(int milliVolts, int percent) => OnBoard.Run((board, _) =>
    {
        Battery battery = new(new AdcController().OpenChannel(VirtualAdc.BatteryChannel));
        Assert.AreEqual(0, battery.MilliVolts);
        board.Environment.BatteryMilliVolts = milliVolts;

        // one step of the converter is 1.6 mV of the battery
        Assert.IsTrue(Math.Abs(battery.ReadMilliVolts() - milliVolts) <= 2, $"{battery.MilliVolts}");
        Assert.AreEqual(battery.ReadMilliVolts(), battery.MilliVolts);
        Assert.AreEqual(percent, battery.Percent);
    });

    [TestMethod]
    public static void Averages_eight_conversions() => OnBoard.Run((board, _) =>
    {
        int conversions = 0;
        board.Adc.Wire(3, () => conversions++ % 2 == 0 ? 1000 : 2000);
        Battery battery = new(new AdcController().OpenChannel(3), 4095, 1, 1);
        Assert.AreEqual(1500, battery.ReadMilliVolts());
        Assert.AreEqual(8, conversions);
    });

    [DataRow(0, 2, 1)]
    [DataRow(10_001, 2, 1)]
    [DataRow(3300, 0, 1)]
    [DataRow(3300, 1001, 1)]
    [DataRow(3300, 2, 0)]
    [DataRow(3300, 2, 1001)]
    public static void Refuses_a_divider_that_cannot_be(int fullScaleMilliVolts, int numerator, int denominator) => OnBoard.Run((_, _) =>
    {
        AdcChannel channel = new AdcController().OpenChannel(VirtualAdc.BatteryChannel);
        Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new Battery(channel, fullScaleMilliVolts, numerator, denominator));
    });
}
