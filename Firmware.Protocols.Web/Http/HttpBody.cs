// How the body of a message ends.

namespace Firmware.Protocols.Http
{
    // RFC 9112, 6.3
    internal enum HttpBody : byte
    {
        // there is none
        None = 0,

        // as many bytes as Content-Length tells
        Fixed,

        // with a chunk of no bytes
        Chunked,

        // with the link: responses only
        ToEnd,

        // the head was an interim response: another message follows
        Interim,
    }
}
