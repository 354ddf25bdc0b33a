// The header fields that a door needs; all others are checked for their form and skipped. Names are in lower case, as they are written, too: they are compared
// without case (RFC 9110, 5.1).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>The numbers and names of header fields.</summary>
    public static class HttpField
    {
        /// <summary>Media types that the client takes.</summary>
        public const int Accept = 0;

        /// <summary>The methods that a resource has, in an answer.</summary>
        public const int Allow = 1;

        /// <summary>Who the client is.</summary>
        public const int Authorization = 2;

        /// <summary>Whether stored answers may be used.</summary>
        public const int CacheControl = 3;

        /// <summary>What becomes of the link.</summary>
        public const int Connection = 4;

        /// <summary>The length of the body.</summary>
        public const int ContentLength = 5;

        /// <summary>The media type of the body.</summary>
        public const int ContentType = 6;

        /// <summary>When the message was made.</summary>
        public const int Date = 7;

        /// <summary>The version of a representation.</summary>
        public const int ETag = 8;

        /// <summary>What the client waits for before it sends the body.</summary>
        public const int Expect = 9;

        /// <summary>Which server is meant.</summary>
        public const int Host = 10;

        /// <summary>Only if the version is one of these.</summary>
        public const int IfMatch = 11;

        /// <summary>Only if the version is none of these.</summary>
        public const int IfNoneMatch = 12;

        /// <summary>The web page that makes a browser ask.</summary>
        public const int Origin = 13;

        /// <summary>When to ask again, seconds.</summary>
        public const int RetryAfter = 14;

        /// <summary>Proof that a WebSocket server understood (RFC 6455, 11.3.3).</summary>
        public const int SecWebSocketAccept = 15;

        /// <summary>Extensions of WebSocket; we have none.</summary>
        public const int SecWebSocketExtensions = 16;

        /// <summary>What that proof is made from.</summary>
        public const int SecWebSocketKey = 17;

        /// <summary>The protocols above WebSocket.</summary>
        public const int SecWebSocketProtocol = 18;

        /// <summary>The version of WebSocket: 13.</summary>
        public const int SecWebSocketVersion = 19;

        /// <summary>How the body is wrapped.</summary>
        public const int TransferEncoding = 20;

        /// <summary>Another protocol for this link.</summary>
        public const int Upgrade = 21;

        /// <summary>How the client can show who it is, in an answer 401.</summary>
        public const int WwwAuthenticate = 22;

        /// <summary>How many fields there are.</summary>
        public const int Count = 23;

        private static readonly byte[][] Names =
        {
            Bytes.FromString("accept"), Bytes.FromString("allow"), Bytes.FromString("authorization"), Bytes.FromString("cache-control"), Bytes.FromString("connection"),
            Bytes.FromString("content-length"), Bytes.FromString("content-type"), Bytes.FromString("date"), Bytes.FromString("etag"), Bytes.FromString("expect"),
            Bytes.FromString("host"), Bytes.FromString("if-match"), Bytes.FromString("if-none-match"), Bytes.FromString("origin"), Bytes.FromString("retry-after"),
            Bytes.FromString("sec-websocket-accept"), Bytes.FromString("sec-websocket-extensions"), Bytes.FromString("sec-websocket-key"),
            Bytes.FromString("sec-websocket-protocol"), Bytes.FromString("sec-websocket-version"), Bytes.FromString("transfer-encoding"), Bytes.FromString("upgrade"),
            Bytes.FromString("www-authenticate"),
        };

        /// <summary>The name of a field.</summary>
        /// <param name="field">Its number.</param>
        /// <returns>The name in lower case; not to be changed.</returns>
        public static byte[] Name(int field)
        {
            return Names[field];
        }

        /// <summary>Finds a field by its name.</summary>
        /// <param name="buffer">The buffer of the name.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <returns>The number, or -1.</returns>
        public static int Find(byte[] buffer, int offset, int length)
        {
            for (int i = 0; i < Count; i++)
            {
                byte[] name = Names[i];
                if (name.Length == length && HttpSyntax.EqualsIgnoreCase(buffer, offset, length, name))
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
