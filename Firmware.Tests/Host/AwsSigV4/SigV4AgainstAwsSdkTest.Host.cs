// A second opinion: the AWS SDK for .NET must give the same signatures over random regions, keys, tokens, times, hosts, topics and bodies. Its pre-signed URLs are made by
// its whole signer; for signed headers its canonical request is taken over our set of headers, since it signs more of its own.

using System.Globalization;
using System.Text;
using System.Web;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.AwsSigV4;

[TestClass]
public static class SigV4AgainstAwsSdkTest
{
    private const int Requests = 300;
    private const string KeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    private const string TopicLetters = "abzAZ019-._~/ $&+,:;=?@#!*'()[]{}|\\^`\"<>%\t\u00e4\u4e2d\ud83d\ude00";

    [DataRow(1)]
    [DataRow(2)]
    public static void Signs_urls_of_mqtt_over_websocket_as_the_sdk_does(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < Requests; i++)
        {
            Draw(random, out string region, out string id, out string secret, out string token, out DateTime time, out string host);
            int expires = random.Next(1, 604800);
            DefaultRequest request = new(new AnyRequest(), "iotdevicegateway") { HttpMethod = "GET", Endpoint = new Uri($"https://{host}/"), ResourcePath = "/mqtt", UseQueryString = true };
            request.Parameters["X-Amz-Expires"] = expires.ToString(CultureInfo.InvariantCulture);
            AWS4SigningResult judged = AWS4PreSignedUrlSigner.SignRequest(request, new AnyConfig(), null, id, secret, "iotdevicegateway", region, time);

            SigV4Signer signer = new(Ascii(region), SigV4Signer.IotDeviceGateway);
            ByteWriter writer = new();
            writer.Reset(new byte[3000], 0, 3000);
            signer.WriteMqttTarget(writer, new AwsCredentials(Ascii(id), Ascii(secret), Ascii(token)), Ascii(host), new DateTimeOffset(time).ToUnixTimeSeconds(), expires);
            Assert.IsFalse(writer.Overflowed);
            string target = Encoding.ASCII.GetString(writer.Buffer, 0, writer.Length);
            System.Collections.Specialized.NameValueCollection query = HttpUtility.ParseQueryString(target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..]);
            Assert.AreEqual(judged.Signature, query["X-Amz-Signature"], $"seed {seed}, request {i}: {target}");
            Assert.AreEqual($"{id}/{judged.Scope}", query["X-Amz-Credential"]);
            Assert.AreEqual(judged.ISO8601DateTime, query["X-Amz-Date"]);
            Assert.AreEqual(token.Length == 0 ? null : token, query["X-Amz-Security-Token"]);
        }
    }

    [DataRow(1)]
    [DataRow(2)]
    public static void Signs_publish_requests_as_the_sdk_does(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < Requests; i++)
        {
            Draw(random, out string region, out string id, out string secret, out string token, out DateTime time, out string host);
            string topic = "t" + Text(random, TopicLetters, random.Next(40));
            byte[] body = new byte[random.Next(300)];
            random.NextBytes(body);
            string? type = random.Next(2) == 0 ? "application/json;  charset=utf-8" : null;
            SortedDictionary<string, string> headers = new(StringComparer.Ordinal)
            {
                ["host"] = host,
                ["x-amz-date"] = time.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
            };
            if (token.Length > 0)
            {
                headers["x-amz-security-token"] = token;
            }

            if (type is not null)
            {
                headers["content-type"] = type;
            }

            string canonical = Judge.Canonicalize(new Uri($"https://{host}/"), "/topics/{topic}", "POST", headers, [new("retain", "true"), new("qos", "1")],
                Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(body)), new Dictionary<string, string> { ["{topic}"] = topic });
            string names = string.Join(';', headers.Keys);
            AWS4SigningResult judged = AWS4Signer.ComputeSignature(id, secret, region, time, "iotdata", names, canonical);

            SigV4Signer signer = new(Ascii(region), SigV4Signer.IotData);
            ByteWriter writer = new();
            writer.Reset(new byte[4000], 0, 4000);
            writer.Raw("/topics/"u8.ToArray());
            byte[] name = Encoding.UTF8.GetBytes(topic);
            writer.Percent(name, 0, name.Length);
            writer.Raw("?retain=true&qos=1"u8.ToArray());
            int length = writer.Length;
            signer.WriteHeaders(writer, new AwsCredentials(Ascii(id), Ascii(secret), Ascii(token)), Ascii("POST"), writer.Buffer, 0, length, Ascii(host), type is null ? null : Ascii(type),
                body, 0, body.Length, new DateTimeOffset(time).ToUnixTimeSeconds());
            Assert.IsFalse(writer.Overflowed, topic);
            string written = Encoding.ASCII.GetString(writer.Buffer, length, writer.Length - length);
            string expected = $"x-amz-date: {headers["x-amz-date"]}\r\n" + (token.Length > 0 ? $"x-amz-security-token: {token}\r\n" : "")
                + $"Authorization: AWS4-HMAC-SHA256 Credential={id}/{judged.Scope}, SignedHeaders={names}, Signature={judged.Signature}\r\n";
            Assert.AreEqual(expected, written, $"seed {seed}, request {i}: {topic}");
        }
    }

    private static void Draw(Random random, out string region, out string id, out string secret, out string token, out DateTime time, out string host)
    {
        region = random.Next(3) switch { 0 => "us-east-1", 1 => "eu-central-1", _ => Text(random, "abcdefgh-0123", random.Next(1, 20)) };
        id = "AKIA" + Text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16);
        secret = Text(random, KeyLetters, random.Next(4) == 0 ? random.Next(1, 120) : 40);
        token = random.Next(3) == 0 ? "" : Text(random, KeyLetters, random.Next(1, 900));
        time = DateTime.UnixEpoch.AddSeconds(random.NextInt64(4_000_000_000));
        host = Text(random, "abcdefgh0123", 14) + $"-ats.iot.{region.Trim('-')}x.amazonaws.com" + (random.Next(4) == 0 ? ":8443" : "");
    }

    private static string Text(Random random, string letters, int length)
    {
        Rune[] runes = [.. letters.EnumerateRunes()];
        return string.Concat(Enumerable.Range(0, length).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    // opens what the SDK keeps for its own signers
    private sealed class Judge : AWS4Signer
    {
        internal static string Canonicalize(Uri endpoint, string path, string method, IDictionary<string, string> headers, KeyValuePair<string, string>[] query, string hash, Dictionary<string, string> resources) =>
            CanonicalizeRequest(endpoint, path, method, headers, CanonicalizeQueryParameters(query), hash, resources, true);
    }

    private sealed class AnyRequest : AmazonWebServiceRequest;

    private sealed class AnyConfig : ClientConfig
    {
        internal AnyConfig()
            : base(new NoDefaults())
        {
        }

        public override string ServiceVersion => "2015-05-28";

        public override string UserAgent => "test";

        public override string RegionEndpointServiceName => "iotdata";

        public override Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters parameters) => throw new NotSupportedException();
    }

    private sealed class NoDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(Amazon.RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) => throw new NotSupportedException();
    }
}
