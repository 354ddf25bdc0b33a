// A TLS connection as an ITransport, through the native engine and over another ITransport (a plain TCP link on a device). The caller's two
// windows are the only buffers; nothing is allocated after construction but the native engine's own memory. It knows no clock: whoever begins a
// handshake calls Handshake again and again and gives up after its own time.
//
//   socket -> [input window] -> engine -> Read          Write -> engine -> [output window] -> socket
//
// What the engine puts out in one go, a whole flight of the handshake for example, is collected in the output window and sent together.
// A session that fails is never offered twice: TakeSession gives what the server handed out on this connection, and the owner forgets the old one.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;

namespace Firmware.Connectivity
{
    /// <summary>A TLS client connection over a plain transport. Can be used again after <see cref="Close"/>.</summary>
    public sealed partial class TlsEngineTransport : ITransport
    {
        private const int LeastWindow = 16;

        // how often one call of Read fetches input that holds no data, but new sessions or empty records: a peer must not keep the caller there
        private const int FillsWithoutData = 8;

        private readonly byte[] _input;
        private readonly byte[] _output;
        private ITransport _link;
        private int _engine;
        private int _flags;
        private int _inputStart;
        private int _inputEnd;
        private int _outputStart;
        private int _outputEnd;
        private int _fills;
        private bool _inputEnded;
        private bool _endTold;
        private bool _outputBroken;
        private bool _hasBeenReady;

        /// <summary>Creates a transport; its windows are all it will ever allocate.</summary>
        /// <param name="inputWindow">Bytes of the window towards the engine, 16 to 65,535. Records may be longer.</param>
        /// <param name="outputWindow">Bytes of the window towards the link, 16 to 65,535.</param>
        public TlsEngineTransport(int inputWindow, int outputWindow)
        {
            if (inputWindow < LeastWindow || inputWindow > ushort.MaxValue || outputWindow < LeastWindow || outputWindow > ushort.MaxValue)
            {
                throw new ArgumentException("a window of the TLS engine has 16 to 65535 bytes");
            }

            _input = new byte[inputWindow];
            _output = new byte[outputWindow];
        }

        /// <summary>The native half: mbedTLS's version as a number, 0x021C0300 for 2.28.3; 0 if this image or PC has no engine.</summary>
        public static int LibraryVersion
        {
            get
            {
                try
                {
                    return (int)TlsEngine.Info(0, TlsItem.InfoLibrary);
                }
                catch (Exception)
                {
                    // NotSupportedException on a stock image, DllNotFoundException on a PC where it was not built
                    return 0;
                }
            }
        }

        /// <summary>Whether this image or PC has the engine.</summary>
        public static bool IsEngineThere
        {
            get { return LibraryVersion != 0; }
        }

        /// <summary>Why it failed: one of <see cref="TlsError"/>; 0 if it did not.</summary>
        public int Error { get; private set; }

        /// <summary>mbedTLS's own number of the error, 0 if it has none.</summary>
        public int Detail { get; private set; }

        /// <summary>The server's alert that ended the connection (RFC 8446 6); -1 for none.</summary>
        public int Alert { get; private set; }

        /// <summary>Why the offered session was not used: one of <see cref="TlsError"/>'s Session constants; 0 if it was fit.</summary>
        public int SessionError { get; private set; }

        /// <summary>Whether the handshake is done and the server verified.</summary>
        public bool IsReady
        {
            get { return (_flags & TlsFlags.Ready) != 0; }
        }

        /// <summary>Whether the server has handed out a session that was not taken yet. Costs no call of the engine.</summary>
        public bool HasSession
        {
            get { return (_flags & TlsFlags.Session) != 0 && Error == 0; }
        }

        /// <summary>Whether a session was resumed. Known when <see cref="IsReady"/>.</summary>
        public bool IsResumed
        {
            get { return _engine > 0 && TlsEngine.Info(_engine, TlsItem.InfoResumed) == 1; }
        }

        /// <summary>The TLS version: 0x0303 or 0x0304; 0 if not known.</summary>
        public int Version
        {
            get { return _engine > 0 ? (int)TlsEngine.Info(_engine, TlsItem.InfoVersion) : 0; }
        }

        /// <summary>Whether the handshake was ever done since <see cref="Begin"/>: tells a failure of the handshake from one after it.</summary>
        public bool HasBeenReady
        {
            get { return _hasBeenReady; }
        }

        /// <summary>Bytes that came from the link, records and handshake included.</summary>
        public long WireIn { get; private set; }

        /// <summary>Bytes that went to the link.</summary>
        public long WireOut { get; private set; }

        /// <summary>Pumps so far.</summary>
        public int Pumps { get; private set; }

