// Shows on the status LED how the Thing is; docs/wiring.md has the codes. The errors are numbered for whoever counts blinks: the most basic one first,
// since without a connection nobody else is told.
// Leaves out: a configuration that cannot be used. The LED's pin is then not known, and it stays dark.

using Firmware.Connectivity;
using Firmware.Drivers;

namespace Firmware.Features
{
    /// <summary>Drives the status LED. Not there without one.</summary>
    public sealed class StatusLight : IFeature
    {
        /// <summary>Blinks while the last connection failed or was lost and the next attempt is waited for.</summary>
        public const int NoConnection = 1;

        /// <summary>Blinks while online without temperature and humidity.</summary>
        public const int NoClimate = 2;

        /// <summary>Blinks while online without pressure, on a board that has the part.</summary>
        public const int NoPressure = 3;

        private readonly StatusLed _led;
        private readonly CloudConnection _cloud;
        private readonly Telemetry _telemetry;

        /// <summary>Creates the feature and lights the LED: the firmware starts.</summary>
        /// <param name="led">The LED.</param>
        /// <param name="cloud">Whose state is shown; polled before this feature in each turn.</param>
        /// <param name="telemetry">Whose sensors may fail.</param>
        /// <param name="nowMs">The time since boot.</param>
        public StatusLight(StatusLed led, CloudConnection cloud, Telemetry telemetry, long nowMs)
        {
            _led = led;
            _cloud = cloud;
            _telemetry = telemetry;
            _led.Show(StatusLedState.Booting, nowMs);
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get { return _led.NextDeadlineMs; }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return false; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return true; }
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            switch (_cloud.State)
            {
                case CloudState.Waiting:
                    ShowWaiting(nowMs);
                    break;
                case CloudState.Online:
                    ShowOnline(nowMs);
                    break;
                case CloudState.Stopping:
                case CloudState.Stopped:
                    _led.Show(StatusLedState.Off, nowMs);
                    break;
                default:
                    _led.Show(StatusLedState.Connecting, nowMs);
                    break;
            }

            _led.Poll(nowMs);
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            // what the light shows in light sleep, and after the end
            _led.Show(StatusLedState.Off, nowMs);
        }

        // the first attempt begins in the first turn, before this is asked: who waits has failed, unless the sleep cycle wants no connection
        private void ShowWaiting(long nowMs)
        {
            if (_cloud.IsWanted)
            {
                _led.ShowError(NoConnection, nowMs);
            }
            else
            {
                _led.Show(StatusLedState.Off, nowMs);
            }
        }

        private void ShowOnline(long nowMs)
        {
            if (_telemetry.IsClimateFailing)
            {
                _led.ShowError(NoClimate, nowMs);
            }
            else if (_telemetry.IsPressureFailing)
            {
                _led.ShowError(NoPressure, nowMs);
            }
            else
            {
                _led.Show(StatusLedState.Online, nowMs);
            }
        }
    }
}
