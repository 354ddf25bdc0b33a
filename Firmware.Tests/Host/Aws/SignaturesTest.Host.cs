// Signatures at the port that plays 443, in URLs of WebSockets and in headers of publishes: each wrong one is 403 in AWS's words, with the right time in Date.

using System.Text;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class SignaturesTest
{
    [TestMethod]
    [DataRow("unsigned", "Missing Authentication Token")]
    [DataRow("signature", "The request signature we calculated does not match")]
    [DataRow("no signature", "must include 'X-Amz-Signature'")]
    [DataRow("no date", "must include 'X-Amz-Date'")]
    [DataRow("algorithm", "X-Amz-Algorithm only supports")]
    [DataRow("scope", "exactly 5 slash-delimited elements")]
    [DataRow("service", "scoped to correct service")]
    [DataRow("unknown key", "The security token included in the request is invalid")]
    [DataRow("no token", "The security token included in the request is invalid")]
    [DataRow("token of nobody", "The security token included in the request is invalid")]
    [DataRow("other host", "The request signature we calculated does not match")]
    [DataRow("old", "Signature expired: 19700101T010000Z is now earlier than 19700101T010001Z (19700101T010501Z - 5 min.)")]
    [DataRow("very old", "Signature expired")]
    [DataRow("future", "Signature not yet current")]
    public static void Wrong_signature_is_403_with_the_reason_and_the_right_time(string fault, string message)
    {
        using var bench = StandInBench.Start();
        DateTimeOffset now = bench.Time.GetUtcNow();
        DevelopmentAccessKey key = bench.StandIn.Credentials.Default;
        DevelopmentAccessKey session = bench.StandIn.Credentials.Session;
        string host = WebSocketDevice.Host(bench);
        string good = SdkSigner.Target(key, host, now);
        string target = fault switch
        {
            "unsigned" => "/mqtt",
            "signature" => good[..^1] + (good[^1] == '0' ? '1' : '0'),
            "no signature" => good[..good.IndexOf("&X-Amz-Signature", StringComparison.Ordinal)],
            "no date" => good.Replace("X-Amz-Date", "X-Date", StringComparison.Ordinal),
            "algorithm" => good.Replace("HMAC-SHA256", "HMAC-SHA1", StringComparison.Ordinal),
            "scope" => good.Replace("%2Faws4_request", "", StringComparison.Ordinal),
            "service" => SdkSigner.Target(key, host, now, service: "s3"),
            "unknown key" => SdkSigner.Target(key with { AccessKeyId = "AKIAUNKNOWN" }, host, now),
            "no token" => SdkSigner.Target(session with { SessionToken = null }, host, now),
            "token of nobody" => SdkSigner.Target(key with { SessionToken = "x" }, host, now),
            "other host" => SdkSigner.Target(key, "localhost", now),
            "old" => good,
            "very old" => SdkSigner.Target(key, host, now, expires: 300),
            _ => SdkSigner.Target(key, host, now.AddSeconds(301)),
        };
        if (fault.EndsWith("old", StringComparison.Ordinal))
        {
            bench.Time.Advance(TimeSpan.FromSeconds(301));
        }

        using HttpClient client = Doors.Client(null);
        using HttpResponseMessage answer = Doors.Send(client, bench.StandIn.AlpnPort, HttpMethod.Get, target, []);
        Assert.AreEqual(403, (int)answer.StatusCode);
        Assert.Contains(message, Doors.Body(answer).GetProperty("message").GetString()!);
        Assert.AreEqual("ForbiddenException:", answer.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.IsTrue(answer.Headers.Date == bench.Time.GetUtcNow(), "Date is the stand-in's clock");
        RequestRefused refused = bench.Wait<RequestRefused>();
        foreach (string secret in (string[])[key.Secret, session.Secret, session.SessionToken!])
        {
            Assert.IsFalse(refused.ToJson().Contains(secret, StringComparison.Ordinal), "a secret is never shown");
        }
    }

    [TestMethod]
    public static void Good_signature_without_a_web_socket_is_426_and_without_its_sub_protocol_400()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null);
        string target = SdkSigner.Target(bench.StandIn.Credentials.Default, WebSocketDevice.Host(bench), bench.Time.GetUtcNow());
        Assert.AreEqual(426, (int)Doors.Send(client, bench.StandIn.AlpnPort, HttpMethod.Get, target, []).StatusCode);
        foreach (string protocol in (string[])["", "mqttv3.1"])
        {
            Exception e = WebSocketDevice.OpenFails(bench, protocol);
            Assert.Contains("400", e.Message);
        }
    }

    [TestMethod]
    [DataRow("unsigned", "Missing Authentication Token")]
    [DataRow("basic", "Unsupported AWS 'algorithm': 'Basic'.")]
    [DataRow("no credential", "Authorization header requires 'Credential' parameter.")]
    [DataRow("no date", "Authorization header requires existence of either")]
    [DataRow("body", "The request signature we calculated does not match")]
    [DataRow("hash", "x-amz-content-sha256")]
    [DataRow("topic", "The request signature we calculated does not match")]
    [DataRow("token", "The security token included in the request is invalid")]
    [DataRow("old", "Signature expired")]
    [DataRow("service", "scoped to correct service")]
    public static void Publish_with_a_wrong_signature_is_403(string fault, string message)
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null, "http/1.1");
        DevelopmentAccessKey key = bench.StandIn.Credentials.Session;
        (int status, string said, DateTimeOffset? date) = PostSigned(
            client, bench, key, "a", fault == "body" ? "other" : "x", signedTopic: fault == "topic" ? "b" : "a", signedBody: "x", service: fault == "service" ? "s3" : "iotdata",
            change: headers =>
            {
                switch (fault)
                {
                    case "unsigned":
                        headers.Remove("Authorization");
                        break;
                    case "basic":
                        headers["Authorization"] = "Basic YTpi";
                        break;
                    case "no credential":
                        headers["Authorization"] = headers["Authorization"].Replace("Credential", "Cred", StringComparison.Ordinal);
                        break;
                    case "no date":
                        headers.Remove("x-amz-date");
                        break;
                    case "hash":
                        headers["x-amz-content-sha256"] = new string('0', 64);
                        break;
                    case "token":
                        headers["x-amz-security-token"] += "x";
                        break;
                    case "old":
                        bench.Time.Advance(TimeSpan.FromMinutes(6));
                        break;
                }
            });
        Assert.AreEqual(403, status);
        Assert.Contains(message, said);
        Assert.IsTrue(date == bench.Time.GetUtcNow());
        Assert.AreEqual(0, bench.Count<MessagePublished>());
    }

    [TestMethod]
    public static void Signed_publish_is_judged_as_one_with_a_certificate()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(null, "http/1.1");
        Assert.AreEqual(200, PostSigned(client, bench, bench.StandIn.Credentials.Session, "\u00e4/b c", "x").Status);
        Assert.AreEqual("\u00e4/b c", bench.Wait<MessagePublished>().Topic);
        Assert.AreEqual(400, PostSigned(client, bench, bench.StandIn.Credentials.Session, "a/#", "x").Status);
        Assert.AreEqual(413, PostSigned(client, bench, bench.StandIn.Credentials.Session, "a", new string('x', AwsLimits.PayloadBytes + 1)).Status);
    }

    /// <summary>Publishes with QoS 1, signed as the SDK does, unless told otherwise.</summary>
    internal static (int Status, string Message, DateTimeOffset? Date) PostSigned(
        HttpClient client, StandInBench bench, DevelopmentAccessKey key, string topic, string body, string? signedTopic = null, string? signedBody = null, string service = "iotdata",
        Action<Dictionary<string, string>>? change = null)
    {
        Dictionary<string, string> headers = SdkSigner.Headers(
            key, WebSocketDevice.Host(bench), bench.Time.GetUtcNow(), signedTopic ?? topic, [new("qos", "1")], Encoding.UTF8.GetBytes(signedBody ?? body), service);
        headers.Remove("host");
        change?.Invoke(headers);
        using HttpResponseMessage answer = Doors.Send(
            client, bench.StandIn.AlpnPort, HttpMethod.Post, Uri.EscapeDataString(topic) + "?qos=1", Encoding.UTF8.GetBytes(body), headers: h =>
            {
                foreach ((string name, string value) in headers)
                {
                    h.TryAddWithoutValidation(name, value);
                }
            });
        return ((int)answer.StatusCode, Doors.Body(answer).GetProperty("message").GetString()!, answer.Headers.Date);
    }
}
