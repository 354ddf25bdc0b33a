// Part: a lamp or LED strip behind a MOSFET at a PWM pin (ESP32: an LEDC channel). No datasheet.
// Leaves out: fading, and the eye's curve: percent is of the PWM's duty, so 50 % looks brighter than half.

using System;
using System.Device.Pwm;

namespace Firmware.Drivers
{
    /// <summary>A light whose brightness a PWM channel sets. Off from construction on.</summary>
    /// <remarks>The channel belongs to this driver as long as it lives. Not thread-safe.</remarks>
    public sealed class DimmableLight
    {
        /// <summary>The dim level if none is given, percent.</summary>
        public const int DefaultDimPercent = 30;

        private const int FullPercent = 100;

        private readonly PwmChannel _channel;
        private readonly int _dimPercent;
        private int _percent;

        /// <summary>Takes the channel and switches the light off.</summary>
        /// <param name="channel">A channel at the light's pin; its frequency stays as it is.</param>
        public DimmableLight(PwmChannel channel)
            : this(channel, DefaultDimPercent)
        {
        }

        /// <summary>Takes the channel and switches the light off.</summary>
        /// <param name="channel">A channel at the light's pin; its frequency stays as it is.</param>
        /// <param name="dimPercent">What <see cref="Dim"/> sets, percent, 1 to 99.</param>
        /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimPercent"/> is out of range.</exception>
        public DimmableLight(PwmChannel channel, int dimPercent)
        {
            if (dimPercent < 1 || dimPercent >= FullPercent)
            {
                throw new ArgumentOutOfRangeException(nameof(dimPercent));
            }

            _channel = channel;
            _dimPercent = dimPercent;
            _channel.DutyCycle = 0.0;
            _channel.Start();
        }

        /// <summary>The brightness, percent of the PWM's duty, 0 to 100.</summary>
        public int Percent
        {
            get { return _percent; }
        }

        /// <summary>Sets the brightness.</summary>
        /// <param name="percent">Percent of the PWM's duty, 0 to 100.</param>
        /// <returns>False if it is out of range; the light stays as it is.</returns>
        public bool SetPercent(int percent)
        {
            if (percent < 0 || percent > FullPercent)
            {
                return false;
            }

            // the channel keeps running at 0 %: a stopped one would leave the pin's level open
            _channel.DutyCycle = percent / (double)FullPercent;
            _percent = percent;
            return true;
        }

        /// <summary>Switches the light to full brightness.</summary>
        public void On()
        {
            SetPercent(FullPercent);
        }

        /// <summary>Switches the light off.</summary>
        public void Off()
        {
            SetPercent(0);
        }

        /// <summary>Sets the dim level.</summary>
        public void Dim()
        {
            SetPercent(_dimPercent);
        }
    }
}
