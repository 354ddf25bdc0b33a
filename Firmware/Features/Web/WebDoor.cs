// The Thing over HTTP/1.1 and WebSocket, for a phone on the same Wi-Fi: the page at /, the resources as CoAP has them, and /events.
// A fixed table of connections. When it is full, the connection that has only waited longest is given up; if all are at work, the new one gets 503.
// The port is opened whenever the board has an address and again when that was lost. Polled last in the loop, as the CoAP door.

using Firmware.Connectivity;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;
using Firmware.Settings;
using Firmware.Things;

namespace Firmware.Features.Web
{
    /// <summary>The HTTP server of the Thing.</summary>
    public sealed class WebDoor : IFeature
    {
        private static readonly byte[] Full = Bytes.FromString("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n");

        private readonly ResourceTree _things;
        private readonly IStreamPort _port;
        private readonly WebAccess _access;
        private readonly WebConnection[] _connections = new WebConnection[Limits.HttpConnections];
        private readonly WebEvents[] _events = new WebEvents[Limits.HttpWebSockets];
        private long _nextMs;
        private string _said;
        private bool _isOpen;
        private bool _hasChanged;

        /// <summary>Creates the door with all its buffers; nothing is opened yet.</summary>
        /// <param name="configuration">The token.</param>
        /// <param name="things">What is told.</param>
        /// <param name="views">The Thing's resources as CoAP resources.</param>
        /// <param name="past">The identifiers of commands that were run, through any door.</param>
        /// <param name="clock">The date.</param>
        /// <param name="port">Where clients connect.</param>
        public WebDoor(DeviceConfiguration configuration, ResourceTree things, CoapResource[] views, CommandIds past, Clock clock, IStreamPort port)
        {
            _things = things;
            _port = port;
            _access = new WebAccess(configuration);
            WebResponder responder = new WebResponder(views, _access, clock);
            WebSocketHandshake handshake = new WebSocketHandshake();
            for (int i = 0; i < _connections.Length; i++)
            {
                _connections[i] = new WebConnection(this, responder, handshake);
            }

            for (int i = 0; i < _events.Length; i++)
            {
                _events[i] = new WebEvents(things, _access, past, clock);
            }
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                if (_access.IsStopping)
                {
                    return long.MaxValue;
                }

                if (_hasChanged)
                {
                    // what was changed here is told by features that come earlier in the turn
                    return 0;
                }

                long next = _nextMs;
                for (int i = 0; i < _connections.Length; i++)
                {
                    long deadline = _connections[i].NextDeadlineMs;
                    next = deadline < next ? deadline : next;
                }

                return next;
            }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return _isOpen; }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return true; }
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
            _access.IsStopping = false;
            _nextMs = nowMs;
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            _hasChanged = false;
            if (_access.IsStopping)
            {
                return;
            }

            if (nowMs >= _nextMs)
            {
                Look(nowMs);
            }

            if (_isOpen)
            {
                TakeNew(nowMs);
            }

            int before = Versions();
            for (int i = 0; i < _connections.Length; i++)
            {
                if (_connections[i].IsOpen)
                {
                    _connections[i].Poll(nowMs);
                }
            }

            _hasChanged = Versions() != before;
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            _access.IsStopping = true;
            CloseAll();
        }

        /// <summary>Finds a WebSocket for a connection.</summary>
        /// <returns>One that nobody has; null if all are taken.</returns>
        public WebEvents TakeEvents()
        {
            for (int i = 0; i < _events.Length; i++)
            {
                if (!_events[i].IsTaken)
                {
                    _events[i].IsTaken = true;
                    return _events[i];
                }
            }

            return null;
        }

        // opens what is closed, closes what leads nowhere
        private void Look(long nowMs)
        {
            if (_isOpen && _port.HasMoved())
            {
                CloseAll();
                Say("not served: the board has lost its address", false);
            }

            if (!_isOpen)
            {
                _isOpen = _port.Open();
                if (_isOpen)
                {
                    Say("serves " + _port.Place, false);
                }
                else if (_port.Failure != null)
                {
                    Say(_port.Failure, true);
                }
            }

            _nextMs = nowMs + (_isOpen ? Limits.PortLookMs : Limits.PortReopenMs);
        }

        private void TakeNew(long nowMs)
        {
            for (int i = 0; i < _connections.Length; i++)
            {
                ITransport transport = _port.Accept();
                if (transport == null)
                {
                    return;
                }

                WebConnection free = FindFree();
                if (free == null)
                {
                    transport.Write(Full, 0, Full.Length);
                    transport.Close();
                    continue;
                }

                free.Open(transport, nowMs);
            }
        }

        // a place in the table; if need be, that of whoever has only waited longest
        private WebConnection FindFree()
        {
            WebConnection idle = null;
            for (int i = 0; i < _connections.Length; i++)
            {
                WebConnection connection = _connections[i];
                if (!connection.IsOpen)
                {
                    return connection;
                }

                if (connection.IsIdle && (idle == null || connection.NextDeadlineMs < idle.NextDeadlineMs))
                {
                    idle = connection;
                }
            }

            if (idle != null)
            {
                idle.Close();
            }

            return idle;
        }

        private void CloseAll()
        {
            _port.Close();
            _isOpen = false;
            for (int i = 0; i < _connections.Length; i++)
            {
                _connections[i].Close();
            }
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
                Log.Warning("HTTP: " + text);
            }
            else
            {
                Log.Info("HTTP: " + text);
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
