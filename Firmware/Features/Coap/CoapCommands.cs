// Commands through the CoAP door: the payload of a PUT, POST, PATCH or iPATCH becomes a command, and what the actuator says becomes a response
// code. What a command may hold is CommandReader's; what the actuator may do is the resource's, the same as for MQTT.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.SenMl;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Runs the commands of CoAP requests. One for all resources; allocates nothing after construction.</summary>
    public sealed class CoapCommands
    {
        // all at most 115 bytes: a longer answer than 136 is not given to an address that is not proved (RFC 9175 section 2.6)
        private static readonly byte[] UnknownFormat = Bytes.FromString("use text/plain (0), application/json (50) or application/cbor (60)");
        private static readonly byte[] NoState = Bytes.FromString("toggle and dim are no states: POST them");
        private static readonly byte[] NoId = Bytes.FromString("an id goes with POST: a PUT sets a state");
        private static readonly byte[] UnknownPatch = Bytes.FromString("use application/senml-etch+json (320)");
        private static readonly byte[] NotSenMl = Bytes.FromString("the payload is no SenML pack");
        private static readonly byte[] SeveralRecords = Bytes.FromString("one record at a time: several actuators cannot be switched as one");
        private static readonly byte[] NoActuator = Bytes.FromString("there is no actuator of this name: GET /actuators lists them");
        private static readonly byte[] NoTimeOrUnit = Bytes.FromString("a record for an actuator has neither time nor unit");
        private static readonly byte[] NoValue = Bytes.FromString("give vb, vs (on, off) or v (a whole number of percent)");

        private readonly CommandReader _reader;
        private readonly CommandIds _past;

        /// <summary>Creates the door's command side.</summary>
        /// <param name="things">The actuators.</param>
        /// <param name="past">The identifiers of commands that were run, through any door.</param>
        public CoapCommands(ResourceTree things, CommandIds past)
        {
            _reader = new CommandReader(things);
            _past = past;
        }

        /// <summary>Runs a PUT, which sets a state, or a POST, which may be any command.</summary>
        /// <param name="target">The actuator.</param>
        /// <param name="request">The request.</param>
        /// <param name="response">Takes the reason of a refusal.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>2.04; 4.00 for what is not understood; 4.09 for what the actuator does not do in its present state; 4.15.</returns>
        public int Run(Resource target, CoapRequest request, CoapResponse response, long nowMs)
        {
            int format = request.ContentFormat;
            if (format != CoapFormat.None && format != CoapFormat.Text && format != CoapFormat.Json && format != CoapFormat.Cbor)
            {
                response.Diagnostic = UnknownFormat;
                return CoapCode.UnsupportedContentFormat;
            }

            byte[] reason = Read(target, format, request);
            if (reason == null && request.Method == CoapCode.Put)
            {
                reason = IsState ? _reader.IdLength > 0 ? NoId : null : NoState;
            }

            if (reason != null)
            {
                response.Diagnostic = reason;
                return CoapCode.BadRequest;
            }

            bool hasId = _reader.IdLength > 0;
            if (hasId && _past.Contains(_reader.Id, _reader.IdLength))
            {
                // done already, through this door or another one
                return CoapCode.Changed;
            }

            int code = Execute(target, response, nowMs);
            if (hasId && code == CoapCode.Changed)
            {
                _past.Add(_reader.Id, _reader.IdLength);
            }

            return code;
        }

        /// <summary>Runs a PATCH or iPATCH of the actuators (RFC 8790): one record.</summary>
        /// <param name="pack">Reads the payload.</param>
        /// <param name="actuators">Finds the actuator of a record.</param>
        /// <param name="request">The request.</param>
        /// <param name="response">Takes the reason of a refusal.</param>
        /// <param name="nowMs">The time.</param>
        /// <returns>2.04; 4.00 for what is not understood; 4.22 for what cannot be done; 4.09; 4.15.</returns>
        public int Patch(SenMlReader pack, ThingCollection actuators, CoapRequest request, CoapResponse response, long nowMs)
        {
            if (request.ContentFormat != CoapFormat.SenMlEtchJson)
            {
                response.Diagnostic = UnknownPatch;
                return CoapCode.UnsupportedContentFormat;
            }

            // all of it is read before anything is done: what is wrong further on makes the whole pack wrong
            int records = 0;
            pack.Reset(request.Buffer, request.PayloadOffset, request.PayloadLength);
            while (pack.Next())
            {
                records++;
            }

            if (pack.Error != SenMlError.None)
            {
                response.Diagnostic = NotSenMl;
                return CoapCode.BadRequest;
            }

            pack.Reset(request.Buffer, request.PayloadOffset, request.PayloadLength);
            pack.Next();
            Resource target = actuators.Find(pack);

            // RFC 8790 section 3.2: a Patch Pack is applied as a whole or not at all
            response.Diagnostic = records > 1 ? SeveralRecords : target == null ? NoActuator : pack.HasTime || pack.HasUnit ? NoTimeOrUnit : null;
            if (response.Diagnostic != null)
            {
                return CoapCode.UnprocessableEntity;
            }

            response.Diagnostic = Read(target, pack);
            return response.Diagnostic != null ? CoapCode.BadRequest : Execute(target, response, nowMs);
        }

        // a state says what is, whatever was before
        private bool IsState
        {
            get { return _reader.Command.Action != CommandAction.Toggle && _reader.Command.Action != CommandAction.Dim; }
        }

        private byte[] Read(Resource target, int format, CoapRequest request)
        {
            byte[] buffer = request.Buffer;
            int offset = request.PayloadOffset;
            int length = request.PayloadLength;

            // a payload whose format is not said is looked at (RFC 7252 section 5.5.1): no bare word begins with a brace
            bool isJson = format == CoapFormat.Json || (format == CoapFormat.None && length > 0 && buffer[offset] == '{');
            return isJson || format == CoapFormat.Cbor
                ? _reader.ReadFor(target, !isJson, buffer, offset, length)
                : _reader.ReadBare(target, buffer, offset, length);
        }

        private byte[] Read(Resource target, SenMlReader pack)
        {
            byte[] reason;
            switch (pack.Kind)
            {
                case SenMlValueKind.Number:
                    return _reader.TakeLevel(target, pack.Number);
                case SenMlValueKind.Text:
                    reason = _reader.ReadBare(target, pack.Text, 0, pack.TextLength);
                    return reason ?? (IsState ? null : NoState);
                case SenMlValueKind.True:
                    return _reader.ReadBare(target, Words.On, 0, Words.On.Length);
                case SenMlValueKind.False:
                    return _reader.ReadBare(target, Words.Off, 0, Words.Off.Length);
                default:
                    return NoValue;
            }
        }

        private int Execute(Resource target, CoapResponse response, long nowMs)
        {
            byte[] reason = target.Run(_reader.Command, nowMs);
            if (reason == null)
            {
                return CoapCode.Changed;
            }

            response.Diagnostic = reason;
            return target.WasRefusedForNow ? CoapCode.Conflict : CoapCode.BadRequest;
        }
    }
}
