// Resources that the Thing's CoAP server serves besides the Thing: none on a device; the Simulator's plugtest profile.

using Firmware.Protocols.Coap;

namespace Firmware.Features.Coap
{
    /// <summary>Further resources of the CoAP server, with a life of their own.</summary>
    public interface ICoapGuests
    {
        /// <summary>When <see cref="Poll"/> wants to be called next.</summary>
        long NextDeadlineMs { get; }

        /// <summary>Creates the resources; called once for each server.</summary>
        /// <param name="nowMs">The time.</param>
        /// <returns>The resources. Who may change them says the configuration, as for the actuators.</returns>
        CoapResource[] CreateResources(long nowMs);

        /// <summary>Does what the time brings.</summary>
        /// <param name="nowMs">The time.</param>
        void Poll(long nowMs);
    }
}
