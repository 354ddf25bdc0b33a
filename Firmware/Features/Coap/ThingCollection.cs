// All sensors, or all actuators, as one resource: a SenML pack (RFC 8428) or a JSON object. FETCH selects records and PATCH or iPATCH changes one
// (RFC 8790). Names are the paths, resolved: "sensors/" is the base name, for SenML names begin with a letter or a digit.
// What has no state now is left out. Left out as well: records with times, and selection by unit.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.SenMl;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Serves the sensors or the actuators together.</summary>
    public sealed class ThingCollection : CoapResource
    {
        /// <summary>The path of the sensors.</summary>
        public const string SensorsPath = "sensors";

        /// <summary>The path of the actuators.</summary>
        public const string ActuatorsPath = "actuators";

        private const int All = -1;

        // interface description of the CoRE interfaces draft: batch
        private static readonly byte[] BatchInterface = Bytes.FromString("core.b");
        private static readonly int[] PackFormats = { CoapFormat.SenMlJson, CoapFormat.Json };
        private static readonly byte[] UnknownFetch = Bytes.FromString("select with application/senml-etch+json (320)");
        private static readonly byte[] NotAFetchPack = Bytes.FromString("the payload is no SenML Fetch Pack, such as [{\"n\":\"sensors/humidity\"}]");
        private static readonly byte[] NoUnits = Bytes.FromString("select by name: units are not looked at");

        private readonly ResourceTree _things;
        private readonly bool _ofActuators;
        private readonly byte[] _baseName;
        private readonly StateWriter _writer;
        private readonly CoapCommands _commands;
        private readonly SenMlReader _pack;

        /// <summary>Creates the collection.</summary>
        /// <param name="things">All resources of the Thing.</param>
        /// <param name="ofActuators">Whether this is the collection of actuators.</param>
        /// <param name="writer">Writes states.</param>
        /// <param name="commands">Runs patches.</param>
        /// <param name="pack">Reads selections and patches.</param>
        public ThingCollection(ResourceTree things, bool ofActuators, StateWriter writer, CoapCommands commands, SenMlReader pack)
            : base(ofActuators ? ActuatorsPath : SensorsPath)
        {
            _things = things;
            _ofActuators = ofActuators;
            _writer = writer;
            _commands = commands;
            _pack = pack;
            _baseName = Bytes.FromString((ofActuators ? ActuatorsPath : SensorsPath) + "/");
            ResourceType = Path;
            Interface = BatchInterface;
            Formats = PackFormats;
            IsObservable = true;
            MaxBody = Limits.CoapBody;
        }

        /// <inheritdoc />
        public override int Version
        {
            get
            {
                // each only grows, so the sum differs if one of them does
                int sum = 0;
                for (int i = 0; i < _things.Count; i++)
                {
                    sum += IsMember(i) ? _things.At(i).Version : 0;
                }

                return sum;
            }
        }

        /// <summary>Finds the member that a record is about.</summary>
        /// <param name="record">A reader at a record.</param>
        /// <returns>The resource, or null.</returns>
        public Resource Find(SenMlReader record)
        {
            int index = IndexOf(record);
            return index < 0 ? null : _things.At(index);
        }

        /// <inheritdoc />
        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            Write(response.Body, format, All, nowMs);
            return CoapCode.Content;
        }

        /// <inheritdoc />
        public override int Fetch(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            if (request.ContentFormat != CoapFormat.SenMlEtchJson)
            {
                response.Diagnostic = UnknownFetch;
                return CoapCode.UnsupportedContentFormat;
            }

            int selected = 0;
            bool hasUnit = false;
            bool hasValue = false;
            _pack.Reset(request.Buffer, request.PayloadOffset, request.PayloadLength);
            while (_pack.Next())
            {
                hasUnit |= _pack.HasUnit;
                hasValue |= _pack.Kind != SenMlValueKind.None;

                // RFC 8790 section 3.1: a record with a time matches that time only, and what is served here is now
                int index = _pack.HasTime ? -1 : IndexOf(_pack);
                selected |= index < 0 ? 0 : 1 << index;
            }

            if (hasValue || _pack.Error != SenMlError.None)
            {
                response.Diagnostic = NotAFetchPack;
                return CoapCode.BadRequest;
            }

            if (hasUnit)
            {
                response.Diagnostic = NoUnits;
                return CoapCode.UnprocessableEntity;
            }

            Write(response.Body, format, selected, nowMs);
            return CoapCode.Content;
        }

        /// <inheritdoc />
        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            if (!_ofActuators || (request.Method != CoapCode.Patch && request.Method != CoapCode.IPatch))
            {
                return CoapCode.MethodNotAllowed;
            }

            // who asks for more of the answer to a patch has it all: there is no more, and nothing is switched again
            return request.IsContinuation ? CoapCode.Changed : _commands.Patch(_pack, this, request, response, nowMs);
        }

        /// <inheritdoc />
        public override bool IsIdempotent(int method)
        {
            // it may be the toaster that is switched, and a second "on" begins a second toast
            return false;
        }

        // selected: bit i for resource i of the Thing
        private void Write(CoapBody body, int format, int selected, long nowMs)
        {
            bool isPack = format == CoapFormat.SenMlJson;
            bool isFirst = true;
            body.Byte(isPack ? '[' : '{');
            for (int i = 0; i < _things.Count; i++)
            {
                Resource resource = _things.At(i);
                if (!IsMember(i) || !resource.HasState || (selected & (1 << i)) == 0)
                {
                    continue;
                }

                if (!isFirst)
                {
                    body.Byte(',');
                }

                if (isPack)
                {
                    _writer.WriteRecord(body, resource, isFirst ? _baseName : null, nowMs);
                }
                else
                {
                    _writer.WriteMember(body, resource, nowMs);
                }

                isFirst = false;
            }

            body.Byte(isPack ? ']' : '}');
        }

        private int IndexOf(SenMlReader record)
        {
            int length = record.NameLength - _baseName.Length;
            if (length <= 0 || !Bytes.StartsWith(record.Name, 0, record.NameLength, _baseName))
            {
                return -1;
            }

            for (int i = 0; i < _things.Count; i++)
            {
                if (IsMember(i) && Bytes.AreEqual(record.Name, _baseName.Length, length, _things.At(i).Name))
                {
                    return i;
                }
            }

            return -1;
        }

        private bool IsMember(int index)
        {
            return _things.At(index).IsActuator == _ofActuators;
        }
    }
}
