// Registration with a resource directory (RFC 9176 sections 4.3, 5 and 5.3): looks for the place of registration, registers the server's links,
// updates the registration before it ends, registers anew when the directory has lost it, and deletes it before the device goes to sleep.
//
//   Off --Start--> Discovering --> Registering --> Registered --3/4 of the lifetime--> Updating --> Registered
//    ^                  ^___ Waiting <__|_______________________________________________|  any failure: after growing waits
//    |___________________________________ Deleting <--Delete--
//
//   CoapDirectoryClient.cs           what its owner sees and calls
//   CoapDirectoryClient.Machine.cs   what comes of the requests: every change of state
//
// Left out: simple registration (section 5.1), extra attributes, lookup. Nothing is allocated after construction.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Where a <see cref="CoapDirectoryClient"/> stands.</summary>
    public enum CoapDirectoryState : byte
    {
        /// <summary>Not registered, and nothing to do.</summary>
        Off = 0,

        /// <summary>Asks for the place of registration.</summary>
        Discovering,

        /// <summary>Registers.</summary>
        Registering,

        /// <summary>Registered.</summary>
        Registered,

        /// <summary>Registered, and prolongs it.</summary>
        Updating,

        /// <summary>Waits after a failure.</summary>
        Waiting,

        /// <summary>Deletes the registration.</summary>
        Deleting,
    }

    /// <summary>Keeps a server registered with a resource directory. Call <see cref="Poll"/> often; the endpoint is polled by its owner.</summary>
    public sealed partial class CoapDirectoryClient : ICoapClientHandler, ICoapBodySource
    {
        /// <summary>The longest name of an endpoint, bytes (RFC 9176 section 5, ep).</summary>
        public const int LongestName = 63;

        private const int MsPerSecond = 1000;
        private const int LeastLifetimeSeconds = 60;
        private const int MostLifetimeSeconds = 86400;

        private static readonly byte[] DirectoryType = Bytes.FromString("core.rd");
        private static readonly byte[] DefaultPath = new byte[] { 2, (byte)'r', (byte)'d' };

        private readonly CoapClient _client;
        private readonly CoapServer _server;
        private readonly Random _random;
        private readonly CoapDirectoryOptions _options;
        private readonly CoapClientRequest _discover;
        private readonly CoapClientRequest _register;
        private readonly CoapClientRequest _update;
        private readonly CoapClientRequest _delete;
        private readonly CoapBody _body = new CoapBody();
        private readonly byte[] _text;
        private readonly byte[] _path;
        private readonly byte[] _location;

        private int _textLength;
        private int _pathLength;
        private int _locationLength;
        private int _handle;
        private int _retryMs;
        private bool _isStopping;
        private bool _isStale;
        private long _dueMs = long.MaxValue;
        private long _endMs;

        /// <summary>Creates a client of a directory. Everything is allocated here.</summary>
        /// <param name="client">Sends the requests; one of its places is needed at a time.</param>
        /// <param name="server">Whose links are registered.</param>
        /// <param name="random">Jitter.</param>
        /// <param name="options">Where, as what, for how long; kept.</param>
        /// <exception cref="ArgumentException">The name is missing or too long, the lifetime is out of range, or a capacity is too small.</exception>
        public CoapDirectoryClient(CoapClient client, CoapServer server, Random random, CoapDirectoryOptions options)
        {
            byte[] name = options.EndpointName == null ? Bytes.Empty : Bytes.FromString(options.EndpointName);
            if (name.Length == 0 || name.Length > LongestName)
            {
                throw new ArgumentException("EndpointName must have 1 to 63 bytes");
            }

            if (options.LifetimeSeconds < LeastLifetimeSeconds || options.LifetimeSeconds > MostLifetimeSeconds)
            {
                throw new ArgumentException("LifetimeSeconds must be 60 to 86400");
            }

            if (options.DiscoveryBytes < 1 || options.LocationBytes < 1 || options.RetryMs < 1 || options.LongestRetryMs < options.RetryMs)
            {
                throw new ArgumentException("DiscoveryBytes, LocationBytes and RetryMs must be 1 or more");
            }

            _client = client;
            _server = server;
            _random = random;
            _options = options;
            _text = new byte[options.DiscoveryBytes];
            _path = new byte[options.DiscoveryBytes > DefaultPath.Length ? options.DiscoveryBytes : DefaultPath.Length];
            _location = new byte[options.LocationBytes];

            _discover = new CoapClientRequest(this);
            _discover.Path = new byte[][] { Bytes.FromString(".well-known"), Bytes.FromString("core") };
            _discover.Query = new byte[][] { Bytes.FromString("rt=core.rd*") };
            _discover.Accept = CoapFormat.Link;

            _register = new CoapClientRequest(this);
            _register.Method = CoapCode.Post;
            _register.FlatPath = _path;
            _register.Query = QueryFor(options);
            _register.ContentFormat = CoapFormat.Link;
            _register.Source = this;

            _update = new CoapClientRequest(this);
            _update.Method = CoapCode.Post;
            _update.FlatPath = _location;

            _delete = new CoapClientRequest(this);
            _delete.Method = CoapCode.Delete;
            _delete.FlatPath = _location;
        }

        /// <summary>Where it stands.</summary>
        public CoapDirectoryState State { get; private set; }

        /// <summary>When <see cref="Poll"/> wants to be called next.</summary>
        public long NextDeadlineMs
        {
            get { return _dueMs; }
        }

        /// <summary>Why the last attempt failed without an answer; None if it was answered.</summary>
        public CoapClientError LastError { get; private set; }

        /// <summary>The code of the last answer; see <see cref="CoapCode"/>.</summary>
        public int LastCode { get; private set; }

        /// <summary>Registrations that succeeded since the start, updates not counted.</summary>
        public int Registrations { get; private set; }

        /// <summary>Updates that succeeded since the start.</summary>
        public int Updates { get; private set; }

        /// <summary>The path of the registration, each segment a length byte and so many bytes; the first <see cref="LocationLength"/> bytes count.</summary>
        public byte[] Location
        {
            get { return _location; }
        }

        /// <summary>0 if there is no registration.</summary>
        public int LocationLength
        {
            get { return _locationLength; }
        }

        /// <summary>Begins to register. In another state than Off, and while deleting, it does nothing but undo a <see cref="Delete"/> that has not begun.</summary>
        /// <param name="nowMs">The time.</param>
        public void Start(long nowMs)
        {
            _isStopping = false;
            if (State == CoapDirectoryState.Off)
            {
                _retryMs = _options.RetryMs;
                Wait(nowMs, nowMs);
            }
        }

        /// <summary>Registers anew, as soon as it can: the links or the address have changed. The directory replaces what it has of this name (RFC 9176 section 5). Also ends the wait after an attempt that was not answered: the network may be another one.</summary>
        /// <param name="nowMs">The time.</param>
        public void Renew(long nowMs)
        {
            _isStale = true;
            if (State == CoapDirectoryState.Registered || (State == CoapDirectoryState.Waiting && LastError != CoapClientError.None))
            {
                _retryMs = _options.RetryMs;
                _dueMs = nowMs;
            }
        }

        /// <summary>Deletes the registration, before deep sleep or the end; the state is Off when it is done, also if the directory did not answer.</summary>
        /// <param name="nowMs">The time.</param>
        public void Delete(long nowMs)
        {
            switch (State)
            {
                case CoapDirectoryState.Off:
                case CoapDirectoryState.Deleting:
                    return;
                case CoapDirectoryState.Registering:
                    // its answer says what there is to delete
                    _isStopping = true;
                    return;
                case CoapDirectoryState.Discovering:
                case CoapDirectoryState.Updating:
                    _client.Cancel(_handle, nowMs);
                    break;
                default:
                    break;
            }

            BeginDelete(nowMs);
        }

        /// <summary>Does what the time brings.</summary>
        /// <param name="nowMs">The time.</param>
        public void Poll(long nowMs)
        {
            if (nowMs < _dueMs)
            {
                return;
            }

            if (_locationLength > 0 && nowMs < _endMs && !_isStale)
            {
                _update.FlatPathLength = _locationLength;
                Ask(_update, CoapDirectoryState.Updating, nowMs);
            }
            else if (_pathLength > 0)
            {
                Register(nowMs);
            }
            else
            {
                _textLength = 0;
                Ask(_discover, CoapDirectoryState.Discovering, nowMs);
            }
        }

        // ep, lt and d; the directory takes the address from the datagram (RFC 9176 section 5: base may be left out)
        private static byte[][] QueryFor(CoapDirectoryOptions options)
        {
            byte[][] query = new byte[options.Sector == null ? 2 : 3][];
            query[0] = Bytes.FromString("ep=" + options.EndpointName);
            query[1] = Bytes.FromString("lt=" + options.LifetimeSeconds.ToString());
            if (options.Sector != null)
            {
                query[2] = Bytes.FromString("d=" + options.Sector);
            }

            return query;
        }
    }
}
