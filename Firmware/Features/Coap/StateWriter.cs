// The states of resources as CoAP payloads: JSON, plain text, CBOR, SenML. Each is composed in one small buffer and passed on to the body.

using Firmware.Protocols.Cbor;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Writes states into bodies. One for all resources; allocates nothing after construction.</summary>
    public sealed class StateWriter
    {
        private readonly byte[] _buffer = new byte[Limits.CoapState];
        private readonly JsonWriter _json;
        private readonly CborWriter _cbor;
        private readonly SenMlWriter _senMl;

        /// <summary>Creates a writer.</summary>
        public StateWriter()
        {
            _json = new JsonWriter(_buffer);
            _cbor = new CborWriter(_buffer);
            _senMl = new SenMlWriter(_json);
        }

        /// <summary>Writes the state of one resource as a whole payload.</summary>
        /// <param name="body">Where to.</param>
        /// <param name="resource">The resource; it has a state.</param>
        /// <param name="path">Its path, which is its name in SenML.</param>
        /// <param name="format">JSON, text, CBOR or SenML JSON.</param>
        /// <param name="nowMs">The time.</param>
        public void Write(CoapBody body, Resource resource, byte[] path, int format, long nowMs)
        {
            ResourceState state = resource.StateAt(nowMs);
            if (format == CoapFormat.Cbor)
            {
                _cbor.Reset();
                state.WriteMap(_cbor, resource.Name);
                body.Raw(_buffer, 0, _cbor.Length);
                return;
            }

            _json.Reset();
            if (format == CoapFormat.Text)
            {
                state.WriteText(_json);
            }
            else if (format == CoapFormat.SenMlJson)
            {
                _senMl.BeginPack();
                _senMl.BeginRecord();
                _senMl.Name(path);
                state.WriteFields(_senMl);
                _senMl.EndRecord();
                _senMl.EndPack();
            }
            else
            {
                _json.BeginObject();
                state.WriteMembers(_json, resource.Name);
                _json.EndObject();
            }

            body.Raw(_buffer, 0, _json.Length);
        }

        /// <summary>Writes one resource of several as a member of an open object: <c>"temperature":21.5</c>.</summary>
        /// <param name="body">Where to.</param>
        /// <param name="resource">The resource; it has a state.</param>
        /// <param name="nowMs">The time.</param>
        public void WriteMember(CoapBody body, Resource resource, long nowMs)
        {
            _json.Reset();
            resource.StateAt(nowMs).WriteMember(_json, resource.Name);
            body.Raw(_buffer, 0, _json.Length);
        }

        /// <summary>Writes one resource of several as a SenML record.</summary>
        /// <param name="body">Where to: between the brackets of a pack.</param>
        /// <param name="resource">The resource; it has a state.</param>
        /// <param name="baseName">What stands before this and all later names; null in all records but the first.</param>
        /// <param name="nowMs">The time.</param>
        public void WriteRecord(CoapBody body, Resource resource, byte[] baseName, long nowMs)
        {
            _json.Reset();
            _senMl.BeginRecord();
            if (baseName != null)
            {
                _senMl.BaseName(baseName);
            }

            _senMl.Name(resource.Name);
            resource.StateAt(nowMs).WriteFields(_senMl);
            _senMl.EndRecord();
            body.Raw(_buffer, 0, _json.Length);
        }
    }
}
