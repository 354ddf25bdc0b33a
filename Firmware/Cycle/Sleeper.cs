// Puts the chip to sleep and tells why it woke up: nanoFramework's Sleep behind the policy.
// Left out: touch pads, UART and several pins as wake-up sources; chips without EXT0 (ESP32-C3, -C6, -H2), which wake by timer only.

using System;
using Firmware.Drivers;
using Firmware.Settings;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Networking;

namespace Firmware.Cycle
{
    /// <summary>The sleeping of the chip.</summary>
    public sealed class Sleeper
    {
        private readonly DeviceConfiguration _configuration;
        private readonly Button _button;
        private bool _hasWarned;
        private bool _isPinArmed;
        private bool _wasHeld;

        /// <summary>Creates it; nothing sleeps yet.</summary>
        /// <param name="configuration">The policy and the pin of the doorbell.</param>
        /// <param name="button">The doorbell, which wakes the board.</param>
        public Sleeper(DeviceConfiguration configuration, Button button)
        {
            _configuration = configuration;
            _button = button;
        }

        /// <summary>Why the board is awake.</summary>
        /// <returns>The cause; whatever is neither timer nor doorbell counts as first boot.</returns>
        public WakeCause Cause()
        {
            switch (Sleep.GetWakeupCause())
            {
                case Sleep.WakeupCause.Timer:
                    return WakeCause.Timer;
                case Sleep.WakeupCause.Ext0:
                    return _wasHeld ? WakeCause.Timer : WakeCause.Pin;
                default:
                    return WakeCause.FirstBoot;
            }
        }

        /// <summary>Sleeps. Does not return from deep sleep: the board boots.</summary>
        /// <param name="milliseconds">How long at the most, 1 or more.</param>
        /// <returns>False if the chip refused: the caller waits awake.</returns>
        public bool TrySleep(long milliseconds)
        {
            // a button that is held down would wake the board at once, again and again: then the timer looks after it
            _wasHeld = _button.IsDown;
            if (_wasHeld && milliseconds > Limits.SleepHeldMs)
            {
                milliseconds = Limits.SleepHeldMs;
            }

            if (_wasHeld && _isPinArmed)
            {
                // in this boot the pin cannot be disarmed any more
                return false;
            }

            Sleep.EnableWakeupByTimer(TimeSpan.FromMilliseconds(milliseconds));
            if (!_wasHeld)
            {
                EnablePin();
            }

            if (_configuration.SleepPolicy == SleepPolicy.Deep)
            {
                Sleep.StartDeepSleep();
            }

            // the radio must be off before light sleep
            WifiNetworkHelper.Disconnect();
            return Sleep.StartLightSleep() == EspNativeError.OK;
        }

        private void EnablePin()
        {
            EspNativeError error;
            try
            {
                error = Sleep.EnableWakeupByPin((Sleep.WakeupGpioPin)(1UL << _configuration.ButtonPin), 0);
            }
            catch (NotSupportedException)
            {
                error = EspNativeError.NOT_SUPPORTED;
            }

            _isPinArmed = error == EspNativeError.OK;
            if (!_isPinArmed && !_hasWarned)
            {
                _hasWarned = true;
                Log.Warning("the doorbell cannot wake this chip (error " + ((int)error).ToString() + "): it is heard while the board is awake only");
            }
        }
    }
}
