// Third parties on loopback: .NET's HttpClient and curl against HttpRequestReader and HttpWriter, and HttpResponseReader against Kestrel.

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using Firmware.Tests.Host.Peers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpPeersTest
{
    private const int PatienceMs = 10_000;
    private const string CurlProgram = "/usr/bin/curl";

    [TestMethod]
    public static void Dotnet_gets_what_it_asks_for_on_one_link()
    {
        using EchoServer server = new();
        using HttpClient client = new() { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        string large = new('x', 1500);
        Assert.AreEqual("Get /sensors/t%C3%A4?a=b {}", Ask(System.Net.Http.HttpMethod.Get, "/sensors/tä?a=b", null));
        Assert.AreEqual($"Put /led {{{large}}}", Ask(System.Net.Http.HttpMethod.Put, "/led", new StringContent(large)));
        Assert.AreEqual("Post /led {in chunks}", Ask(System.Net.Http.HttpMethod.Post, "/led", new StreamContent(new Unseekable("in chunks"u8.ToArray()))));
        Assert.AreEqual("", Ask(System.Net.Http.HttpMethod.Head, "/led", null));
        Assert.AreEqual("Delete /led {}", Ask(System.Net.Http.HttpMethod.Delete, "/led", null));
        client.DefaultRequestHeaders.ExpectContinue = true;
        Assert.AreEqual("Put /led {on}", Ask(System.Net.Http.HttpMethod.Put, "/led", new StringContent("on")));
        Assert.AreEqual(1, server.Links, "kept alive");
        Assert.AreEqual(1, server.Continues);

        string Ask(System.Net.Http.HttpMethod method, string path, HttpContent? content)
        {
            using HttpRequestMessage request = new(method, path) { Content = content };
            using HttpResponseMessage response = client.Send(request);
            Assert.AreEqual(HttpStatusCode.OK, response.StatusCode);
            Assert.AreEqual(1_700_000_000L, response.Headers.Date!.Value.ToUnixTimeSeconds());
            using StreamReader reader = new(response.Content.ReadAsStream());
            return reader.ReadToEnd();
        }
    }

    [TestMethod]
    public static void Curl_gets_what_it_asks_for()
    {
        if (!File.Exists(CurlProgram))
        {
            Assert.IsFalse(Environment.GetEnvironmentVariable("CI") == "true", "CI needs curl");
            Assert.SkipTest("needs " + CurlProgram + ": apt-get install curl");
        }

        using EchoServer server = new();
        string body = new('y', 1200);
        Assert.AreEqual("Put /actuators/toaster {on}", Curl("-X", "PUT", "-d", "on", $"http://127.0.0.1:{server.Port}/actuators/toaster"));
        Assert.AreEqual($"Post /a {{{body}}}", Curl("-H", "Expect: 100-continue", "-d", body, $"http://127.0.0.1:{server.Port}/a"));
        Assert.AreEqual("Post /b {chunked}", Curl("-H", "Transfer-Encoding: chunked", "-d", "chunked", $"http://127.0.0.1:{server.Port}/b"));
        Assert.AreEqual("Get /?q=1 {}", Curl("--http1.0", $"http://127.0.0.1:{server.Port}?q=1"));
        Assert.AreEqual("417", Curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect: tea", $"http://127.0.0.1:{server.Port}/"));
        Assert.AreEqual("431", Curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "X: " + new string('z', 600), $"http://127.0.0.1:{server.Port}/"));
        Assert.IsTrue(server.Continues > 0);
    }

    [TestMethod]
    public static void Kestrel_is_understood()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            string text = $"{context.Request.Method} {context.Request.Path} {context.Request.Host} {context.Request.QueryString} {await reader.ReadToEndAsync()}";
            if (!context.Request.Query.ContainsKey("chunked"))
            {
                context.Response.ContentLength = text.Length;
            }

            await context.Response.WriteAsync(text);
        });
        Assert.IsTrue(app.StartAsync().Wait(PatienceMs), "Kestrel starts");
        Uri address = new(app.Urls.First());
        SocketTransport link = SocketTransport.Open(address.Port);
        HttpResponseReader response = HttpText.Responses();
        byte[] buffer = new byte[1000];
        HttpWriter writer = new();
        foreach (string target in new[] { "/a/b?x=%20", "/a/b?chunked" })
        {
            writer.Reset(buffer, 0, buffer.Length);
            byte[] bytes = HttpText.Bytes(target);
            writer.Request("PUT"u8.ToArray(), bytes, 0, bytes.Length);
            writer.Field(HttpField.Host, "h:1"u8.ToArray());
            writer.Body("on"u8.ToArray(), 0, 2);
            Assert.AreEqual(writer.Length, link.Write(buffer, 0, writer.Length));
            Assert.AreEqual(HttpRead.Message, Read());
            Assert.AreEqual(200, response.Status);
            Assert.IsTrue(response.KeepsAlive);
            Assert.IsTrue(Math.Abs(response.ReadDate() - DateTimeOffset.UtcNow.ToUnixTimeSeconds()) < 60, "its Date is now");
            Assert.AreEqual($"PUT /a/b h:1 {target[4..]} on", Encoding.ASCII.GetString(response.Buffer, response.BodyOffset, response.BodyLength));
        }

        link.Close();
        app.StopAsync().Wait(PatienceMs);
        app.DisposeAsync().AsTask().Wait(PatienceMs);

        HttpRead Read()
        {
            long start = Stopwatch.GetTimestamp();
            HttpRead read;
            while ((read = response.Read(link)) == HttpRead.Incomplete && Stopwatch.GetElapsedTime(start).TotalMilliseconds < PatienceMs)
            {
                link.WaitReadable(5);
            }

            return read;
        }
    }

    private static string Curl(params string[] arguments)
    {
        ProcessStartInfo start = new(CurlProgram, ["-s", "--max-time", "10", .. arguments]) { RedirectStandardOutput = true };
        using Process curl = Process.Start(start)!;
        string output = curl.StandardOutput.ReadToEnd();
        curl.WaitForExit();
        return output;
    }

    // a stream whose length nobody knows, so that the client must send chunks
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Answers each request with what it was; one link at a time.</summary>
    private sealed class EchoServer : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly Thread _thread;

        internal EchoServer()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _thread = new Thread(Run) { IsBackground = true, Name = "echo" };
            _thread.Start();
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        internal int Links { get; private set; }

        internal int Continues { get; private set; }

        public void Dispose()
        {
            _listener.Dispose();
            _thread.Join(PatienceMs);
        }

        private void Run()
        {
            HttpRequestReader reader = HttpText.Requests(2000);
            byte[] buffer = new byte[4000];
            HttpWriter writer = new();
            try
            {
                while (true)
                {
                    using Socket socket = _listener.Accept();
                    Links++;
                    reader.Reset();
                    Serve(reader, writer, buffer, new Blocking(socket, this, reader));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // the test is over
            }
        }

        private void Serve(HttpRequestReader reader, HttpWriter writer, byte[] buffer, Blocking link)
        {
            while (true)
            {
                HttpRead read = reader.Read(link);
                if (read is HttpRead.Closed or HttpRead.Failed)
                {
                    return;
                }

                if (read == HttpRead.Incomplete)
                {
                    continue;
                }

                string query = reader.QueryLength > 0 ? "?" + Encoding.ASCII.GetString(reader.Buffer, reader.QueryOffset, reader.QueryLength) : "";
                string path = Encoding.ASCII.GetString(reader.Buffer, reader.PathOffset, reader.PathLength);
                byte[] text = read == HttpRead.Error ? [] : Encoding.ASCII.GetBytes($"{reader.Method} {path}{query} {{{Encoding.ASCII.GetString(reader.Buffer, reader.BodyOffset, reader.BodyLength)}}}");
                writer.Reset(buffer, 0, buffer.Length);
                writer.Response(reader.Status);
                writer.DateField(1_700_000_000);
                if (!reader.KeepsAlive)
                {
                    writer.Field(HttpField.Connection, "close"u8.ToArray());
                }

                if (reader.Method == Firmware.Protocols.Http.HttpMethod.Head)
                {
                    writer.EndHeadWithLength(text.Length);
                }
                else
                {
                    writer.Body(text, 0, text.Length);
                }

                link.Write(buffer, 0, writer.Length);
                if (!reader.KeepsAlive)
                {
                    return;
                }
            }
        }

        // waits in Read; says 100 Continue where it is due, as a loop would between two polls
        private sealed class Blocking(Socket socket, EchoServer server, HttpRequestReader reader) : ITransport
        {
            public int Read(byte[] buffer, int offset, int count)
            {
                if (reader.TakeContinue())
                {
                    server.Continues++;
                    socket.Send("HTTP/1.1 100 Continue\r\n\r\n"u8);
                }

                int got = socket.Receive(buffer, offset, count, SocketFlags.None, out SocketError error);
                return error != SocketError.Success ? TransportResult.Failed : got == 0 ? TransportResult.Closed : got;
            }

            public int Write(byte[] buffer, int offset, int count) => socket.Send(buffer, offset, count, SocketFlags.None);

            public void Close()
            {
            }
        }
    }
}
