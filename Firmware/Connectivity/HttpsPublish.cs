// Publish only, over HTTPS: what is above is the unchanged MQTT engine with its outbox, acknowledgements and retries, and this transport plays a broker that
// knows PUBLISH alone. Each PUBLISH becomes one POST /topics/..., one after the other on a kept connection, and the answer's status becomes what MQTT
// knows: PUBACK for what AWS has or will never take, and for everything else the end of the connection, after which the engine sends the message again.
// HTTPS has no commands and no last will: the one in CONNECT is not kept by anybody.

using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using Firmware.Settings;

namespace Firmware.Connectivity
{
    /// <summary>MQTT on one side, HTTPS publish on the other. One object serves all connections of a boot, one after the other.</summary>
    public sealed class HttpsPublish : ITransport
    {
        private const int Connect = 1;
        private const int Publish = 3;
        private const int PingRequest = 12;
        private const int Disconnect = 14;

        // bytes of a fixed header: type and remaining length
        private const int MaxFixedHeader = 5;

        private readonly byte[] _packet = new byte[Limits.HttpsPacket];
        private readonly byte[] _out = new byte[Limits.HttpsRequest];
        private readonly byte[] _reply = new byte[4];
        private readonly byte[] _probe = new byte[1];
        private readonly HttpWriter _writer = new HttpWriter();
        private readonly HttpResponseReader _answer = new HttpResponseReader(new byte[Limits.HttpsAnswer], Limits.HttpsAnswer - 512);
        private readonly string _endpoint;
        private readonly byte[] _host;
        private ITransport _tls;
        private int _have;
        private int _at;
        private int _end;
        private int _replyAt;
        private int _replyEnd;
        private int _packetId;
        private bool _isAsking;
        private int _ended;

        /// <summary>Creates it with its buffers; nothing is opened.</summary>
        /// <param name="configuration">The endpoint.</param>
        public HttpsPublish(DeviceConfiguration configuration)
        {
            _endpoint = configuration.Endpoint;
            _host = Bytes.FromString(configuration.Port == 443 ? _endpoint : _endpoint + ":" + configuration.Port);
        }

        /// <summary>Takes a connection over.</summary>
        /// <param name="tls">An open, verified connection to the endpoint's HTTPS door; closed with this.</param>
        /// <returns>This.</returns>
        public ITransport Open(ITransport tls)
        {
            _tls = tls;
            _have = _at = _end = _replyAt = _replyEnd = 0;
            _isAsking = false;
            _ended = 0;
            _answer.Reset();
            return this;
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            Pump();
            int got = 0;
            while (got < count && _replyAt < _replyEnd)
            {
                buffer[offset + got++] = _reply[_replyAt++];
            }

            return got > 0 ? got : _ended;
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            Pump();
            if (_replyAt < _replyEnd)
            {
                // an acknowledgement is read before the end of the connection is told: else a message that was delivered would be sent again
                return 0;
            }

            if (_ended != 0)
            {
                return _ended;
            }

            // one packet at a time: while its answer is out, the engine waits with the next one
            int taken = 0;
            while (taken < count && !_isAsking && _replyAt == _replyEnd && _ended == 0)
            {
                _packet[_have++] = buffer[offset + taken++];
                int length = PacketLength();
                if (length > _packet.Length)
                {
                    End("a packet of " + length + " bytes is longer than this device sends over HTTPS (Limits.HttpsPacket)");
                }
                else if (length > 0 && _have == length)
                {
                    Handle();
                    _have = 0;
                }
            }

            return taken > 0 ? taken : _replyAt < _replyEnd ? 0 : _ended;
        }

        /// <inheritdoc />
        public void Close()
        {
            if (_tls != null)
            {
                _tls.Close();
                _tls = null;
            }

            _ended = TransportResult.Closed;
        }

        // the length of the packet that has begun, with its header; 0 while that is not known (MQTT 3.1.1 section 2.2.3)
        private int PacketLength()
        {
            int length = 0;
            for (int i = 1; i < _have && i < MaxFixedHeader; i++)
            {
                length |= (_packet[i] & 0x7F) << (7 * (i - 1));
                if ((_packet[i] & 0x80) == 0)
                {
                    return i + 1 + length;
                }
            }

            return 0;
        }

