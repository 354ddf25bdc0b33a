// The Thing's resources as CoAP resources: what is served, in which formats, what may be done. The CoAP door serves them as they are, the HTTP door
// maps its requests onto them (RFC 8075), so that both say the same.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Makes sensors/NAME, actuators/NAME, the collections sensors and actuators, and system.</summary>
    public static class ThingViews
    {
        /// <summary>Makes the resources; they share their buffers, so they belong to one thread.</summary>
        /// <param name="configuration">The thing's name.</param>
        /// <param name="things">What is served.</param>
        /// <param name="clock">The date.</param>
        /// <param name="past">The identifiers of commands that were run, through any door.</param>
        /// <returns>All of them.</returns>
        public static CoapResource[] Create(DeviceConfiguration configuration, ResourceTree things, Clock clock, CommandIds past)
        {
            StateWriter writer = new StateWriter();
            CoapCommands commands = new CoapCommands(things, past);
            SenMlReader pack = new SenMlReader(new JsonReader(Limits.JsonDepth), Limits.CoapName, Limits.CoapWord);
            CoapResource[] resources = new CoapResource[things.Count + 3];
            int count = 0;
            for (int i = 0; i < things.Count; i++)
            {
                resources[count++] = new ThingResource(things.At(i), writer, commands);
            }

            resources[count++] = new ThingCollection(things, false, writer, commands, pack);
            resources[count++] = new ThingCollection(things, true, writer, commands, pack);
            resources[count] = new SystemResource(configuration.ThingName, clock);
            return resources;
        }
    }
}
