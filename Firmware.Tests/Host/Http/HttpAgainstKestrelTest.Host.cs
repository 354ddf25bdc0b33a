// A second opinion: what HttpRequestReader takes, Kestrel's parser must take, too, with the same method, target and fields, over random damage. The other way round they may
// differ: we are stricter.

using System.Buffers;
using System.Text;
using Firmware.Protocols.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpAgainstKestrelTest
{
    private const int Requests = 30_000;

    private static readonly string[] Seeds =
    [
        "GET /sensors/temperature?a=b&c=%20 HTTP/1.1\r\nHost: toaster.local:80\r\nAccept: */*\r\nIf-None-Match: \"1\"\r\n\r\n",
        "PUT /actuators/led HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer secret\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n",
        "GET /events HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://h\r\n\r\n",
        "DELETE http://h:1/p?q HTTP/1.0\r\nConnection: close\r\n\r\n",
    ];

    [DataRow(1)]
    [DataRow(2)]
    public static void What_we_take_kestrel_takes_and_reads_alike(int seed)
    {
        Random random = new(seed);
        HttpParser<Heard> parser = new(showErrorDetails: false);
        int taken = 0;
        for (int i = 0; i < Requests; i++)
        {
            List<byte> bytes = [.. HttpText.Bytes(Seeds[random.Next(Seeds.Length)])];
            byte[] alphabet = HttpText.Bytes(" \t\r\n:;,/?%\0\x7F\x80\"'()<>@[]{}=+-_aZ09");
            for (int damage = random.Next(4); damage > 0; damage--)
            {
                int at = random.Next(bytes.Count);
                byte other = alphabet[random.Next(alphabet.Length)];
                switch (random.Next(3))
                {
                    case 0:
                        bytes[at] = other;
                        break;
                    case 1:
                        bytes.Insert(at, other);
                        break;
                    default:
                        bytes.RemoveAt(at);
                        break;
                }
            }

            // a higher minor version is to be taken as 1.1 (RFC 9110, 2.5), which Kestrel does not
            byte[] request = HttpText.Bytes(System.Text.RegularExpressions.Regex.Replace(Encoding.Latin1.GetString([.. bytes]), "HTTP/1\\.[2-9]", "HTTP/1.1"));
            HttpRequestReader reader = HttpText.Requests();
            if (reader.Read(new PieceTransport(request, () => int.MaxValue)) != HttpRead.Message || reader.RestLength > 0 || reader.BodyLength > 0)
            {
                continue;
            }

            taken++;
            string what = $"seed {seed}, request {i}: {Encoding.Latin1.GetString(request)}";
            Heard heard = new();
            SequenceReader<byte> rest = new(new ReadOnlySequence<byte>(request, request[0] == '\r' ? 2 : 0, request.Length - (request[0] == '\r' ? 2 : 0)));
            try
            {
                Assert.IsTrue(parser.ParseRequestLine(heard, ref rest) && parser.ParseHeaders(heard, ref rest), what);
            }
            catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
            {
                Assert.IsTrue(false, $"{e.Message} {what}");
            }

            Assert.AreEqual(0L, rest.Remaining, what);
            Assert.AreEqual(heard.Method, reader.Method.ToString().ToUpperInvariant(), what);
            string target = View(reader, reader.PathOffset, reader.PathLength) + (reader.QueryLength > 0 ? "?" + View(reader, reader.QueryOffset, reader.QueryLength) : "");
            Assert.IsTrue(heard.Target.TrimEnd('?').EndsWith(target.TrimEnd('?'), StringComparison.Ordinal), $"{heard.Target} {what}");
            for (int field = 0; field < HttpField.Count; field++)
            {
                string name = Encoding.ASCII.GetString(HttpField.Name(field));
                if (reader.Has(field))
                {
                    Assert.AreEqual(heard.Fields.GetValueOrDefault(name), View(reader, reader.ValueOffset(field), reader.ValueLength(field)), what);
                }
                else if (field is not (HttpField.Connection or HttpField.ContentLength or HttpField.TransferEncoding))
                {
                    Assert.IsFalse(heard.Fields.ContainsKey(name), name + " was missed: " + what);
                }
            }
        }

        Assert.IsTrue(taken > Requests / 5 && taken < Requests * 4 / 5, $"{taken} of {Requests} were taken");
    }

    private static string View(HttpReader reader, int offset, int length) => Encoding.Latin1.GetString(reader.Buffer, offset, length);

    private sealed class Heard : IHttpRequestLineHandler, IHttpHeadersHandler
    {
        internal string Method { get; private set; } = "";

        internal string Target { get; private set; } = "";

        internal Dictionary<string, string> Fields { get; } = new(StringComparer.OrdinalIgnoreCase);

        public void OnStartLine(HttpVersionAndMethod versionAndMethod, TargetOffsetPathLength targetPath, Span<byte> startLine)
        {
            string[] parts = Encoding.Latin1.GetString(startLine).Split(' ');
            Method = parts[0];
            Target = parts[1];
        }

        public void OnHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Fields[Encoding.ASCII.GetString(name)] = Encoding.Latin1.GetString(value);

        public void OnHeadersComplete(bool endStream)
        {
        }

        public void OnStaticIndexedHeader(int index)
        {
        }

        public void OnStaticIndexedHeader(int index, ReadOnlySpan<byte> value)
        {
        }
    }
}
