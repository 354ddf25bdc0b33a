// The message layer (RFC 7252 section 4): one datagram socket, the roles of server and client upon it. It takes datagrams apart, answers what
// is no message for a role (ping, format errors, what nobody expects), finds copies, and repeats Confirmable messages.
//
//   datagram -> CoapMessage.Parse -> [here OSCORE will unprotect, RFC 8613] -> CoapExchanges (copy?) -> CoapServer
//                                                                           -> CoapTransmissions (ACK, RST) -> CoapClient
//   reply <- [here OSCORE will protect] <- CoapWriter <- CoapServer, CoapClient
//
//   CoapEndpoint.cs           open and close, sending, repeating
//   CoapEndpoint.Receive.cs   from a datagram to the role it is for
//
// The endpoint owns its buffers from construction on, and the transport from Open to Close. Left out: DTLS, TCP, proxying.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A CoAP endpoint over static buffers. One thread at a time; call <see cref="Poll"/> often.</summary>
    public sealed partial class CoapEndpoint
    {
        /// <summary>How many bytes stand free in front of the place where a body is written, for the header, token and options that are known only afterwards: the transmit buffer is so much longer than a message.</summary>
        public const int HeadRoom = 160;

        private readonly CoapParameters _parameters;
        private readonly Random _random;
        private readonly int _maxMessage;
        private readonly byte[] _receive;
        private readonly byte[] _transmit;
        private readonly CoapMessage _message = new CoapMessage();
        private readonly CoapWriter _writer = new CoapWriter();
        private readonly DatagramAddress _from = new DatagramAddress();
        private readonly CoapExchanges _exchanges;
        private readonly CoapTransmissions _transmissions;

        private IDatagramTransport _transport;
        private CoapServer _server;
        private CoapClient _client;
        private int _lastMessageId;
        private bool _isBusy;

        /// <summary>Creates an endpoint; every buffer is allocated here.</summary>
        /// <param name="parameters">Timing and limits of the protocol.</param>
        /// <param name="random">Jitter and first numbers.</param>
        /// <param name="maxMessage">The longest message in bytes, both ways: 1152 is what RFC 7252 section 4.6 assumes, 128 the least. The endpoint takes three times as much, and once for each transmission.</param>
        /// <param name="exchanges">How many received requests are remembered with their replies, 1 or more; some 220 bytes each on a device, where every field takes 12.</param>
        /// <param name="replyBytes">What these replies take together at the most; <paramref name="maxMessage"/> or more.</param>
        /// <param name="spent">How many further requests that must not run twice are remembered without reply; 16 bytes each.</param>
        /// <param name="transmissions">How many Confirmable messages other than notifications may be under way.</param>
        /// <exception cref="ArgumentOutOfRangeException">A size is too small.</exception>
        public CoapEndpoint(CoapParameters parameters, Random random, int maxMessage, int exchanges, int replyBytes, int spent, int transmissions)
        {
            if (maxMessage < 128 || exchanges < 1 || replyBytes < maxMessage || spent < 1 || transmissions < 1)
            {
                throw new ArgumentOutOfRangeException();
            }

            _parameters = parameters;
            _random = random;
            _maxMessage = maxMessage;

            // one byte more: a datagram that fills it was too long
            _receive = new byte[maxMessage + 1];
            _transmit = new byte[HeadRoom + maxMessage];
            _exchanges = new CoapExchanges(exchanges, replyBytes, spent);
            _transmissions = new CoapTransmissions(transmissions, maxMessage);
            _lastMessageId = random.Next(65536);
        }

        /// <summary>Timing and limits of the protocol.</summary>
        public CoapParameters Parameters
        {
            get { return _parameters; }
        }

        /// <summary>True from <see cref="Open"/> until <see cref="Close"/> or the death of the socket.</summary>
        public bool IsOpen
        {
            get { return _transport != null; }
        }

        /// <summary>When <see cref="Poll"/> wants to be called next, on the clock of Poll. Incoming datagrams are another reason to call it.</summary>
        public long NextDeadlineMs { get; private set; } = long.MaxValue;

        /// <summary>Datagrams received since the start.</summary>
        public int Received { get; private set; }

        /// <summary>Datagrams among them that were no CoAP or had a format error.</summary>
        public int Malformed { get; private set; }

        /// <summary>Copies of requests among them.</summary>
        public int Duplicates { get; private set; }

        /// <summary>Datagrams sent since the start.</summary>
        public int Sent { get; private set; }

        internal Random Random
        {
            get { return _random; }
        }

        internal int MaxMessage
        {
            get { return _maxMessage; }
        }

        internal byte[] TransmitBuffer
        {
            get { return _transmit; }
        }

        internal CoapWriter Writer
        {
            get { return _writer; }
        }

        internal CoapExchanges Exchanges
        {
            get { return _exchanges; }
        }

        internal CoapTransmissions Transmissions
        {
            get { return _transmissions; }
        }

        /// <summary>Takes over a socket.</summary>
        /// <param name="transport">The socket; closed by the endpoint.</param>
        /// <param name="nowMs">The time.</param>
        public void Open(IDatagramTransport transport, long nowMs)
        {
            Close();
            _transport = transport;
            NextDeadlineMs = nowMs;
        }

        /// <summary>Gives the socket up. A request under way ends, and proofs, transfers and deferred requests are forgotten; observations go on with the next socket, and requests that must not run twice stay known.</summary>
        public void Close()
        {
            if (_transport == null)
            {
                return;
            }

            _transport.Close();
            _transport = null;
            _exchanges.ForgetRepeatable();
            _transmissions.Clear();
            NextDeadlineMs = long.MaxValue;
            if (_server != null)
            {
                _server.Forget();
            }

            if (_client != null)
            {
                _client.Forget();
            }
        }

        /// <summary>Forgets every request that was received, and with that which of them must not run twice: only for a clock that begins anew, as in simulations.</summary>
        public void Forget()
        {
            _exchanges.Clear();
        }

        /// <summary>Takes what has arrived, at most <see cref="CoapParameters.DatagramsPerPoll"/> datagrams, and does what the time brings.</summary>
        /// <param name="nowMs">The time in milliseconds; never smaller than before.</param>
        public void Poll(long nowMs)
        {
            _isBusy = false;
            for (int i = _parameters.DatagramsPerPoll; i > 0 && _transport != null; i--)
            {
                int length = _transport.Receive(_receive, 0, _receive.Length, _from);
                if (length <= 0)
                {
                    if (length < 0)
                    {
                        Close();
                    }

                    break;
                }

                Handle(length, nowMs);

                // as many as allowed: there may be more
                _isBusy = i == 1;
            }

            if (_transport != null && _server != null)
            {
                _server.Poll(nowMs);
            }

            if (_transport != null && _client != null)
            {
                _client.Poll(nowMs);
            }

            Repeat(nowMs);
            SetDeadline(nowMs);
        }

        internal void Attach(CoapServer server)
        {
            _server = server;
        }

        internal void Attach(CoapClient client)
        {
            _client = client;
        }

        // a role has something to send: outside of Poll nobody else would notice
        internal void Wake(long nowMs)
        {
            if (nowMs < NextDeadlineMs)
            {
                NextDeadlineMs = nowMs;
            }
        }

        // RFC 7252 section 4.4: counted up from a random start; no ID comes back within EXCHANGE_LIFETIME at fewer than 265 messages a second
        internal int NextMessageId()
        {
            _lastMessageId = (_lastMessageId + 1) & 0xFFFF;
            return _lastMessageId;
        }

        // NSTART: what is outstanding with a peer, of either role
        internal bool MayBegin(DatagramAddress peer)
        {
            int outstanding = _transmissions.CountFor(peer);
            if (_server != null)
            {
                outstanding += _server.OutstandingFor(peer);
            }

            if (_client != null)
            {
                outstanding += _client.OutstandingFor(peer);
            }

            return outstanding < _parameters.NStart;
        }

        // begins a message in the transmit buffer, with room for all that may stand there
        internal void Begin(int type, int code, int messageId, byte[] token, int tokenOffset, int tokenLength)
        {
            _writer.Begin(_transmit, 0, _maxMessage, type, code, messageId, token, tokenOffset, tokenLength);
        }

        // sends what the writer holds, once
        internal void Send(DatagramAddress peer)
        {
            SendBytes(_writer.Buffer, _writer.Offset, _writer.Length, peer);
        }

        internal void SendBytes(byte[] buffer, int offset, int length, DatagramAddress peer)
        {
            if (_transport == null)
            {
                return;
            }

            Sent++;
            if (_transport.Send(buffer, offset, length, peer) < 0)
            {
                Close();
            }
        }

        // sends what the writer holds until it is acknowledged; false if there is no room
        internal bool SendConfirmable(DatagramAddress peer, int messageId, int owner, long nowMs)
        {
            CoapTransmission slot = _transmissions.Take(peer, _writer.Buffer, _writer.Offset, _writer.Length, messageId, owner);
            if (slot == null)
            {
                return false;
            }

            slot.TimeoutMs = _parameters.FirstTimeoutMs(_random);
            slot.NextMs = nowMs + slot.TimeoutMs;
            Send(peer);
            return true;
        }

        // an empty message: acknowledgement or reset of what a peer sent
        internal void SendEmpty(int type, int messageId, DatagramAddress peer)
        {
            Begin(type, CoapCode.Empty, messageId, Bytes.Empty, 0, 0);
            Send(peer);
        }

        private void Repeat(long nowMs)
        {
            CoapTransmission due;
            while (_transport != null && (due = _transmissions.FindDue(nowMs)) != null)
            {
                if (due.Repeats >= _parameters.MaxRetransmit)
                {
                    due.IsUsed = false;
                    if (_client != null && due.Owner >= 0)
                    {
                        _client.HandleTimeout(due.Owner, nowMs);
                    }

                    continue;
                }

                due.Repeats++;
                due.TimeoutMs *= 2;
                due.NextMs = nowMs + due.TimeoutMs;
                SendBytes(due.Message, 0, due.Length, due.Peer);
            }
        }

        private void SetDeadline(long nowMs)
        {
            if (_transport == null)
            {
                NextDeadlineMs = long.MaxValue;
                return;
            }

            long next = _transmissions.NextDeadlineMs;
            if (_server != null)
            {
                long server = _server.NextDeadlineMs;
                next = server < next ? server : next;
            }

            if (_client != null)
            {
                long client = _client.NextDeadlineMs;
                next = client < next ? client : next;
            }

            NextDeadlineMs = _isBusy || next < nowMs ? nowMs : next;
        }
    }
}
