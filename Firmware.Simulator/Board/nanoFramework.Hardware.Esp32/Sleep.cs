// nanoFramework.Hardware.Esp32.Sleep over the virtual board: wake-up sources, deep and light sleep.
// Left out: touch pads, UART wake-up, holding pins through sleep, RTC memory (nanoFramework has no API for it).

using Firmware.Simulator.Board;

namespace nanoFramework.Hardware.Esp32;

/// <summary>Sleep functions of the ESP32.</summary>
public partial class Sleep
{
    // GPIOs with an RTC pad, the only ones that can wake the chip (ESP32 datasheet, RTC_GPIO table)
    private const ulong RtcPins = (1UL << 0) | (1UL << 2) | (1UL << 4) | (0xFUL << 12) | (7UL << 25) | (0xFFUL << 32);

    /// <summary>Wake up after a time. Stays enabled for later sleeps of this boot.</summary>
    /// <param name="time">Time asleep.</param>
    /// <returns>OK, or INVALID_ARG for a negative time.</returns>
    public static EspNativeError EnableWakeupByTimer(TimeSpan time)
    {
        WakeupSources sources = Boot.Current.State<WakeupSources>();
        if (time < TimeSpan.Zero)
        {
            return EspNativeError.INVALID_ARG;
        }

        sources.TimerMs = (long)time.TotalMilliseconds;
        return EspNativeError.OK;
    }

    /// <summary>Wake up by a level on one pin (EXT0).</summary>
    /// <param name="pin">One pin; of several the highest counts, None changes nothing.</param>
    /// <param name="level">0 for low, else high.</param>
    /// <returns>OK, or INVALID_ARG for a pin without RTC pad.</returns>
    public static EspNativeError EnableWakeupByPin(WakeupGpioPin pin, int level)
    {
        WakeupSources sources = Boot.Current.State<WakeupSources>();
        if (pin == WakeupGpioPin.None)
        {
            return EspNativeError.OK;
        }

        int gpio = System.Numerics.BitOperations.Log2((ulong)pin);
        if ((RtcPins & (1UL << gpio)) == 0)
        {
            return EspNativeError.INVALID_ARG;
        }

        sources.Ext0Pin = gpio;
        sources.Ext0Level = level != 0;
        return EspNativeError.OK;
    }

    /// <summary>Wake up by several pins together (EXT1).</summary>
    /// <param name="pins">The pins.</param>
    /// <param name="mode">How they wake.</param>
    /// <returns>OK, or INVALID_ARG for no pin or a pin without RTC pad.</returns>
    public static EspNativeError EnableWakeupByMultiPins(WakeupGpioPin pins, WakeupMode mode)
    {
        WakeupSources sources = Boot.Current.State<WakeupSources>();
        if (pins == WakeupGpioPin.None || ((ulong)pins & ~RtcPins) != 0)
        {
            return EspNativeError.INVALID_ARG;
        }

        sources.Ext1Pins = (ulong)pins;
        sources.Ext1Mode = mode;
        return EspNativeError.OK;
    }

    /// <summary>Stops until a wake-up source fires, keeping pins and memory. Only the calling thread is stopped here.</summary>
    /// <returns>OK after waking; INVALID_STATE while Wi-Fi is connected.</returns>
    public static EspNativeError StartLightSleep()
    {
        Boot boot = Boot.Current;
        if (boot.Board.Wifi.Connected)
        {
            return EspNativeError.INVALID_STATE;
        }

        using ManualResetEvent awake = new(false);
        using WakeupWatch watch = boot.State<WakeupSources>().Watch(boot.Board);
        boot.Board.NoteLightSleep(watch);
        watch.Begin((cause, pins) =>
        {
            boot.WakeupCause = (int)cause;
            boot.WakeupPins = pins;
            try
            {
                awake.Set();
            }
            catch (ObjectDisposedException)
            {
                // the sleeper lost power at the same moment
            }
        });
        try
        {
            boot.Board.Time.Wait(awake, Timeout.Infinite);
        }
        finally
        {
            boot.Board.NoteLightSleep(null);
        }

        return EspNativeError.OK;
    }

    /// <summary>Ends the program until a wake-up source fires; then it starts again as after a reset. Never returns. Without a source it sleeps for ever.</summary>
    /// <exception cref="BoardPoweredOffException">Always: the way in which the calling thread ends.</exception>
    public static void StartDeepSleep()
    {
        Boot boot = Boot.Current;
        boot.Board.EnterDeepSleep(boot, boot.State<WakeupSources>());
        throw new BoardPoweredOffException(boot.Board.Name, boot.EndReason);
    }

    /// <summary>What ended the last sleep.</summary>
    /// <returns>The cause; Undefined after power-on or reset.</returns>
    public static WakeupCause GetWakeupCause() => (WakeupCause)Boot.Current.WakeupCause;

    /// <summary>The pins that ended the last sleep by EXT1.</summary>
    /// <returns>The pins; None for any other cause, EXT0 included.</returns>
    public static WakeupGpioPin GetWakeupGpioPin() => (WakeupGpioPin)Boot.Current.WakeupPins;
}
