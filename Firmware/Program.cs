// The firmware from its entry: configuration, credentials, what blocks, the application (Application.cs), its end.

using System;
using Firmware.Settings;
using Firmware.Connectivity;
using Firmware.Features.Coap;
using Firmware.Protocols.Tls;
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
            bool usesEngine = configuration.TlsKind == TlsKind.Engine;
            Log.Info(configuration.ThingName + " starts; static buffers " + (Limits.StaticBuffers + (usesEngine ? Limits.TlsBuffers : 0) + (configuration.HttpEnabled ? Limits.HttpBuffers : 0) + (configuration.HttpsPublish ? Limits.HttpsBuffers : 0) + (configuration.WebSocketRegion != null ? Limits.WebSocketBuffers : 0)) + " bytes");
            if (TlsEngineTransport.IsEngineThere)
            {
                // after a soft reboot nobody else knows of the native memory of the connections before it
                TlsEngine.Reset();
            }

            Credentials credentials = CredentialsReader.Read(configuration, storage);
            UdpPort udp = new UdpPort(configuration.CoapPort, configuration.CoapMulticast);
            Connector connector = new Connector(new Dialer(configuration, credentials, clock, storage, random));
            Application application = new Application(configuration, clock, storage, random, connector, udp, new TcpPort(configuration.HttpPort), guests);
            udp.Arrived += application.Loop.Wake;
            RebootEventHandler stop = () => application.Loop.StopAndWait(Limits.StopMs);
            Power.OnRebootEvent += stop;
            application.Run();
        }
    }
}
