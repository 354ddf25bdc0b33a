// One sensor or actuator of the Thing as a CoAP resource: sensors/NAME or actuators/NAME. Everything it knows is the Thing's resource's.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Serves one resource: GET and observation; PUT of a state and POST of a command for an actuator.</summary>
    public sealed class ThingResource : CoapResource
    {
        // interface descriptions of the CoRE interfaces draft
        private static readonly byte[] SensorInterface = Bytes.FromString("core.s");
        private static readonly byte[] ActuatorInterface = Bytes.FromString("core.a");

        // the first is what a GET without Accept gets
        private static readonly int[] StateFormats = { CoapFormat.Json, CoapFormat.Text, CoapFormat.Cbor, CoapFormat.SenMlJson };

        private static readonly byte[] NoReading = Bytes.FromString("no reading now: the sensor is asked again after Max-Age seconds");

        private readonly Resource _resource;
        private readonly StateWriter _writer;
        private readonly CoapCommands _commands;

        /// <summary>Creates the CoAP side of a resource.</summary>
        /// <param name="resource">The Thing's resource.</param>
        /// <param name="writer">Writes its states.</param>
        /// <param name="commands">Runs its commands.</param>
        public ThingResource(Resource resource, StateWriter writer, CoapCommands commands)
            : base((resource.IsActuator ? ThingCollection.ActuatorsPath : ThingCollection.SensorsPath) + "/" + Encoding.UTF8.GetString(resource.Name, 0, resource.Name.Length))
        {
            _resource = resource;
            _writer = writer;
            _commands = commands;
            ResourceType = resource.Name;
            Interface = resource.IsActuator ? ActuatorInterface : SensorInterface;
            Title = resource.Title;
            Formats = StateFormats;
            IsObservable = true;

            // a client that changes an actuator asks with the tag of what it saw (If-Match); a reading is only read, and each byte is on the air
            SendsETag = resource.IsActuator;

            // an event cannot be asked for later
            ConfirmsNotifications = resource.TellsChanges && !resource.IsActuator;
            MaxBody = Limits.CoapBody;
        }

        /// <inheritdoc />
        public override int Version
        {
            get { return _resource.Version; }
        }

        /// <inheritdoc />
        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            if (!_resource.HasState)
            {
                long wait = _resource.NextStateMs - nowMs;
                response.MaxAgeSeconds = wait <= 0 ? 1 : CoapParameters.ToSeconds(wait);
                response.Diagnostic = NoReading;
                return CoapCode.ServiceUnavailable;
            }

            _writer.Write(response.Body, _resource, Path, format, nowMs);
            return CoapCode.Content;
        }

        /// <inheritdoc />
        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            bool isPost = request.Method == CoapCode.Post;
            if (!_resource.IsActuator || (!isPost && request.Method != CoapCode.Put))
            {
                return CoapCode.MethodNotAllowed;
            }

            int format = request.Accept == CoapFormat.None ? CoapFormat.Json : request.Accept;
            if (isPost && !IsServed(format))
            {
                // before anything is done
                return CoapCode.NotAcceptable;
            }

            int code = request.IsContinuation ? CoapCode.Changed : _commands.Run(_resource, request, response, nowMs);
            if (isPost && code == CoapCode.Changed)
            {
                response.ContentFormat = format;
                _writer.Write(response.Body, _resource, Path, format, nowMs);
            }

            return code;
        }

        /// <inheritdoc />
        public override bool IsIdempotent(int method)
        {
            return base.IsIdempotent(method) && _resource.IsRepeatable;
        }

        private static bool IsServed(int format)
        {
            for (int i = 0; i < StateFormats.Length; i++)
            {
                if (StateFormats[i] == format)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
