// Measures on a schedule and publishes the readings as one JSON object: {"time":1795471015,"temperature":21.5,"humidity":45,"battery":3.9}.
// The time, in seconds since 1970 UTC, is there if the date is set: a reading may leave much later than it was taken.
// A sensor that fails is left out and reported once; the rest goes on.

using Firmware.Settings;
using Firmware.Connectivity;
using Firmware.Cycle;
using Firmware.Drivers;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Things;

namespace Firmware.Features
{
    /// <summary>Periodic readings.</summary>
    public sealed class Telemetry : IFeature
    {
        private readonly ResourceTree _resources;
        private readonly StoredOutbox _outbox;
        private readonly Clock _clock;
        private readonly Sht3x _climate;
        private readonly Barometer _barometer;
        private readonly Battery _battery;
        private readonly ReadingResource _temperature;
        private readonly ReadingResource _humidity;
        private readonly ReadingResource _batteryVolts;
        private readonly int _topic;
        private readonly int _periodMs;
        private readonly JsonWriter _payload = new JsonWriter(new byte[Limits.Payload]);
        private DriverError _lastError;
        private long _nextMs;
        private bool _measuring;
        private SleepState _state;

        /// <summary>Creates the feature. The resources it fills are part of the tree.</summary>
        /// <param name="configuration">Topic and period.</param>
        /// <param name="resources">The tree, whose readings are published.</param>
        /// <param name="outbox">Where they are published.</param>
        /// <param name="clock">The date.</param>
        /// <param name="climate">Measures temperature and humidity.</param>
        /// <param name="barometer">Measures pressure and altitude at the same time; null on a board without the part.</param>
        /// <param name="battery">Measures the battery.</param>
        /// <param name="temperature">Filled with tenths of a degree Celsius.</param>
        /// <param name="humidity">Filled with tenths of a percent of relative humidity.</param>
        /// <param name="batteryVolts">Filled with millivolts.</param>
        public Telemetry(DeviceConfiguration configuration, ResourceTree resources, StoredOutbox outbox, Clock clock, Sht3x climate, Barometer barometer, Battery battery,
            ReadingResource temperature, ReadingResource humidity, ReadingResource batteryVolts)
        {
            _resources = resources;
            _outbox = outbox;
            _clock = clock;
            _climate = climate;
            _barometer = barometer;
            _battery = battery;
            _temperature = temperature;
            _humidity = humidity;
            _batteryVolts = batteryVolts;
            _topic = outbox.AddTopic(Bytes.FromString(configuration.TelemetryTopic), configuration.TelemetryPolicy);
            _periodMs = configuration.TelemetrySeconds * 1000;
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get { return _measuring ? NextOfSensors() : _state != null ? long.MaxValue : _nextMs; }
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

        /// <summary>The state of the sleep cycle, which then says when to measure, and whose numbers the readings carry; null without one.</summary>
        public SleepState State
        {
            get { return _state; }
            set
            {
                _state = value;
                _nextMs = long.MaxValue;
            }
        }

        /// <summary>True until the measurement that is under way has been published.</summary>
        public bool IsMeasuring
        {
            get { return _measuring; }
        }

        /// <summary>True if the last measurement of temperature and humidity failed.</summary>
        public bool IsClimateFailing
        {
            get { return _lastError != DriverError.None; }
        }

        /// <summary>True if the last measurement of the pressure failed.</summary>
        public bool IsPressureFailing
        {
            get { return _barometer != null && _barometer.IsFailing; }
        }

        /// <summary>The battery at the last measurement, millivolts; 0 before the first.</summary>
        public int BatteryMilliVolts
        {
            get { return _batteryVolts.HasState ? _batteryVolts.Value : 0; }
        }

        /// <summary>Measures now, out of the own schedule.</summary>
        /// <param name="nowMs">The time since boot.</param>
        /// <param name="nextMs">When it will be the next time: how long a failed sensor has no value.</param>
        public void Measure(long nowMs, long nextMs)
        {
            _nextMs = nextMs;
            Begin(nowMs);
        }

        /// <summary>Whether the last temperature is beyond one of two thresholds.</summary>
        /// <param name="below">The lower one, whole degrees Celsius.</param>
        /// <param name="above">The upper one, whole degrees Celsius.</param>
        /// <param name="margin">How far it must be within both, tenths of a degree, not to count as beyond.</param>
        /// <returns>False also without a temperature.</returns>
        public bool IsBeyond(int below, int above, int margin)
        {
            return _temperature.HasState && (_temperature.Value < (below * 10) + margin || _temperature.Value > (above * 10) - margin);
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            if (_state == null && !_measuring && nowMs >= _nextMs)
            {
                // counted from the last one that was due, so that the schedule does not drift; missed ones are not made up for
                _nextMs += _periodMs;
                if (_nextMs <= nowMs)
                {
                    _nextMs = nowMs + _periodMs;
                }

                Begin(nowMs);
            }

            if (_measuring)
            {
                _climate.Poll(nowMs);
                if (_barometer != null)
                {
                    _barometer.Poll(nowMs);
                }

                if (!_climate.IsMeasuring && (_barometer == null || !_barometer.IsMeasuring))
                {
                    _measuring = false;
                    TakeReadings();
                    Publish(nowMs);
                }
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
        }

        private void Begin(long nowMs)
        {
            _climate.Begin(nowMs);
            if (_barometer != null)
            {
                _barometer.Begin(nowMs);
            }

            _measuring = true;
        }

        private long NextOfSensors()
        {
            return _barometer != null && _barometer.NextDeadlineMs < _climate.NextDeadlineMs ? _barometer.NextDeadlineMs : _climate.NextDeadlineMs;
        }

        private void TakeReadings()
        {
            DriverError error = _climate.Error;
            if (error == DriverError.None)
            {
                _temperature.Set(ToTenths(_climate.TemperatureMilliC));
                _humidity.Set(ToTenths(_climate.HumidityMilliPercent));
            }
            else
            {
                _temperature.Clear(_nextMs);
                _humidity.Clear(_nextMs);
            }

            if (error != _lastError)
            {
                _lastError = error;
                if (error == DriverError.None)
                {
                    Log.Info("the SHT3x answers again");
                }
                else
                {
                    Log.Warning("no temperature: the SHT3x does not answer as it should (driver error " + ((int)error).ToString() + "): check its wiring, SDA, SCL and address 0x44");
                }
            }

            if (_barometer != null)
            {
                _barometer.TakeReadings(_nextMs);
            }

            _batteryVolts.Set(_battery.ReadMilliVolts());
        }

        // the sensor is exact to 0.2 degrees and 2 percent (datasheet, table 1 and 2): more digits would be noise on the air
        private static int ToTenths(int milli)
        {
            return (milli + (milli < 0 ? -50 : 50)) / 100;
        }

        private void Publish(long nowMs)
        {
            _payload.Reset();
            _payload.BeginObject();
            TimeStamp.Write(_payload, _clock);
            if (_state != null)
            {
                _state.Number++;
                _payload.Name(Words.Number);
                _payload.Int(_state.Number);
            }

            for (int i = 0; i < _resources.Count; i++)
            {
                Resource resource = _resources.At(i);
                if (!resource.TellsChanges && resource.HasState)
                {
                    resource.WriteState(_payload, nowMs);
                }
            }

            _payload.EndObject();
            if (!_outbox.Put(_topic, _payload.Buffer, _payload.Length))
            {
                Log.Warning("a reading is lost: the outbox is full (outbox.telemetry)");
            }
        }
    }
}