        private void Handle()
        {
            switch (_packet[0] >> 4)
            {
                case Connect:
                    Reply(0x20, 2, 0, 0, 4);
                    break;
                case Publish:
                    Ask();
                    break;
                case PingRequest:
                    Reply(0xD0, 0, 0, 0, 2);
                    break;
                case Disconnect:
                    break;
                default:
                    End("a packet of type " + (_packet[0] >> 4) + " has no counterpart in HTTPS");
                    break;
            }
        }

        private void Ask()
        {
            // what comes unasked could be taken for the answer to this request; and a connection that has ended is found before the message is on its way
            int early = _answer.RestLength > 0 ? 1 : _tls.Read(_probe, 0, _probe.Length);
            if (early != 0)
            {
                _ended = early > 0 ? TransportResult.Failed : early;
                return;
            }

            int at = 1;
            while ((_packet[at++] & 0x80) != 0)
            {
                // the remaining length
            }

            int qos = (_packet[0] >> 1) & 3;
            int topicLength = (_packet[at] << 8) | _packet[at + 1];
            int topic = at + 2;
            at = topic + topicLength;
            _packetId = 0;
            if (qos > 0)
            {
                _packetId = (_packet[at] << 8) | _packet[at + 1];
                at += 2;
            }

            _writer.Reset(_out, 0, _out.Length);
            IotPublish.Begin(_writer, _host, _packet, topic, topicLength, qos, (_packet[0] & 1) != 0);
            _writer.Body(_packet, at, _have - at);
            if (_writer.Overflowed)
            {
                // it will never fit: not to be asked for again
                Log.Warning("a message on " + Encoding.UTF8.GetString(_packet, topic, topicLength) + " cannot be sent over HTTPS and is dropped: its topic is too long, encoded");
                Acknowledge();
                return;
            }

            _at = 0;
            _end = _writer.Length;
            _isAsking = true;
            Pump();
        }

        private void Pump()
        {
            if (_ended != 0 || !_isAsking)
            {
                return;
            }

            while (_at < _end)
            {
                int sent = _tls.Write(_out, _at, _end - _at);
                if (sent <= 0)
                {
                    _ended = sent < 0 ? sent : _ended;
                    return;
                }

                _at += sent;
            }

            switch (_answer.Read(_tls))
            {
                case HttpRead.Incomplete:
                    break;
                case HttpRead.Message:
                    _isAsking = false;
                    Judge(_answer.Status, _answer.KeepsAlive);
                    break;
                case HttpRead.Error when _answer.Error == HttpError.BodyTooLarge:
                    // the status is in the head, and the page behind it, of a load balancer for example, says no more
                    _isAsking = false;
                    Judge(_answer.Status, false);
                    break;
                default:
                    _ended = TransportResult.Failed;
                    break;
            }
        }

        private void Judge(int status, bool keepsAlive)
        {
            switch (IotPublish.Judge(status))
            {
                case IotPublishOutcome.Delivered:
                    Acknowledge();
                    break;
                case IotPublishOutcome.Drop:
                    Log.Warning(_endpoint + " takes a message over HTTPS never (" + status + "): it is dropped; check topic, length and \"rules\"");
                    Acknowledge();
                    break;
                case IotPublishOutcome.Forbidden:
                    End(_endpoint + " does not let this device publish (" + status + "): check the policy of its certificate; the message is kept");
                    break;
                default:
                    End(_endpoint + " answers " + status + ": the message is kept and sent again later");
                    break;
            }

            if (!keepsAlive && _ended == 0)
            {
                // what was acknowledged can still be read
                _ended = TransportResult.Closed;
            }
        }

        private void Acknowledge()
        {
            if (_packetId != 0)
            {
                Reply(0x40, 2, _packetId >> 8, _packetId, 4);
            }
        }

        private void Reply(int first, int second, int third, int fourth, int length)
        {
            _reply[0] = (byte)first;
            _reply[1] = (byte)second;
            _reply[2] = (byte)third;
            _reply[3] = (byte)fourth;
            _replyAt = 0;
            _replyEnd = length;
        }

        private void End(string why)
        {
            Log.Warning(why);
            _ended = TransportResult.Failed;
        }
    }
}
