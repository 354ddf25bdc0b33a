// Part: an LED with its series resistor at a GPIO pin, or anything else that one pin switches. No datasheet.
// Leaves out: brightness (see DimmableLight) and blinking (see StatusLed). The pin is written when the state changes, not to repair what others did to it.

using System.Device.Gpio;

namespace Firmware.Drivers
{
    /// <summary>An LED at a GPIO pin. Off from construction on.</summary>
    /// <remarks>The pin belongs to this driver as long as it lives. Not thread-safe.</remarks>
    public sealed class Led
    {
        private readonly GpioPin _pin;

        // kept here, because the ESP32's output modes leave the input buffer off: reading an output gives low
        private bool _isOn;

        /// <summary>Takes the pin, makes it an output and switches the LED off.</summary>
        /// <param name="pin">An open pin that can be an output. High lights the LED.</param>
        public Led(GpioPin pin)
            : this(pin, false)
        {
        }

        /// <summary>Takes the pin, makes it an output and switches the LED off.</summary>
        /// <param name="pin">An open pin that can be an output.</param>
        /// <param name="activeLow">True if low lights the LED. It then flashes for the microseconds between making the pin an output, which begins low, and the first write.</param>
        public Led(GpioPin pin, bool activeLow)
        {
            _pin = pin;
            _pin.SetPinMode(PinMode.Output);
            _pin.Write(activeLow);
        }

        /// <summary>Whether the LED is lit.</summary>
        public bool IsOn
        {
            get { return _isOn; }
        }

        /// <summary>Switches the LED on.</summary>
        public void On()
        {
            Set(true);
        }

        /// <summary>Switches the LED off.</summary>
        public void Off()
        {
            Set(false);
        }

        /// <summary>Switches the LED on if it is off, and off if it is on.</summary>
        public void Toggle()
        {
            Set(!_isOn);
        }

        private void Set(bool on)
        {
            if (on == _isOn)
            {
                return;
            }

            // Write takes a PinValue, which nanoCLR puts on the heap; Toggle takes nothing, and turns over what was written last, not what the pin reads
            _pin.Toggle();
            _isOn = on;
        }
    }
}
