// The TLS session that the broker handed out, for the next connection: kept in memory, and in a file if the configuration says so. A session is a secret
// and is never logged. It has one owner at a time: the connector's thread until a connection is open, then the loop's.
//
// The file: the engine's session | 8 bytes: when its certificates were last shown, Unix seconds, big endian | CRC-32 of both. What a cut of power leaves of
// it is told by the CRC, and by the engine's own digest: then the next handshake is a full one.

using System.IO;
using Firmware.Protocols.Outbox;
using Firmware.Protocols.Tls;

namespace Firmware.Connectivity
{
    /// <summary>Keeps one session, and offers it as long as nothing speaks against it.</summary>
    public sealed class TlsSessions
    {
        /// <summary>The file below the storage's root.</summary>
        public const string FileName = "tls.session";

        private const int Trailer = 12;

        private readonly byte[] _session = new byte[Limits.TlsSession + Trailer];
        private readonly Storage _storage;
        private int _length;
        private long _verifiedAt;
        private bool _isStored;
        private bool _isChanged;

        /// <summary>Creates the place, and fetches what was saved.</summary>
        /// <param name="storage">Where the file is; null to keep sessions in memory only.</param>
        public TlsSessions(Storage storage)
        {
            _storage = storage;
            if (storage != null)
            {
                Restore();
            }
        }

        /// <summary>Whether there is a session.</summary>
        public bool HasSession
        {
            get { return _length > 0; }
        }

        /// <summary>Puts the session into the options of a connection, or none.</summary>
        /// <param name="options">With the time now.</param>
        /// <returns>Whether one is offered.</returns>
        public bool Offer(TlsOptions options)
        {
            long age = options.UnixSeconds - _verifiedAt;
            if (_length > 0 && (age < 0 || age > Limits.TlsSessionSeconds))
            {
                Drop();
            }

            options.Session = _length > 0 ? _session : null;
            options.SessionLength = _length;
            return _length > 0;
        }

        /// <summary>Takes the connection's new session, if there is one; the old one is then forgotten.</summary>
        /// <param name="connection">Ready.</param>
        /// <param name="verifiedAt">When the server's certificates were verified, if this connection did; else 0: a resumed session inherits that.</param>
        public void Take(TlsEngineTransport connection, long verifiedAt)
        {
            if (!connection.HasSession)
            {
                return;
            }

            int length = connection.TakeSession(_session);
            _length = length > Limits.TlsSession ? 0 : length;
            _verifiedAt = verifiedAt != 0 ? verifiedAt : _verifiedAt;
            _isChanged = true;
        }

        /// <summary>The session was used and is good for one connection only (TLS 1.3, RFC 8446 C.4): it is not offered again.</summary>
        public void Spend()
        {
            _length = 0;
            _isChanged = true;
        }

        /// <summary>Forgets the session, here and in storage, at once: it was refused, or it failed.</summary>
        public void Drop()
        {
            Spend();
            Save();
        }

        /// <summary>Brings storage up to date, if it is used: at most one write for each new session.</summary>
        public void Save()
        {
            if (_storage == null || !_isChanged)
            {
                return;
            }

            _isChanged = false;
            try
            {
                if (_length > 0)
                {
                    int at = _length;
                    BigEndian.PutInt32(_session, at, (int)(_verifiedAt >> 32));
                    BigEndian.PutInt32(_session, at + 4, (int)_verifiedAt);
                    BigEndian.PutInt32(_session, at + 8, (int)Crc32.Compute(_session, 0, at + 8));
                    _storage.Write(FileName, _session, 0, at + Trailer);
                    _isStored = true;
                }
                else if (_isStored)
                {
                    _storage.Delete(FileName);
                    _isStored = false;
                }
            }
            catch (IOException)
            {
                // costs a full handshake after deep sleep, no more
                Log.Warning(_storage.FullName(FileName) + " could not be written: is the storage full?");
            }
        }

        private void Restore()
        {
            try
            {
                if (!_storage.Exists(FileName))
                {
                    return;
                }

                _isStored = true;
                int count = _storage.Read(FileName, _session, 0, _session.Length);
                int at = count - Trailer;
                if (at > 0 && BigEndian.GetInt32(_session, at + 8) == (int)Crc32.Compute(_session, 0, at + 8))
                {
                    _verifiedAt = ((long)BigEndian.GetInt32(_session, at) << 32) | (uint)BigEndian.GetInt32(_session, at + 4);
                    _length = at;
                }
            }
            catch (IOException)
            {
                // as if there were none
            }
        }
    }
}
