// Who may switch actuators over CoAP. Plain CoAP proves nothing about a peer but, at best, his address: so nobody, unless the configuration
// allows the board's own subnet (OSCORE, RFC 8613, will bring keys). And nobody any more once the device has made everything safe to stop.

using Firmware.Connectivity;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Features.Coap
{
    /// <summary>Decides about requests that change something, by the setting "coap": {"write": "off" or "local"}.</summary>
    public sealed class CoapAccess : ICoapAccess
    {
        private static readonly byte[] WriteIsOff = Bytes.FromString("switching over CoAP is off; in device.json, \"coap\": {\"write\": \"local\"} allows the board's own subnet");
        private static readonly byte[] NotLocal = Bytes.FromString("switching over CoAP is for the board's own subnet only");

        private static readonly byte[] IsEnding = Bytes.FromString("the device is stopping");

        private readonly bool _allowsLocal;
        private readonly IDatagramPort _port;

        /// <summary>Creates the rule.</summary>
        /// <param name="allowsLocal">Whether the board's own subnet may.</param>
        /// <param name="port">Knows the subnet.</param>
        public CoapAccess(bool allowsLocal, IDatagramPort port)
        {
            _allowsLocal = allowsLocal;
            _port = port;
        }

        /// <summary>True once everything was made safe for the end: nothing is changed any more.</summary>
        public bool IsStopping { get; set; }

        /// <inheritdoc />
        public byte[] Refuse(CoapRequest request)
        {
            return IsStopping ? IsEnding : !_allowsLocal ? WriteIsOff : _port.IsLocal(request.From) ? null : NotLocal;
        }
    }
}
