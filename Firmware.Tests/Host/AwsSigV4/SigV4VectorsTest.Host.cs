// SigV4Signer against published signatures: the cases of AWS's Signature Version 4 test suite that a device's request can be, and the two URLs for MQTT over
// WebSocket in the project's notes. Paths and queries stand here as they are sent.

using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.AwsSigV4;

[TestClass]
public static class SigV4VectorsTest
{
    private const string Token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    // 2015-08-30T12:36:00Z
    private static readonly long SuiteTime = new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static readonly AwsCredentials SuiteKey = new(Ascii("AKIDEXAMPLE"), Ascii("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), null);

    // name, method, target, headers with | between, body, signature
    [DataRow("get-header-key-duplicate", "GET", "/", "host:example.amazonaws.com|my-header1:value2,value2,value1|x-amz-date", "", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")]
    [DataRow("get-header-value-order", "GET", "/", "host:example.amazonaws.com|my-header1:value4,value1,value3,value2|x-amz-date", "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")]
    [DataRow("get-header-value-trim", "GET", "/", "host:example.amazonaws.com|my-header1: value1|my-header2: \"a   b   c\"  |x-amz-date", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [DataRow("get-unreserved", "GET", "/" + Unreserved, "host:example.amazonaws.com|x-amz-date", "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [DataRow("get-utf8", "GET", "/\u1234", "host:example.amazonaws.com|x-amz-date", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [DataRow("get-vanilla", "GET", "/", "host:example.amazonaws.com|x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [DataRow("get-vanilla-query", "GET", "/?", "host:example.amazonaws.com|x-amz-date", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [DataRow("get-vanilla-empty-query-key", "GET", "/?Param1=value1", "host:example.amazonaws.com|x-amz-date", "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [DataRow("get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "host:example.amazonaws.com|x-amz-date", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [DataRow("get-vanilla-query-unreserved", "GET", "/?" + Unreserved + "=" + Unreserved, "host:example.amazonaws.com|x-amz-date", "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")]
    [DataRow("get-vanilla-utf8-query", "GET", "/?%E1%88%B4=bar", "host:example.amazonaws.com|x-amz-date", "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [DataRow("post-vanilla", "POST", "/", "host:example.amazonaws.com|x-amz-date", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [DataRow("post-vanilla-query", "POST", "/?Param1=value1", "host:example.amazonaws.com|x-amz-date", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    [DataRow("post-header-key-sort", "POST", "/", "host:example.amazonaws.com|my-header1:value1|x-amz-date", "", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [DataRow("post-header-value-case", "POST", "/", "host:example.amazonaws.com|my-header1:VALUE1|x-amz-date", "", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")]
    [DataRow("post-sts-header-before", "POST", "/", "host:example.amazonaws.com|x-amz-date|x-amz-security-token:" + Token, "", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")]
    [DataRow("post-x-www-form-urlencoded", "POST", "/", "content-type:application/x-www-form-urlencoded|host:example.amazonaws.com|x-amz-date", "Param1=value1", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")]
    [DataRow("post-x-www-form-urlencoded-parameters", "POST", "/", "content-type:application/x-www-form-urlencoded; charset=utf8|host:example.amazonaws.com|x-amz-date", "Param1=value1", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe")]
    public static void Signs_the_requests_of_the_public_suite(string name, string method, string target, string headers, string body, string expected)
    {
        SigV4Signer signer = new(Ascii("us-east-1"), Ascii("service"));
        Begin(signer, method, target);
        foreach (string header in headers.Split('|'))
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            byte[] value = Ascii(colon < 0 ? "20150830T123600Z" : header[(colon + 1)..]);
            signer.Header(Ascii(colon < 0 ? header : header[..colon]), value, 0, value.Length);
        }

        signer.End(SuiteKey, System.Security.Cryptography.SHA256.HashData(Ascii(body)));
        Assert.IsFalse(signer.Failed, name);
        Assert.AreEqual(expected, Encoding.ASCII.GetString(signer.Signature), name);
        ByteWriter writer = new();
        writer.Reset(new byte[1000], 0, 1000);
        signer.WriteAuthorization(writer, SuiteKey);
        string names = string.Join(';', headers.Split('|').Select(h => h.Split(':')[0]));
        Assert.AreEqual($"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={names}, Signature={expected}\r\n", Text(writer));
    }

    // normalize-path of the suite: what a server would rewrite is refused here, since such a topic cannot be told in a path
    [DataRow("/example/..")]
    [DataRow("/./")]
    [DataRow("/../x")]
    [DataRow("/a/./b")]
    [DataRow("//")]
    [DataRow("/a//b")]
    [DataRow("/..")]
    [DataRow("/.")]
    [DataRow("")]
    [DataRow("a")]
    [DataRow("/?a=b c")]
    [DataRow("/?a=%2f")]
    [DataRow("/?a=%2")]
    [DataRow("/?a=b=c")]
    [DataRow("/?=a")]
    [DataRow("/?a&")]
    [DataRow("/?a&&b")]
    [DataRow("/?a=\u00e4")]
    [DataRow("/?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16&17")]
    public static void Refuses_targets_that_are_not_in_their_final_form(string target)
    {
        SigV4Signer signer = new(Ascii("us-east-1"), Ascii("service"));
        Begin(signer, "GET", target);
        Assert.IsTrue(signer.Failed);
        ByteWriter writer = new();
        writer.Reset(new byte[1000], 0, 1000);
        signer.WriteAuthorization(writer, SuiteKey);
        Assert.IsTrue(writer.Overflowed);
        Begin(signer, "GET", "/topics/a...b/..c/.d./e/?1&2&3&4&5&6&7&8&9&10&11&12&13&14&15&16=");
        Assert.IsFalse(signer.Failed, "the next one");
    }

    [DataRow("host,a")]
    [DataRow("host,host")]
    [DataRow("")]
    [DataRow("a,b\n")]
    [DataRow("a0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public static void Refuses_headers_out_of_order_and_none_and_line_ends(string names)
    {
        SigV4Signer signer = new(Ascii("us-east-1"), Ascii("service"));
        Begin(signer, "GET", "/");
        foreach (string name in names.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            signer.Header(Ascii(name.Trim()), Ascii("x" + name), 0, name.Length + 1);
        }

        signer.End(SuiteKey, SigV4Signer.EmptyBody);
        Assert.IsTrue(signer.Failed);
    }

    [DataRow("example.iot.us-east-1.amazonaws.com", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "iotdevicegateway", 1369353600, 86400, "3ec863617e7e6afa53fc5669c7db4983300818ddc18e72db53c6408d00f60d94")]
    [DataRow("iot.us-east-1.amazonaws.com", "123", "456", "iotdata", 1451606400, 0, "b50019dd3ec2d316a6a7938f363f6c792b5f58c04e1e6535d6ae277bf8cf3304")]
    public static void Signs_the_known_urls_of_mqtt_over_websocket(string host, string id, string secret, string service, int time, int expires, string signature)
    {
        SigV4Signer signer = new(Ascii("us-east-1"), Ascii(service));
        AwsCredentials key = new(Ascii(id), Ascii(secret), null);
        AwsCredentials temporary = new(Ascii(id), Ascii(secret), Ascii("a+/="));
        ByteWriter writer = new();
        writer.Reset(new byte[1000], 0, 1000);
        signer.WriteMqttUrl(writer, key, Ascii(host), time, expires);
        string date = DateTimeOffset.FromUnixTimeSeconds(time).ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        string expiry = expires > 0 ? $"&X-Amz-Expires={expires}" : "";
        string expected = $"wss://{host}/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F{date[..8]}%2Fus-east-1%2F{service}%2Faws4_request"
            + $"&X-Amz-Date={date}{expiry}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}";
        Assert.AreEqual(expected, Text(writer));

        // the token comes last and changes nothing else
        writer.Reset(new byte[1000], 7, 900);
        signer.WriteMqttUrl(writer, temporary, Ascii(host), time, expires);
        Assert.AreEqual(expected + "&X-Amz-Security-Token=a%2B%2F%3D", Text(writer));

        // every room that is too small is told, and nothing is written behind it
        int length = writer.Length;
        for (int room = 0; room < length; room++)
        {
            byte[] small = new byte[1000];
            writer.Reset(small, 0, room);
            signer.WriteMqttUrl(writer, temporary, Ascii(host), time, expires);
            Assert.IsTrue(writer.Overflowed && !small.AsSpan(room).ContainsAnyExcept((byte)0), $"room for {room} of {length}");
        }
    }

    private static void Begin(SigV4Signer signer, string method, string target)
    {
        byte[] bytes = Encoding.UTF8.GetBytes("##" + target + "##");
        signer.Begin(Ascii(method), bytes, 2, bytes.Length - 4, SuiteTime);
    }

    private static string Text(ByteWriter writer)
    {
        Assert.IsFalse(writer.Overflowed, "it fits");
        return Encoding.ASCII.GetString(writer.Buffer, writer.Offset, writer.Length);
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);
}
