// The application, put together: the Thing, its connection, its features, the loop that drives them, and the sleep in between.
// What a test replaces comes in through the constructor: clock, storage, connector, UDP port.

using System;
using Firmware.Connectivity;
using Firmware.Cycle;
using Firmware.Features;
using Firmware.Features.Coap;
using Firmware.Features.Web;
using Firmware.Protocols.Coap;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware
{
    /// <summary>Everything that runs on a device, from one boot to the next.</summary>
    public sealed class Application
    {
        private readonly Sleeper _sleeper;
        private WakeCause _cause;

        /// <summary>Opens the hardware, restores what was saved and puts everything together; nothing runs yet.</summary>
        /// <param name="configuration">Checked.</param>
        /// <param name="clock">Time and waiting.</param>
        /// <param name="storage">Where state is saved.</param>
        /// <param name="random">Jitter and keys.</param>
        /// <param name="connector">Opens connections to the broker.</param>
        /// <param name="port">The UDP port of the CoAP server.</param>
        /// <param name="web">The TCP port of the HTTP server.</param>
        /// <param name="guests">What the CoAP server serves besides the Thing; null for nothing.</param>
        public Application(DeviceConfiguration configuration, Clock clock, Storage storage, Random random, IConnector connector, IDatagramPort port, IStreamPort web, ICoapGuests guests)
        {
            Board board = new Board(configuration);
            ReadingResource temperature = new ReadingResource("temperature", 1, "Cel", "degrees Celsius");
            ReadingResource humidity = new ReadingResource("humidity", 1, "%RH", "percent relative humidity");
            ReadingResource battery = new ReadingResource("battery", 3, "V", "volts");
            DoorbellResource doorbell = new DoorbellResource(board.Button, clock);
            Barometer barometer = board.Pressure == null ? null : new Barometer(board.Pressure);
            Resource[] resources =
            {
                new LedResource(board.Led),
                new LightResource(board.Light),
                new ToasterResource(board.Toaster, configuration.ToasterMaxSeconds, configuration.ToasterOffWhenOffline),
                doorbell,
                temperature,
                humidity,
                battery,
            };
            Thing = new ResourceTree(barometer == null ? resources : With(resources, barometer));

            bool sleeps = configuration.SleepPolicy != SleepPolicy.AlwaysOn;
            SleepState state = sleeps ? new SleepState() : null;
            Cloud = new CloudConnection(configuration, connector, Thing, random);
            Outbox = new StoredOutbox(storage, Cloud, state);
            CommandIds past = new CommandIds(Limits.CommandIds, Limits.CommandId);
            new Commands(configuration, Thing, Cloud.Router, Outbox, past);
            Telemetry telemetry = new Telemetry(configuration, Thing, Outbox, clock, board.Climate, barometer, board.Battery, temperature, humidity, battery);
            Events events = new Events(configuration, Thing, Outbox, clock);
            if (configuration.FleetTopic != null)
            {
                new FleetMember(configuration, barometer.Altitude, Cloud.Router, Outbox);
            }

            Outbox.Restore();
            CoapResource[] views = configuration.CoapEnabled || configuration.HttpEnabled ? ThingViews.Create(configuration, Thing, clock, past) : null;
            Door = configuration.CoapEnabled ? new CoapDoor(configuration, Thing, views, clock, port, random, guests) : null;
            WebDoor webDoor = configuration.HttpEnabled ? new WebDoor(configuration, Thing, views, past, clock, web) : null;

            // the order matters: changes are told in the turn in which they happen, and the state of the cycle is saved with the outbox
            IFeature[] features = new IFeature[5 + (sleeps ? 1 : 0) + (Door != null ? 1 : 0) + (webDoor != null ? 1 : 0) + (board.StatusLed != null ? 1 : 0)];
            int count = 0;
            features[count++] = Thing;
            features[count++] = telemetry;
            features[count++] = events;
            Loop = new Loop(clock, features);
            if (sleeps)
            {
                Cycle = new SleepCycle(configuration, clock, Thing, doorbell, Cloud, Outbox, telemetry, state, random, Loop);
                features[count++] = Cycle;
                _sleeper = new Sleeper(configuration, board.Button);
                _cause = _sleeper.Cause();
            }

            features[count++] = Cloud;
            features[count++] = Outbox;
            if (Door != null)
            {
                features[count++] = Door;
            }

            if (webDoor != null)
            {
                features[count++] = webDoor;
            }

            if (board.StatusLed != null)
            {
                // the last one, so that it shows the state that the others leave
                features[count] = new StatusLight(board.StatusLed, Cloud, telemetry, clock.NowMs);
            }

            board.Button.Edge += Loop.Wake;
        }

        /// <summary>The resources.</summary>
        public ResourceTree Thing { get; }

        /// <summary>The connection to the broker.</summary>
        public CloudConnection Cloud { get; }

        /// <summary>What waits to be published.</summary>
        public StoredOutbox Outbox { get; }

        /// <summary>The CoAP server; null if it is switched off.</summary>
        public CoapDoor Door { get; }

        /// <summary>The sleep cycle; null with the policy "always-on".</summary>
        public SleepCycle Cycle { get; }

        /// <summary>Drives everything.</summary>
        public Loop Loop { get; }

        /// <summary>Runs until the device is stopped or goes into deep sleep, which does not return.</summary>
        public void Run()
        {
            while (true)
            {
                if (Cycle != null)
                {
                    Cycle.Wake(_cause);
                }

                Loop.Run();
                if (Cycle == null || Loop.IsStopRequested)
                {
                    return;
                }

                _cause = SleepNow();
            }
        }

        // at the end, so that the others keep their places in the state that a sleeping Thing saves
        private static Resource[] With(Resource[] resources, Barometer barometer)
        {
            Resource[] all = new Resource[resources.Length + 2];
            Array.Copy(resources, 0, all, 0, resources.Length);
            all[resources.Length] = barometer.Pressure;
            all[resources.Length + 1] = barometer.Altitude;
            return all;
        }

        private WakeCause SleepNow()
        {
            if (Cycle.HasConnected)
            {
                // the radio still sends what TCP holds: without this the broker could miss DISCONNECT and publish the last will
                Loop.Rest(Limits.SleepFlushMs);
            }

            long milliseconds = Cycle.SleepMs();
            if (milliseconds == 0)
            {
                return WakeCause.Timer;
            }

            Cycle.Tell(milliseconds);
            if (_sleeper.TrySleep(milliseconds))
            {
                // memory is there: whatever woke the chip, it is no first boot
                WakeCause cause = _sleeper.Cause();
                return cause == WakeCause.FirstBoot ? WakeCause.Timer : cause;
            }

            Loop.Rest(milliseconds < Limits.SleepHeldMs ? (int)milliseconds : Limits.SleepHeldMs);
            return WakeCause.Timer;
        }
    }
}