        /// <summary>Takes the link over and prepares the handshake. The link is closed with this transport, whatever the result.</summary>
        /// <param name="link">An open connection to the server.</param>
        /// <param name="options">What the connection is to be; not needed any more when this returns.</param>
        /// <returns>0, or one of <see cref="TlsError"/>; then <see cref="Close"/> frees what is held.</returns>
        public int Begin(ITransport link, TlsOptions options)
        {
            Close();
            _link = link;
            _flags = 0;
            _inputStart = _inputEnd = _outputStart = _outputEnd = 0;
            _inputEnded = _endTold = _outputBroken = false;
            _hasBeenReady = false;
            Error = Detail = SessionError = 0;
            Alert = -1;
            WireIn = WireOut = 0;
            Pumps = 0;
            _engine = TlsEngine.Open();
            if (_engine <= 0)
            {
                Error = _engine;
                _engine = 0;
                return Error;
            }

            SetNumber(TlsItem.NumberNow, options.UnixSeconds);
            SetNumber(TlsItem.NumberMinVersion, options.MinimumVersion);
            SetNumber(TlsItem.NumberMaxVersion, options.MaximumVersion);
            SetNumber(TlsItem.NumberMaxFragment, options.MaximumFragment);
            Set(TlsItem.SetHost, options.Host);
            Set(TlsItem.SetCa, options.Ca);
            Set(TlsItem.SetCert, options.Certificate);
            Set(TlsItem.SetKey, options.Key);
            if (options.Alpn != null)
            {
                Set(TlsItem.SetAlpn, options.Alpn);
                SetNumber(TlsItem.NumberAlpnRequired, 1);
            }

            if (Error == 0 && options.Session != null && options.SessionLength > 0)
            {
                // an unfit session costs a full handshake, not the connection
                SessionError = TlsEngine.Set(_engine, TlsItem.SetSession, options.Session, 0, options.SessionLength);
            }

            if (Error == 0)
            {
                Fail(TlsEngine.Start(_engine));
                Detail = Error != 0 ? (int)TlsEngine.Info(_engine, TlsItem.InfoDetail) : 0;
            }

            return Error;
        }

        /// <summary>Goes on with the handshake as far as it can without waiting, at most one step of it.</summary>
        /// <returns>Whether something moved; if not, the caller waits for the link. <see cref="IsReady"/> and <see cref="Error"/> tell the end.</returns>
        public bool Handshake()
        {
            return Error == 0 && !IsReady && Pump();
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            if (_engine <= 0)
            {
                return TransportResult.Failed;
            }

            // the server's alert about the client certificate and new sessions come after the handshake, too
            _fills = 0;
            do
            {
                if ((_flags & TlsFlags.Readable) != 0)
                {
                    int got = TlsEngine.Read(_engine, buffer, offset, count);
                    if (got != 0)
                    {
                        return got > 0 ? got : Broken(got);
                    }

                    _flags &= ~TlsFlags.Readable;
                }

                if (Error != 0)
                {
                    return TransportResult.Failed;
                }

                if ((_flags & TlsFlags.Closed) != 0)
                {
                    return TransportResult.Closed;
                }
            }
            while ((_fills < FillsWithoutData || _inputStart != _inputEnd) && Pump());

            return Error != 0 ? TransportResult.Failed : (_flags & TlsFlags.Closed) != 0 ? TransportResult.Closed : 0;
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            if (_engine <= 0 || Error != 0 || _outputBroken)
            {
                return TransportResult.Failed;
            }

            int taken = 0;
            while (taken < count)
            {
                int piece = TlsEngine.Write(_engine, buffer, offset + taken, count - taken);
                if (piece < 0)
                {
                    return Broken(piece);
                }

                taken += piece;
                Flush();
                if (Error != 0 || _outputBroken)
                {
                    return TransportResult.Failed;
                }

                if (piece == 0)
                {
                    break;
                }
            }

            return taken;
        }

        /// <summary>Copies the session that the server handed out, once. It is a secret: whoever has it can pass for the device until it expires.</summary>
        /// <param name="buffer">Gets the session; 2,048 bytes are enough for usual certificates.</param>
        /// <returns>Its bytes; 0 if there is none that was not taken yet, or if it does not fit.</returns>
        public int TakeSession(byte[] buffer)
        {
            if (_engine <= 0 || !HasSession)
            {
                return 0;
            }

            _flags &= ~TlsFlags.Session;
            int length = TlsEngine.Get(_engine, TlsItem.GetSession, buffer, 0, buffer.Length);
            return length > 0 ? length : 0;
        }

        /// <summary>Copies an item of <see cref="TlsItem"/>'s Get constants, for example the agreed ALPN protocol.</summary>
        /// <param name="item">The item.</param>
        /// <param name="buffer">Gets the bytes.</param>
        /// <returns>Their count, 0 for none, or one of <see cref="TlsError"/>.</returns>
        public int Get(int item, byte[] buffer)
        {
            return _engine > 0 ? TlsEngine.Get(_engine, item, buffer, 0, buffer.Length) : TlsError.State;
        }

        /// <summary>Says the end in order as far as the link takes it at once, closes the link and frees the engine. May be called more than once.</summary>
        public void Close()
        {
            if (_engine > 0)
            {
                // after a failure this is for the last alert, which tells the server why
                if (Error != 0 || (IsReady && TlsEngine.Shutdown(_engine) == 0))
                {
                    Flush();
                }

                TlsEngine.Close(_engine);
                _engine = 0;
            }

            if (_link != null)
            {
                _link.Close();
                _link = null;
            }

            _flags = 0;
        }

        private void Set(int item, byte[] data)
        {
            if (data != null)
            {
                Fail(TlsEngine.Set(_engine, item, data, 0, data.Length));
            }
        }

        private void SetNumber(int item, long value)
        {
            if (value != 0)
            {
                Fail(TlsEngine.SetNumber(_engine, item, value));
            }
        }

        private void Fail(int error)
        {
            if (Error == 0)
            {
                Error = error;
            }
        }

        private int Broken(int error)
        {
            Fail(error);
            return TransportResult.Failed;
        }
    }
}
