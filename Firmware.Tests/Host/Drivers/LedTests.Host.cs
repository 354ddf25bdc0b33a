// Led on a virtual pin.

using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

[TestClass]
public static class LedTests
{
    private const int Gpio = 2;

    [DataRow(false)]
    [DataRow(true)]
    public static void Is_off_at_construction_and_follows_its_methods(bool activeLow) => OnBoard.Run((board, _) =>
    {
        Led led = new(OnBoard.Open(Gpio), activeLow);
        Require(on: false);
        led.On();
        Require(on: true);
        led.On();
        Require(on: true);
        led.Toggle();
        Require(on: false);
        led.Toggle();
        Require(on: true);
        led.Off();
        Require(on: false);

        void Require(bool on)
        {
            Assert.AreEqual(on, led.IsOn);
            Assert.AreEqual(on != activeLow, board.Pins[Gpio].Level);
        }
    });

    [DataRow(false)]
    [DataRow(true)]
    public static void Does_nothing_for_the_state_it_has(bool activeLow) => OnBoard.Run((board, _) =>
    {
        Led led = new(OnBoard.Open(Gpio), activeLow);
        led.On();
        int changes = 0;
        board.Pins[Gpio].Changed += (_, _) => changes++;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            led.On();
        }

        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.AreEqual(0, changes);
        led.Off();
        led.Off();
        Assert.AreEqual(1, changes);
        Assert.AreEqual(activeLow, board.Pins[Gpio].Level);
        Assert.AreEqual(0, board.Pins[Gpio].ReadCount);
    });
}
