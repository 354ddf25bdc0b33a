// Publishing over HTTPS: by .NET's HttpClient with a client certificate on 8443 and on 443, every answer, and every refusal.

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class HttpsDoorTest
{
    [TestMethod]
    [DataRow("https", "")]
    [DataRow("https", "http/1.1")]
    [DataRow("https", "x-amzn-http-ca")]
    [DataRow("https", "h2")]
    [DataRow("alpn", "x-amzn-http-ca")]
    public static void Publish_with_a_client_certificate_reaches_a_subscriber(string door, string alpn)
    {
        using var bench = StandInBench.Start();
        using RawDevice subscriber = bench.Connect("sub");
        subscriber.Send(Packets.Subscribe(1, ("toaster-01/#", 1)));
        subscriber.Expect("SUBACK");
        using HttpClient client = Doors.Client(StandInBench.Certificates.EnsureDevice("toaster-01"), alpn);
        int port = door == "https" ? bench.StandIn.HttpsPort : bench.StandIn.AlpnPort;
        using HttpResponseMessage answer = Doors.Post(client, port, "toaster-01%2Fcommands?qos=1", "{\"led\":\"on\"}");
        Assert.AreEqual(200, (int)answer.StatusCode);
        JsonElement json = Doors.Body(answer);
        Assert.AreEqual("OK", json.GetProperty("message").GetString());
        Assert.AreEqual(answer.Headers.GetValues("x-amzn-RequestId").Single(), json.GetProperty("traceId").GetString());
        Assert.AreEqual(65L, answer.Content.Headers.ContentLength!.Value, "as long as the answer of AWS that others wrote down");
        Assert.AreEqual("application/json", answer.Content.Headers.ContentType!.ToString());
        (string topic, string payload, _, int flags) = Packets.Published(subscriber.Expect("PUBLISH"));
        Assert.AreEqual("toaster-01/commands {\"led\":\"on\"} 2", $"{topic} {payload} {flags}");
        MessagePublished published = bench.Wait<MessagePublished>();
        Assert.AreEqual("toaster-01 published on toaster-01/commands: {\"led\":\"on\"} (12 B, QoS 1, HTTPS)", published.Text);
        Assert.AreEqual("https", published.Source);
    }

    [TestMethod]
    [DataRow("POST", "a?qos=2", 400, "qos is 0 or 1")]
    [DataRow("POST", "a?qos=x", 400, "qos is 0 or 1")]
    [DataRow("POST", "a?retain=yes", 400, "retain is true or false")]
    [DataRow("POST", "a?retain=true", 400, "retained messages are not supported")]
    [DataRow("POST", "a%2", 400, "URL-encoded UTF-8")]
    [DataRow("POST", "a%zz", 400, "URL-encoded UTF-8")]
    [DataRow("POST", "a%C3", 400, "URL-encoded UTF-8")]
    [DataRow("POST", "a%2F%23", 400, "no wildcards")]
    [DataRow("POST", "a%2F%2B%2Fb", 400, "no wildcards")]
    [DataRow("POST", "1%2F2%2F3%2F4%2F5%2F6%2F7%2F8%2F9", 400, "at most 7 slashes")]
    [DataRow("POST", "%24SYS%2Fa", 400, "reserved for AWS")]
    [DataRow("POST", "", 404, "nothing is at /topics/")]
    [DataRow("POST", "/things/a/shadow", 404, "nothing is at /things/a/shadow")]
    [DataRow("GET", "/mqtt", 404, "nothing is at /mqtt")]
    [DataRow("GET", "/", 404, "nothing is at /")]
    [DataRow("GET", "a", 405, "GET of a topic")]
    [DataRow("PUT", "a", 405, "PUT of a topic")]
    [DataRow("DELETE", "a", 405, "DELETE of a topic")]
    public static void Wrong_request_is_refused_in_words_of_aws_and_the_connection_stays(string method, string path, int status, string reason)
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        using HttpResponseMessage answer = Doors.Send(client, bench.StandIn.HttpsPort, new HttpMethod(method), path, []);
        Assert.AreEqual(status, (int)answer.StatusCode);
        JsonElement json = Doors.Body(answer);
        Assert.IsTrue(json.GetProperty("message").GetString()!.Length > 0);
        Assert.IsTrue(Guid.TryParse(json.GetProperty("traceId").GetString(), out _));
        Assert.IsTrue(answer.Headers.GetValues("x-amzn-ErrorType").Single().EndsWith("Exception:", StringComparison.Ordinal));
        RequestRefused refused = bench.Wait<RequestRefused>();
        Assert.AreEqual(status, refused.Status);
        Assert.Contains(reason, refused.Reason);
        Assert.AreEqual(0, bench.Count<MessagePublished>());
        using HttpResponseMessage next = Doors.Post(client, bench.StandIn.HttpsPort, "a?qos=0", "x");
        Assert.AreEqual(200, (int)next.StatusCode);
    }

    [TestMethod]
    public static void Largest_payload_is_published_and_one_byte_more_is_413()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        using HttpResponseMessage largest = Doors.Send(client, bench.StandIn.HttpsPort, HttpMethod.Post, "a", new byte[AwsLimits.PayloadBytes]);
        Assert.AreEqual(200, (int)largest.StatusCode);
        Assert.AreEqual(AwsLimits.PayloadBytes, bench.Wait<MessagePublished>().PayloadBytes);
        using HttpResponseMessage larger = Doors.Send(client, bench.StandIn.HttpsPort, HttpMethod.Post, "a", new byte[AwsLimits.PayloadBytes + 1]);
        Assert.AreEqual(413, (int)larger.StatusCode);
        using HttpResponseMessage chunked = Doors.Send(client, bench.StandIn.HttpsPort, HttpMethod.Post, "a", new byte[AwsLimits.PayloadBytes + 1], chunked: true);
        Assert.AreEqual(413, (int)chunked.StatusCode);
        Assert.AreEqual(1, bench.Count<MessagePublished>());
    }

    [TestMethod]
    public static void Rules_of_now_retain_a_message_for_later_subscribers_but_not_on_a_reserved_topic()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "a?qos=1&retain=true", "kept").StatusCode);
        Assert.AreEqual(400, (int)Doors.Post(client, bench.StandIn.HttpsPort, "%24aws%2Fthings%2Ft%2Fshadow%2Fupdate?retain=true", "x").StatusCode);
        using RawDevice subscriber = bench.Connect("sub");
        subscriber.Send(Packets.Subscribe(1, ("a", 1)));
        byte[][] answers = [.. Enumerable.Range(0, 2).Select(_ => subscriber.Read()!).OrderBy(Packets.Name, StringComparer.Ordinal)]; // in either order [MQTT-3.8.4]
        Assert.AreEqual("PUBLISH SUBACK", string.Join(' ', answers.Select(Packets.Name)));
        (_, string payload, _, int flags) = Packets.Published(answers[0]);
        Assert.AreEqual("kept", payload);
        Assert.AreEqual(3, flags, "QoS 1, retain");
    }

    [TestMethod]
    public static void Basic_ingest_is_taken_and_reaches_no_subscriber()
    {
        using var bench = StandInBench.Start();
        using RawDevice subscriber = bench.Connect("sub");
        subscriber.Send(Packets.Subscribe(1, ("$aws/rules/r/a", 0)));
        subscriber.Expect("SUBACK");
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "%24aws%2Frules%2Fr%2Fa", "x").StatusCode);
        subscriber.ExpectOnlyPingResponses();
    }

    [TestMethod]
    public static void Plain_slash_in_the_path_works_with_a_warning()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "toaster-01/commands", "x").StatusCode);
        Assert.AreEqual("toaster-01/commands", bench.Wait<MessagePublished>().Topic);
        Assert.IsTrue(bench.Wait<RuleViolated>().Consequence == RuleConsequence.Allowed);
    }

    [TestMethod]
    public static void More_than_100_in_a_second_on_one_connection_is_429_until_the_second_is_over()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        for (int i = 0; i < AwsLimits.PublishesPerSecond; i++)
        {
            Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "a", "x").StatusCode);
        }

        using HttpResponseMessage refused = Doors.Post(client, bench.StandIn.HttpsPort, "a", "x");
        Assert.AreEqual(429, (int)refused.StatusCode);
        Assert.AreEqual("ThrottlingException:", refused.Headers.GetValues("x-amzn-ErrorType").Single());
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "a", "x").StatusCode);
    }

    [TestMethod]
    [DataRow(403, "ForbiddenException:")]
    [DataRow(429, "ThrottlingException:")]
    [DataRow(500, "InternalFailureException:")]
    [DataRow(503, "ServiceUnavailableException:")]
    public static void Test_can_choose_the_status(int status, string type)
    {
        using var bench = StandInBench.Start();
        bench.Options.HttpStatusOverride = request => request.Topic == "a" ? status : null;
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        using HttpResponseMessage answer = Doors.Post(client, bench.StandIn.HttpsPort, "a", "x");
        Assert.AreEqual(status, (int)answer.StatusCode);
        Assert.AreEqual(type, answer.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "b", "x").StatusCode);
        Assert.AreEqual("b", bench.Wait<MessagePublished>().Topic);
    }

    [TestMethod]
    [DataRow("https", "")]
    [DataRow("alpn", "x-amzn-http-ca")]
    public static void Client_without_certificate_or_with_a_strangers_is_refused(string door, string alpn)
    {
        using var bench = StandInBench.Start();
        int port = door == "https" ? bench.StandIn.HttpsPort : bench.StandIn.AlpnPort;
        using DevelopmentCertificates strangers = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        foreach (CertificateFiles? files in (CertificateFiles?[])[null, strangers.Client])
        {
            using HttpClient client = Doors.Client(files, alpn);
            Assert.ThrowsException(typeof(HttpRequestException), () => Doors.Post(client, port, "a", "x").Dispose());
        }

        bench.Wait<ConnectionRefused>(r => r.Reason == "no client certificate" && r.Door == door);
        bench.Wait<ConnectionRefused>(r => r.Reason.Contains("was not issued by the development CA", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("alpn", "")]
    [DataRow("alpn", "http/1.1")]
    [DataRow("https", "")]
    public static void Mqtt_at_a_door_of_http_is_told_so(string door, string alpn)
    {
        using var bench = StandInBench.Start();
        int port = door == "https" ? bench.StandIn.HttpsPort : bench.StandIn.AlpnPort;
        using RawDevice device = RawDevice.Open(port, StandInBench.Certificates.Client, alpn: alpn.Length == 0 ? null : alpn);
        device.Send(Packets.Connect("one"));
        device.ExpectClosed();
        ConnectionRefused refused = bench.Wait<ConnectionRefused>();
        Assert.Contains("MQTT with " + (alpn.Length == 0 ? "no ALPN" : "ALPN " + alpn), refused.Reason);
        Assert.Contains("--tls-alpn", refused.Advice);
    }

    [TestMethod]
    [DataRow("hello\r\n\r\n", "400")]
    [DataRow("POST /topics/a HTTP/1.1\r\n\r\n", "400")]
    [DataRow("POST /topics/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9, 9\r\n\r\n", "400")]
    [DataRow("POST /topics/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", "400")]
    public static void What_is_no_http_is_answered_and_told(string request, string status)
    {
        using var bench = StandInBench.Start();
        using Stream tls = Doors.Connect(bench.StandIn.AlpnPort);
        tls.Write(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 " + status + " ", reader.ReadToEnd());
        RequestRefused refused = bench.Wait<RequestRefused>();
        Assert.AreEqual(status, refused.Status.ToString(CultureInfo.InvariantCulture));
        Assert.AreEqual("alpn", refused.Door);
    }

    [TestMethod]
    public static void Missing_sni_is_a_warning_now_here_too()
    {
        using var bench = StandInBench.Start(AwsRules.Now);
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        client.BaseAddress = new Uri($"https://127.0.0.1:{bench.StandIn.HttpsPort}/topics/");
        using var body = new StringContent("x");
        Assert.AreEqual(200, (int)client.PostAsync(new Uri("a", UriKind.Relative), body).Result.StatusCode);
        Assert.Contains("SNI", bench.Wait<RuleViolated>().Rule);
    }

    [TestMethod]
    public static void Broker_off_closes_these_doors_and_a_kept_connection_and_on_opens_them()
    {
        using var bench = StandInBench.Start();
        using HttpClient client = Doors.Client(StandInBench.Certificates.Client);
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "a", "x").StatusCode);
        bench.StandIn.StopAsync().Wait();
        Assert.ThrowsException(typeof(HttpRequestException), () => Doors.Post(client, bench.StandIn.HttpsPort, "a", "x").Dispose());
        bench.StandIn.StartAsync().Wait();
        Assert.AreEqual(200, (int)Doors.Post(client, bench.StandIn.HttpsPort, "a", "x").StatusCode);
    }
}

