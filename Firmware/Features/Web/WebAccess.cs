// Who may change something over HTTP: whoever has the token of the configuration, as "Authorization: Bearer" or in the first message of a WebSocket.
// Plain HTTP shows the token to everybody on the network: it keeps out guests and web pages, not who listens. And nobody may any more once the
// device has made everything safe to stop.

using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using Firmware.Protocols.WebSocket;
using Firmware.Settings;

namespace Firmware.Features.Web
{
    /// <summary>Decides about requests that change something.</summary>
    public sealed class WebAccess
    {
        private static readonly byte[] IsOff = Bytes.FromString("switching over HTTP is off; in device.json, \"http\": {\"token\": \"...\"} allows it to who has the token");
        private static readonly byte[] NoToken = Bytes.FromString("give the token of device.json: Authorization: Bearer ...");
        private static readonly byte[] OtherOrigin = Bytes.FromString("a page of another server may not switch this device");
        private static readonly byte[] IsEnding = Bytes.FromString("the device is stopping");

        private readonly byte[] _token;

        /// <summary>Creates the rule.</summary>
        /// <param name="configuration">The token.</param>
        public WebAccess(DeviceConfiguration configuration)
        {
            _token = configuration.HttpToken == null ? Bytes.Empty : Bytes.FromString(configuration.HttpToken);
        }

        /// <summary>True once everything was made safe for the end: nothing is changed any more.</summary>
        public bool IsStopping { get; set; }

        /// <summary>Why the last request was refused, UTF-8.</summary>
        public byte[] Reason { get; private set; }

        /// <summary>Judges a request.</summary>
        /// <param name="request">The request.</param>
        /// <returns>The status that refuses it: 401, 403 or 503; 0 if it may.</returns>
        public int Judge(HttpRequestReader request)
        {
            if (!WebSocketHandshake.IsSameOrigin(request))
            {
                return Refuse(403, OtherOrigin);
            }

            return _token.Length > 0 && !IsStopping && !request.IsBearer(_token) ? Refuse(401, NoToken) : Judge();
        }

        /// <summary>Judges whether anybody may.</summary>
        /// <returns>403 or 503; 0 if who has the token may.</returns>
        public int Judge()
        {
            return IsStopping ? Refuse(503, IsEnding) : _token.Length == 0 ? Refuse(403, IsOff) : 0;
        }

        /// <summary>Compares a token. All bytes are compared, whichever differ.</summary>
        /// <param name="buffer">Where it stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>True if it is the right one; never without one in the configuration.</returns>
        public bool IsToken(byte[] buffer, int offset, int length)
        {
            if (_token.Length == 0)
            {
                return false;
            }

            int difference = length ^ _token.Length;
            for (int i = 0; i < length; i++)
            {
                difference |= buffer[offset + i] ^ _token[i % _token.Length];
            }

            return difference == 0;
        }

        private int Refuse(int status, byte[] reason)
        {
            Reason = reason;
            return status;
        }
    }
}
