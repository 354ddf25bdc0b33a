// Reads the first TLS message of a client, before the handshake, to choose the door as AWS does: by ALPN (RFC 7301), and to see SNI (RFC 6066 3).
//
// RFC 8446 4.1.2 (the layout is the same for TLS 1.2). Only looks; the handshake proper reads the same bytes again.
// Leaves out: a hello larger than one record, which is treated as carrying neither name; everything but the two extensions.

using System.Buffers.Binary;
using System.Text;

namespace Firmware.Simulator.Aws;

/// <summary>What a client offered in its TLS ClientHello.</summary>
/// <param name="IsTls">False if the bytes are no TLS handshake at all.</param>
/// <param name="ServerName">The SNI host name; null = none.</param>
/// <param name="Protocols">The ALPN names in the client's order; empty = no ALPN.</param>
internal sealed record ClientHello(bool IsTls, string? ServerName, IReadOnlyList<string> Protocols)
{
    private const int RecordHeader = 5;
    private const byte Handshake = 22;
    private const byte HelloType = 1;
    private const int ExtensionServerName = 0;
    private const int ExtensionAlpn = 16;

    /// <summary>A fatal alert, no_application_protocol (120), as a whole record [RFC 7301 3.2].</summary>
    internal static readonly byte[] NoApplicationProtocol = [21, 3, 3, 0, 2, 2, 120];

    /// <summary>Reads a hello. Returns false while more bytes are needed.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> bytes, out ClientHello hello)
    {
        hello = new ClientHello(false, null, []);
        if (bytes.Length == 0)
        {
            return false;
        }

        if (bytes[0] != Handshake)
        {
            return true;
        }

        if (bytes.Length < RecordHeader)
        {
            return false;
        }

        int recordLength = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]);
        if (bytes.Length < RecordHeader + recordLength)
        {
            return false;
        }

        hello = new ClientHello(true, null, []);
        try
        {
            hello = Parse(bytes.Slice(RecordHeader, recordLength));
        }
        catch (ArgumentOutOfRangeException)
        {
            // Malformed or split over records: TLS itself will judge it.
        }

        return true;
    }

    private static ClientHello Parse(ReadOnlySpan<byte> message)
    {
        string? serverName = null;
        var protocols = new List<string>();
        if (message[..1][0] == HelloType)
        {
            ReadOnlySpan<byte> rest = message[(4 + 2 + 32)..]; // type and length, version, random
            rest = rest[(1 + rest[..1][0])..]; // session id
            rest = rest[(2 + Number(rest))..]; // cipher suites
            rest = rest[(1 + rest[..1][0])..]; // compression
            rest = rest.Slice(2, Number(rest));
            while (rest.Length > 0)
            {
                int type = Number(rest);
                int length = Number(rest[2..]);
                ReadOnlySpan<byte> body = rest.Slice(4, length);
                if (type == ExtensionServerName)
                {
                    serverName = Encoding.ASCII.GetString(body.Slice(5, Number(body[3..])));
                }
                else if (type == ExtensionAlpn)
                {
                    ReadOnlySpan<byte> list = body.Slice(2, Number(body));
                    while (list.Length > 0)
                    {
                        protocols.Add(Encoding.ASCII.GetString(list.Slice(1, list[0])));
                        list = list[(1 + list[0])..];
                    }
                }

                rest = rest[(4 + length)..];
            }
        }

        return new ClientHello(true, serverName, protocols);
    }

    private static int Number(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
