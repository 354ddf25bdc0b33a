// The server (RFC 7252 section 5, RFC 7641, 7959, 7967, 8132, 9175) over a fixed table of resources. One request is answered at a time, from
// beginning to end, in these fields; nothing of it outlives the answer but what the tables keep: observers, deferred requests, transfers.
//
//   CoapServer.cs          from the request to the resource
//   CoapServer.Read.cs     GET and FETCH: negotiation, ETag, blocks of the answer, registration of observers
//   CoapServer.Change.cs   POST, PUT, DELETE, PATCH, iPATCH: access, conditions, blocks of the request
//   CoapServer.Later.cs    what is answered by Poll: deferred requests, groups, notifications
//   CoapServer.Reply.cs    from the response to the datagram: amplification limit, No-Response, copies for CoapExchanges
//
// Resources are the caller's; everything else is allocated at construction.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>A CoAP server. Driven by <see cref="CoapEndpoint.Poll"/>.</summary>
    public sealed partial class CoapServer
    {
        private static readonly byte[] TextTooLong = Bytes.FromString("this datagram is too long: use blocks");
        private static readonly byte[] TextProveAddress = Bytes.FromString("repeat the request with this Echo option");

        private readonly CoapEndpoint _endpoint;
        private readonly CoapParameters _parameters;
        private readonly CoapResource[] _resources;
        private readonly CoapDiscovery _discovery;
        private readonly ICoapAccess _access;
        private readonly CoapEcho _echo;
        private readonly CoapObservers _observers;
        private readonly CoapDeferral[] _deferrals;
        private readonly CoapTransfers _transfers;
        private readonly CoapRequest _request = new CoapRequest();
        private readonly CoapResponse _response = new CoapResponse();
        private readonly CoapMessage _stored = new CoapMessage();

        // the request that is being answered
        private CoapMessage _message;
        private DatagramAddress _peer;
        private CoapExchange _exchange;
        private bool _isProved;

        // the request itself has an Echo value that is good: it is not one that was asked for proof
        private bool _isFresh;
        private long _now;

        /// <summary>Creates a server and attaches it to its endpoint.</summary>
        /// <param name="endpoint">The message layer.</param>
        /// <param name="resources">What is served; /.well-known/core is added to them.</param>
        /// <param name="options">Capacities, access and the secret of Echo values.</param>
        /// <exception cref="ArgumentException">The Echo key is missing or has another length than 16.</exception>
        public CoapServer(CoapEndpoint endpoint, CoapResource[] resources, CoapServerOptions options)
        {
            if (options.EchoKey == null || options.EchoKey.Length != SipHash.KeyLength)
            {
                throw new ArgumentException("EchoKey must be 16 random bytes");
            }

            _endpoint = endpoint;
            _parameters = endpoint.Parameters;
            _access = options.Access;
            _echo = new CoapEcho(options.EchoKey, options.ProvedPeers, _parameters.EchoLifetimeMs);
            _observers = new CoapObservers(options.Observers, options.ObserverBytes);
            _transfers = new CoapTransfers(options.Transfers, options.TransferBytes, options.DeferredBytes, _parameters);
            _deferrals = new CoapDeferral[options.Deferred];
            for (int i = 0; i < _deferrals.Length; i++)
            {
                _deferrals[i] = new CoapDeferral(options.DeferredBytes);
            }

            _resources = new CoapResource[resources.Length + 1];
            Array.Copy(resources, _resources, resources.Length);
            _discovery = new CoapDiscovery(_resources);
            _resources[resources.Length] = _discovery;
            endpoint.Attach(this);
        }

        /// <summary>How many observers are registered.</summary>
        public int Observers
        {
            get { return _observers.Count(); }
        }

        /// <summary>Requests answered since the start, copies not counted.</summary>
        public int Requests { get; private set; }

        /// <summary>Notifications sent since the start, repeats included.</summary>
        public int Notifications { get; private set; }

        /// <summary>A resource by its place: those that were given, then /.well-known/core.</summary>
        /// <param name="index">0 to <see cref="ResourceCount"/> - 1.</param>
        /// <returns>The resource.</returns>
        public CoapResource ResourceAt(int index)
        {
            return _resources[index];
        }

        /// <summary>How many resources there are, /.well-known/core included.</summary>
        public int ResourceCount
        {
            get { return _resources.Length; }
        }

        /// <summary>Writes the links of all resources that are listed (RFC 6690), as /.well-known/core has them: what a resource directory registers.</summary>
        /// <param name="body">Takes the text.</param>
        public void WriteLinks(CoapBody body)
        {
            _discovery.WriteLinks(body, null);
        }

        internal int OutstandingFor(DatagramAddress peer)
        {
            return _observers.OutstandingFor(peer);
        }

        // observers stay: after a lost Wi-Fi link their clients still wait for notifications
        internal void Forget()
        {
            _observers.Doubt();
            _transfers.Clear();
            _echo.Forget();
            for (int i = 0; i < _deferrals.Length; i++)
            {
                _deferrals[i].Request.Free();
            }
        }

        // a request that is no copy
        internal void Handle(CoapMessage message, DatagramAddress from, bool isCut, long nowMs)
        {
            Requests++;
            Begin(message, from, nowMs);
            int error = _request.Read(message, from);
            AcceptEcho();
            CoapResource resource = error == 0 ? Find() : null;
            long lifetime = message.Type == CoapType.Con ? _parameters.ExchangeLifetimeMs : _parameters.NonLifetimeMs;
            int protection = ProtectionFor(resource);
            if (protection == CoapProtection.Full && !_isFresh && !from.IsMulticast && _endpoint.Exchanges.NeedsProof(from, message.MessageId, nowMs))
            {
                // the places that are left are for those who are who they say (RFC 9175 section 2.3): forged senders can take three quarters
                _endpoint.Exchanges.AskProof(from, message.MessageId, nowMs + lifetime, nowMs);
                Reply(ProveFirst());
                return;
            }

            _exchange = _endpoint.Exchanges.Reserve(from, message.MessageId, protection, nowMs + lifetime, nowMs);
            if (_exchange != null)
            {
                _exchange.RequestLength = message.Length;
            }

            if (from.IsMulticast)
            {
                HandleGroup(error, isCut);
                return;
            }

            if (_exchange == null && protection != CoapProtection.None)
            {
                // run it and a copy would run, too
                Reply(Unavailable(_endpoint.Exchanges.NextEndMs(from, nowMs) - nowMs));
                return;
            }

            if (isCut && error == 0)
            {
                error = TooLong();
            }

            if (error == CoapCode.BadOption && message.Type == CoapType.Non)
            {
                // RFC 7252 section 5.4.1: a Non-confirmable message with an unknown critical option is rejected, which section 4.3 lets be silent
                return;
            }

            Answer(resource, error);
        }

        private void Begin(CoapMessage message, DatagramAddress peer, long nowMs)
        {
            _message = message;
            _peer = peer;
            _now = nowMs;
            _exchange = null;
            _isProved = _echo.IsProved(peer, nowMs);
            BeginReply();
        }

        private void AcceptEcho()
        {
            int age = _request.EchoLength == 0 ? -1 : _echo.Accept(_peer, _message.Buffer, _request.EchoOffset, _request.EchoLength, _now);
            _isFresh = age >= 0 && age <= _parameters.FreshMs;
            _isProved = _isProved || age >= 0;
        }

        private CoapResource Find()
        {
            for (int i = 0; i < _resources.Length; i++)
            {
                if (_request.PathIs(_resources[i].Segments))
                {
                    return _resources[i];
                }
            }

            return null;
        }

        private int ProtectionFor(CoapResource resource)
        {
            int method = _request.Method;
            if (_request.Block1Number != CoapRequest.NotGiven ? _request.Block1More : _request.Block2Number > 0)
            {
                // a block in the middle of a body or of an answer: its transfer sees that nothing is done twice, and a long body has many
                return IsSafe(method) ? CoapProtection.None : CoapProtection.Idempotent;
            }

            return IsSafe(method) || method > CoapCode.IPatch || resource == null ? CoapProtection.None
                : resource.IsIdempotent(method) ? CoapProtection.Idempotent
                : CoapProtection.Full;
        }

        // the whole way from request to reply; what is put off comes here again
        private void Answer(CoapResource resource, int error)
        {
            int code = error != 0 ? error : Run(resource);
            if (code != CoapCode.Empty)
            {
                Reply(code);
            }
            else if (!Defer())
            {
                Reply(Unavailable(_parameters.AckTimeoutMs));
            }
        }

        private int Run(CoapResource resource)
        {
            if (_request.Method > CoapCode.IPatch)
            {
                // RFC 7252 section 5.8: whatever the path
                return CoapCode.MethodNotAllowed;
            }

            if (resource == null)
            {
                return CoapCode.NotFound;
            }

            switch (_request.Method)
            {
                case CoapCode.Get:
                case CoapCode.Fetch:
                    return Read(resource);
                default:
                    return Change(resource);
            }
        }

        private int Unavailable(long waitMs)
        {
            _response.Reset();
            _response.MaxAgeSeconds = waitMs <= 0 || waitMs > int.MaxValue ? 1 : CoapParameters.ToSeconds(waitMs);
            return CoapCode.ServiceUnavailable;
        }

        // RFC 7252 section 4.6 and RFC 7959 section 2.9.3: what would fit
        private int TooLong()
        {
            _response.Diagnostic = TextTooLong;
            if (_request.Block1Number != CoapRequest.NotGiven)
            {
                SetBlock1(_request.Block1Number, _request.Block1More, LargestSzx(_endpoint.MaxMessage - CoapMessage.HeaderLength - HeadOverhead));
            }
            else
            {
                _size1 = _endpoint.MaxMessage - CoapMessage.HeaderLength - HeadOverhead;
            }

            return CoapCode.RequestEntityTooLarge;
        }

        private static bool IsSafe(int method)
        {
            return method == CoapCode.Get || method == CoapCode.Fetch;
        }
    }
}
