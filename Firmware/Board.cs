// The pins of the board and what is wired to them. The only place that opens hardware; docs/wiring.md has the picture.

using System.Device.Adc;
using System.Device.Gpio;
using System.Device.I2c;
using System.Device.Pwm;
using Firmware.Settings;
using Firmware.Drivers;
using nanoFramework.Hardware.Esp32;

namespace Firmware
{
    /// <summary>The drivers of everything on the board. Opening them switches every actuator off.</summary>
    public sealed class Board
    {
        // above what an eye sees as flicker, low enough for a MOSFET without driver
        private const int LightFrequencyHz = 1000;

        private const int MsPerSecond = 1000;

        // the ADC's full scale, and the divider of two equal resistors that brings the battery into it
        private const int AdcFullScaleMilliVolts = 3300;
        private const int DividerNumerator = 2;
        private const int DividerDenominator = 1;

        // ADC1 of the ESP32: GPIO 36, 37, 38, 39, 32, 33, 34, 35 are its channels 0 to 7 (datasheet, pin definitions)
        private static readonly int[] Adc1Pins = { 36, 37, 38, 39, 32, 33, 34, 35 };

        /// <summary>Opens the hardware.</summary>
        /// <param name="configuration">Which pin is what.</param>
        public Board(DeviceConfiguration configuration)
        {
            GpioController gpio = new GpioController();

            // first of all, so that a reset in the middle of a toast ends it
            Toaster = new Toaster(gpio.OpenPin(configuration.ToasterPin, PinMode.Output), configuration.ToasterMaxSeconds, configuration.ToasterRestSeconds * MsPerSecond);
            if (configuration.StatusLedPin != DeviceConfiguration.NoPin)
            {
                StatusLed = new StatusLed(gpio.OpenPin(configuration.StatusLedPin, PinMode.Output));
            }

            Led = new Led(gpio.OpenPin(configuration.LedPin, PinMode.Output));
            Configuration.SetPinFunction(configuration.LightPin, DeviceFunction.PWM1);
            Light = new DimmableLight(PwmChannel.CreateFromPin(configuration.LightPin, LightFrequencyHz, 0));
            Button = new Button(gpio.OpenPin(configuration.ButtonPin, PinMode.InputPullUp));
            Configuration.SetPinFunction(configuration.SdaPin, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(configuration.SclPin, DeviceFunction.I2C1_CLOCK);
            Climate = new Sht3x(I2cDevice.Create(new I2cConnectionSettings(1, Sht3x.DefaultAddress)));
            if (configuration.HasBmp280)
            {
                Pressure = new Bmp280(I2cDevice.Create(new I2cConnectionSettings(1, Bmp280.DefaultAddress)));
                Pressure.SetSeaLevel(configuration.SeaLevelPa);
            }

            Battery = new Battery(new AdcController().OpenChannel(AdcChannelOf(configuration.BatteryPin)), AdcFullScaleMilliVolts, DividerNumerator, DividerDenominator);
        }

        /// <summary>The toaster's relay.</summary>
        public Toaster Toaster { get; }

        /// <summary>The LED.</summary>
        public Led Led { get; }

        /// <summary>The dimmable light.</summary>
        public DimmableLight Light { get; }

        /// <summary>The doorbell.</summary>
        public Button Button { get; }

        /// <summary>Temperature and humidity.</summary>
        public Sht3x Climate { get; }

        /// <summary>Pressure and altitude; null on a board without the part.</summary>
        public Bmp280 Pressure { get; }

        /// <summary>Tells how the Thing is; null on a board without one.</summary>
        public StatusLed StatusLed { get; }

        /// <summary>The battery.</summary>
        public Battery Battery { get; }

        private static int AdcChannelOf(int pin)
        {
            for (int i = 0; i < Adc1Pins.Length; i++)
            {
                if (Adc1Pins[i] == pin)
                {
                    return i;
                }
            }

            throw new ConfigurationException("pins.battery: GPIO " + pin + " is not one of ADC1's; use 32 to 39");
        }
    }
}
