// The Thing's resources over CoAP: the server, its buffers (Limits), and its socket, which is opened whenever the board has an address and
// again when that was lost. Observers outlive this (CoapServer.Forget), so a short loss of Wi-Fi costs them nothing.
// With a resource directory in the configuration the Thing is registered there (DirectoryEntry) while the socket is open, and removed at the end.
// Polled last in the loop: what the other features changed in a turn is told in the same turn.

using System;
using Firmware.Connectivity;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware.Features.Coap
{
    /// <summary>Serves sensors/NAME, actuators/NAME, the collections sensors and actuators, and system.</summary>
    public sealed class CoapDoor : IFeature
    {
        private readonly ResourceTree _things;
        private readonly IDatagramPort _port;
        private readonly ICoapGuests _guests;
        private readonly CoapEndpoint _endpoint;
        private readonly CoapAccess _access;
        private long _nextMs;
        private string _said;
        private bool _hasChanged;
        private bool _isStopped;

        // while it stops: when it closes at the latest
        private long _closeMs = long.MaxValue;

        /// <summary>Creates the door with all its buffers; nothing is opened yet.</summary>
        /// <param name="configuration">The thing's name, who may switch, and the resource directory.</param>
        /// <param name="things">What is served.</param>
        /// <param name="views">The Thing's resources as CoAP resources.</param>
        /// <param name="clock">The time.</param>
        /// <param name="port">Opens the socket.</param>
        /// <param name="random">Jitter, first numbers and the key of Echo values.</param>
        /// <param name="guests">Resources that are served besides the Thing's; null for none.</param>
        public CoapDoor(DeviceConfiguration configuration, ResourceTree things, CoapResource[] views, Clock clock, IDatagramPort port, Random random, ICoapGuests guests)
        {
            _guests = guests;
            _things = things;
            _port = port;
            CoapParameters parameters = new CoapParameters { ProvesChanges = configuration.CoapProvesChanges };
            _endpoint = new CoapEndpoint(parameters, random, Limits.CoapMessage, Limits.CoapExchanges, Limits.CoapReplies, Limits.CoapSpent, Limits.CoapTransmissions);

            // nanoFramework's Random asks the ESP32's hardware generator (esp_random) for every number and ignores seeds. With the radio off, as it
            // may be now, that generator has only what its own noise gave since boot: enough against who forges addresses and sees no traffic.
            byte[] key = new byte[SipHash.KeyLength];
            random.NextBytes(key);
            _access = new CoapAccess(configuration.CoapWriteLocal, port);
            CoapServerOptions options = new CoapServerOptions
            {
                Observers = Limits.CoapObservers,
                ObserverBytes = Limits.CoapObserver,
                Deferred = Limits.CoapDeferrals,
                DeferredBytes = Limits.CoapDeferral,
                Transfers = Limits.CoapTransfers,
                TransferBytes = Limits.CoapBody,
                ProvedPeers = Limits.CoapProvedPeers,
                EchoKey = key,
                Access = _access,
            };
            Server = new CoapServer(_endpoint, WithGuests(views, clock.NowMs), options);
            Directory = configuration.CoapDirectory == null ? null : new DirectoryEntry(configuration, _endpoint, Server, random);
        }

        /// <summary>The server, for its counts.</summary>
        public CoapServer Server { get; }

        /// <summary>The message layer, for its counts.</summary>
        public CoapEndpoint Endpoint
        {
            get { return _endpoint; }
        }

        /// <summary>The entry in the resource directory; null without a directory.</summary>
        public DirectoryEntry Directory { get; }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                if (_isStopped)
                {
                    return long.MaxValue;
                }

                if (_hasChanged)
                {
                    // what was changed here is told by features that come earlier in the turn
                    return 0;
                }

                long next = _access.IsStopping ? _closeMs : _nextMs;
                next = _endpoint.NextDeadlineMs < next ? _endpoint.NextDeadlineMs : next;
                if (Directory != null && _endpoint.IsOpen && Directory.NextDeadlineMs < next)
                {
                    next = Directory.NextDeadlineMs;
                }

                return _guests != null && _guests.NextDeadlineMs < next ? _guests.NextDeadlineMs : next;
            }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            // the port wakes the loop when a datagram comes
            get { return false; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return _isStopped; }
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
            _access.IsStopping = false;
            _isStopped = false;
            _nextMs = nowMs;
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            _hasChanged = false;
            if (_isStopped)
            {
                return;
            }

            if (nowMs >= _nextMs && !_access.IsStopping)
            {
                Look(nowMs);
            }

            if (_guests != null)
            {
                _guests.Poll(nowMs);
            }

            if (_endpoint.IsOpen)
            {
                int before = Versions();
                _endpoint.Poll(nowMs);
                _hasChanged = Versions() != before;
                if (!_endpoint.IsOpen)
                {
                    Lost(nowMs);
                }
                else if (Directory != null)
                {
                    Directory.Poll(nowMs);
                }
            }

            if (_access.IsStopping && (!_endpoint.IsOpen || Directory.HasLeft || nowMs >= _closeMs))
            {
                Close();
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            // everything has been made safe, and nothing may be switched on again after that
            _access.IsStopping = true;
            if (Directory != null && _endpoint.IsOpen)
            {
                Directory.Leave(nowMs);
            }

            if (Directory == null || Directory.HasLeft || !_endpoint.IsOpen)
            {
                Close();
                return;
            }

            _closeMs = nowMs + Limits.CoapLeaveMs;
        }

        private void Close()
        {
            if (Directory != null)
            {
                Directory.TellLeft();
            }

            _isStopped = true;
            _endpoint.Close();
        }

        private CoapResource[] WithGuests(CoapResource[] views, long nowMs)
        {
            if (_guests == null)
            {
                return views;
            }

            CoapResource[] guests = _guests.CreateResources(nowMs);
            CoapResource[] resources = new CoapResource[views.Length + guests.Length];
            Array.Copy(views, resources, views.Length);
            Array.Copy(guests, 0, resources, views.Length, guests.Length);
            return resources;
        }

        // opens what is closed, closes what leads nowhere
        private void Look(long nowMs)
        {
            if (_endpoint.IsOpen)
            {
                _nextMs = nowMs + Limits.PortLookMs;
                if (_port.HasMoved())
                {
                    _endpoint.Close();
                    Lost(nowMs);
                }

                return;
            }

            IDatagramTransport transport = _port.Open();
            if (transport == null)
            {
                _nextMs = nowMs + Limits.PortReopenMs;
                if (_port.Failure != null)
                {
                    Say(_port.Failure, true);
                }

                return;
            }

            _nextMs = nowMs + Limits.PortLookMs;
            _endpoint.Open(transport, nowMs);
            Say("serves " + _port.Place, false);
            if (Directory != null)
            {
                Directory.Enter(nowMs);
            }
        }

        private void Lost(long nowMs)
        {
            _nextMs = nowMs + Limits.PortReopenMs;
            Say("not served: the board has lost its address", false);
        }

        // one line for each change, however often it is tried
        private void Say(string text, bool isWarning)
        {
            if (text == _said)
            {
                return;
            }

            _said = text;
            if (isWarning)
            {
                Log.Warning("CoAP: " + text);
            }
            else
            {
                Log.Info("CoAP: " + text);
            }
        }

        private int Versions()
        {
            int sum = 0;
            for (int i = 0; i < _things.Count; i++)
            {
                sum += _things.At(i).Version;
            }

            return sum;
        }
    }
}
