// The firmware from top to bottom: configuration, board, Thing, connection, features, loop.

using System;
using Firmware.Settings;
using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Features.Coap;
using Firmware.Things;
using nanoFramework.Runtime.Native;

namespace Firmware
{
    /// <summary>Entry point of the device; the Simulator calls <see cref="Run"/> with a clock and a storage of its own.</summary>
    public static class Program
    {
        /// <summary>Starts the firmware on a device. Never returns there: if it cannot work it says so and waits for a new configuration and a restart.</summary>
        public static void Main()
        {
            Run(new Clock(), new Storage(Storage.InternalDrive), new Random(), null);
        }

        /// <summary>Runs the firmware until the device stops.</summary>
        /// <param name="clock">Time and waiting.</param>
        /// <param name="storage">Configuration and certificates.</param>
        /// <param name="random">Jitter and keys; seeded by a test.</param>
        /// <param name="guests">What the CoAP server serves besides the Thing: the Simulator's plugtest resources; null for nothing.</param>
        public static void Run(Clock clock, Storage storage, Random random, ICoapGuests guests)
        {
            try
            {
                RunConfigured(ConfigurationReader.Read(storage), clock, storage, random, guests);
            }
            catch (ConfigurationException e)
            {
                // nothing has been opened that could do harm; a restart would only repeat it
                Log.Warning("cannot start: " + e.Message);
            }
        }

        private static void RunConfigured(DeviceConfiguration configuration, Clock clock, Storage storage, Random random, ICoapGuests guests)
        {
            Log.Info(configuration.ThingName + " starts; static buffers " + Limits.StaticBuffers + " bytes");
            Credentials credentials = CredentialsReader.Read(configuration, storage);
            Board board = new Board(configuration);

            ReadingResource temperature = new ReadingResource("temperature", 1, "Cel", "degrees Celsius");
            ReadingResource humidity = new ReadingResource("humidity", 1, "%RH", "percent relative humidity");
            ReadingResource battery = new ReadingResource("battery", 3, "V", "volts");
            ResourceTree thing = new ResourceTree(new Resource[]
            {
                new LedResource(board.Led),
                new LightResource(board.Light),
                new ToasterResource(board.Toaster, configuration.ToasterMaxSeconds, configuration.ToasterOffWhenOffline),
                new DoorbellResource(board.Button, clock),
                temperature,
                humidity,
                battery,
            });

            Dialer dialer = new Dialer(configuration, credentials, clock);
            CloudConnection cloud = new CloudConnection(configuration, new Connector(dialer), thing, random);
            StoredOutbox outbox = new StoredOutbox(storage, cloud);
            CommandIds past = new CommandIds(Limits.CommandIds, Limits.CommandId);
            new Commands(configuration, thing, cloud.Router, outbox, past);
            Telemetry telemetry = new Telemetry(configuration, thing, outbox, clock, board.Climate, board.Battery, temperature, humidity, battery);
            Events events = new Events(configuration, thing, outbox, clock);

            outbox.Restore();

            UdpPort udp = new UdpPort(configuration.CoapPort, configuration.CoapMulticast);
            IFeature[] features = configuration.CoapEnabled
                ? new IFeature[] { thing, telemetry, events, cloud, outbox, new CoapDoor(configuration, thing, past, clock, udp, random, guests) }
                : new IFeature[] { thing, telemetry, events, cloud, outbox };
            Loop loop = new Loop(clock, features);
            board.Button.Edge += loop.Wake;
            udp.Arrived += loop.Wake;
            RebootEventHandler stop = () => loop.StopAndWait(Limits.StopMs);
            Power.OnRebootEvent += stop;
            loop.Run();
        }
    }
}
