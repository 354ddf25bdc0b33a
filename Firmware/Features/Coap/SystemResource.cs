// The device itself as a CoAP resource: who it is, how long it runs, what time it believes it is.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;

namespace Firmware.Features.Coap
{
    /// <summary>Serves <c>{"thing":"toaster-01","uptime":123,"time":1795471015}</c>: seconds since the start and, if the date is set, since 1970.</summary>
    public sealed class SystemResource : CoapResource
    {
        private const int MsPerSecond = 1000;

        private static readonly byte[] Type = Bytes.FromString("system");
        private static readonly byte[] ReadOnlyInterface = Bytes.FromString("core.rp");
        private static readonly byte[] ThingMember = Bytes.FromString("thing");
        private static readonly byte[] UptimeMember = Bytes.FromString("uptime");

        private readonly byte[] _thing;
        private readonly Clock _clock;
        private readonly JsonWriter _json = new JsonWriter(new byte[Limits.CoapState]);

        /// <summary>Creates the resource.</summary>
        /// <param name="thing">The thing's name.</param>
        /// <param name="clock">The date.</param>
        public SystemResource(string thing, Clock clock)
            : base("system")
        {
            _thing = Bytes.FromString(thing);
            _clock = clock;
            ResourceType = Type;
            Interface = ReadOnlyInterface;
            Formats = new int[] { CoapFormat.Json };
        }

        /// <inheritdoc />
        public override int MaxAgeSeconds
        {
            // it counts seconds
            get { return 1; }
        }

        /// <inheritdoc />
        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            _json.Reset();
            _json.BeginObject();
            _json.Name(ThingMember);
            _json.String(_thing);
            _json.Name(UptimeMember);
            _json.Long(nowMs / MsPerSecond);
            TimeStamp.Write(_json, _clock);
            _json.EndObject();
            response.Body.Raw(_json.Buffer, 0, _json.Length);
            return CoapCode.Content;
        }
    }
}