/// <summary>What the tests of the HTTP doors share.</summary>
internal static class Doors
{
    /// <summary>A client that trusts the development CA, offers the given ALPN (empty = none) and keeps its connection.</summary>
    internal static HttpClient Client(CertificateFiles? certificate, string alpn = "")
    {
        return new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancel) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel).ConfigureAwait(false);
                    return await TlsAsync(new NetworkStream(socket, ownsSocket: true), context.DnsEndPoint.Host, certificate, alpn, cancel).ConfigureAwait(false);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        }) { Timeout = TimeSpan.FromSeconds(10) };
    }

    internal static HttpResponseMessage Post(HttpClient client, int port, string pathAndQuery, string body) =>
        Send(client, port, HttpMethod.Post, pathAndQuery, Encoding.UTF8.GetBytes(body));

    // plain http for HttpClient: TLS is the stream's, so that ALPN is the test's
    internal static HttpResponseMessage Send(HttpClient client, int port, HttpMethod method, string pathAndQuery, byte[] body, bool chunked = false, Action<HttpRequestHeaders>? headers = null)
    {
        string path = pathAndQuery.StartsWith('/') ? pathAndQuery : "/topics/" + pathAndQuery;
        string uri = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}{path}");
        using var request = new HttpRequestMessage(method, new Uri(uri, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Headers.TransferEncodingChunked = chunked;
        request.Content = new ByteArrayContent(body);
        headers?.Invoke(request.Headers);
        try
        {
            return client.SendAsync(request).Result;
        }
        catch (AggregateException e) when (e.InnerException is HttpRequestException inner)
        {
            throw inner;
        }
    }

    internal static JsonElement Body(HttpResponseMessage answer) => JsonSerializer.Deserialize<JsonElement>(answer.Content.ReadAsStringAsync().Result);

    /// <summary>A TLS connection to a door, and nothing sent yet.</summary>
    internal static Stream Connect(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 3000 };
        socket.Connect(IPAddress.Loopback, port);
        return TlsAsync(new NetworkStream(socket, ownsSocket: true), "localhost", null, "", CancellationToken.None).Result;
    }

    private static async Task<Stream> TlsAsync(Stream stream, string host, CertificateFiles? certificate, string alpn, CancellationToken cancel)
    {
        var tls = new SslStream(stream);
        var policy = new System.Security.Cryptography.X509Certificates.X509ChainPolicy
        {
            TrustMode = System.Security.Cryptography.X509Certificates.X509ChainTrustMode.CustomRootTrust,
            RevocationMode = System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(StandInBench.Certificates.Authority);
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12, // there a refused certificate fails the handshake
            CertificateChainPolicy = policy,
            ApplicationProtocols = alpn.Length == 0 ? null : [new SslApplicationProtocol(alpn)],
        };
        if (certificate is not null)
        {
            var own = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(certificate.CertificatePath, certificate.KeyPath);
            options.ClientCertificateContext = SslStreamCertificateContext.Create(own, null, offline: true);
        }

        try
        {
            await tls.AuthenticateAsClientAsync(options, cancel).ConfigureAwait(false);
            return tls;
        }
        catch (AuthenticationException e)
        {
            throw new HttpRequestException("TLS", e);
        }
    }
}
