// The TLS engine against OpenSSL's s_server: agreement, resumption, and every refusal with its own reason.

using System.Net;
using System.Net.Sockets;
using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;
using Firmware.Simulator.TestFramework;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
[RunsBeside]
public static class OpenSslTest
{
    private const string Alpn = "x-amzn-mqtt-ca";

    [Setup]
    public static void NeedsEngineAndOpenSsl() => TlsPeer.Require();

    [TestMethod]
    public static void Agrees_on_version_cipher_and_alpn_with_a_client_certificate()
    {
        using TlsPeer peer = new(TlsIdentities.Server, $"-alpn {Alpn} -Verify 1 -verify_return_error -tls1_2");
        using TlsClient client = new();
        Assert.AreEqual(0, client.Connect(peer.Port, TlsClient.Options(Alpn, TlsIdentities.Client)));
        byte[] text = new byte[64];
        Assert.AreEqual(Alpn, Encoding.ASCII.GetString(text, 0, client.Transport.Get(TlsItem.GetAlpn, text)));
        Assert.AreEqual(0x0303, client.Transport.Version);
        Assert.Contains("ECDHE-ECDSA-WITH-AES-128-GCM", Encoding.ASCII.GetString(text, 0, client.Transport.Get(TlsItem.GetCipher, text)));
        Assert.IsFalse(client.Transport.IsResumed);
        client.Write(Bytes.FromString("from the device\n"));
        peer.Wait(l => l.Contains("from the device", StringComparison.Ordinal));
        peer.Say("from the server");
        Assert.AreEqual("from the server\n", Encoding.ASCII.GetString(client.Read(16).Bytes));
    }

    [TestMethod]
    [DataRow("", "a ticket")]
    [DataRow("-no_ticket", "a session identifier")]
    public static void Resumes_a_session(string options, string with)
    {
        using TlsPeer peer = new(TlsIdentities.Server, $"-alpn {Alpn} -tls1_2 {options}");
        using TlsClient client = new();
        TlsOptions connection = TlsClient.Options(Alpn);
        Assert.AreEqual(0, client.Connect(peer.Port, connection));
        connection.Session = client.TakeSession();
        connection.SessionLength = connection.Session.Length;
        long full = client.Transport.WireIn;
        client.Transport.Close();
        Assert.AreEqual(0, client.Connect(peer.Port, connection));
        Assert.IsTrue(client.Transport.IsResumed, with);
        Assert.AreEqual(0, client.Transport.SessionError);
        Assert.IsTrue(client.Transport.WireIn < full / 2, $"{client.Transport.WireIn} of {full} bytes");
        byte[] text = new byte[64];
        Assert.AreEqual(Alpn, Encoding.ASCII.GetString(text, 0, client.Transport.Get(TlsItem.GetAlpn, text)));
    }

    [TestMethod]
    public static void Session_that_the_server_forgot_costs_a_full_handshake()
    {
        TlsOptions connection = TlsClient.Options();
        using TlsClient client = new();
        using (TlsPeer first = new(TlsIdentities.Server, "-tls1_2"))
        {
            Assert.AreEqual(0, client.Connect(first.Port, connection));
            connection.Session = client.TakeSession();
            connection.SessionLength = connection.Session.Length;
            client.Transport.Close();
        }

        using TlsPeer second = new(TlsIdentities.Server, "-tls1_2");
        Assert.AreEqual(0, client.Connect(second.Port, connection));
        Assert.IsFalse(client.Transport.IsResumed);
    }

    [TestMethod]
    public static void Session_that_does_not_fit_is_named_and_costs_a_full_handshake()
    {
        using TlsPeer peer = new(TlsIdentities.Server, "-tls1_2");
        using TlsClient client = new();
        TlsOptions connection = TlsClient.Options();
        Assert.AreEqual(0, client.Connect(peer.Port, connection));
        byte[] session = client.TakeSession();
        void Offer(byte[] bytes, TlsOptions options, int expected)
        {
            options.Session = bytes;
            options.SessionLength = bytes.Length;
            Assert.AreEqual(0, client.Connect(peer.Port, options), "the connection itself");
            Assert.AreEqual(expected, client.Transport.SessionError);
            Assert.IsTrue(client.Transport.IsResumed == (expected == 0));
        }

        byte[] damaged = [.. session];
        damaged[^1] ^= 1;
        Offer(damaged, connection, TlsError.SessionCorrupt);
        Offer(session[..50], connection, TlsError.SessionCorrupt);
        Offer(session, TlsClient.Options(client: TlsIdentities.Client), TlsError.SessionOther);
        connection.UnixSeconds = TlsIdentities.Now.AddDays(20).ToUnixTimeSeconds();
        Offer(session, connection, 0);
    }

    // The reason, who the server is, its options, what the client changes.
    [TestMethod]
    [DataRow(TlsError.Untrusted, "stranger", "", "")]
    [DataRow(TlsError.Host, "wrong-host", "", "")]
    [DataRow(TlsError.Expired, "expired", "", "")]
    [DataRow(TlsError.NotYetValid, "not-yet", "", "")]
    [DataRow(TlsError.NotYetValid, "server", "", "clock of 1970")]
    [DataRow(TlsError.Alpn, "server", "-alpn http/1.1", "alpn")]
    [DataRow(TlsError.Alpn, "server", "", "alpn")]
    [DataRow(TlsError.ClientCertRequired, "server", "-Verify 1", "")]
    [DataRow(TlsError.ClientCertRefused, "server", "-Verify 1 -verify_return_error", "strange client")]
    [DataRow(TlsError.Version, "server", "-tls1_3", "at most TLS 1.2")]
    [DataRow(TlsError.NoCommonCipher, "server", "-cipher ECDHE-ECDSA-AES128-SHA", "")]
    public static void Refusal_has_its_own_reason(int reason, string server, string options, string client)
    {
        TlsIdentity identity = server switch
        {
            "stranger" => TlsIdentities.Stranger,
            "wrong-host" => TlsIdentities.WrongHost,
            "expired" => TlsIdentities.Expired,
            "not-yet" => TlsIdentities.NotYet,
            _ => TlsIdentities.Server,
        };
        using TlsPeer peer = new(identity, options.Contains("-tls", StringComparison.Ordinal) ? options : "-tls1_2 " + options);
        using TlsClient device = new();
        TlsOptions connection = TlsClient.Options(client == "alpn" ? Alpn : null, client == "strange client" ? TlsIdentities.StrangeClient : null);
        connection.MaximumVersion = client == "at most TLS 1.2" ? 0x0303 : 0;
        if (client == "clock of 1970")
        {
            connection.UnixSeconds = 1000;
        }

        Assert.AreEqual(reason, device.Connect(peer.Port, connection), $"alert {device.Transport.Alert}, detail -0x{-device.Transport.Detail:x}");
    }

    [TestMethod]
    public static void Key_of_another_certificate_is_found_before_anything_is_sent()
    {
        using TlsPeer peer = new(TlsIdentities.Server, "-tls1_2");
        using TlsClient device = new();
        TlsOptions connection = TlsClient.Options(client: TlsIdentities.Client);
        connection.Key = TlsIdentities.Server.Key;
        Assert.AreEqual(TlsError.KeyMismatch, device.Connect(peer.Port, connection));
        Assert.AreEqual(0L, device.Transport.WireOut);
    }

    [TestMethod]
    [DataRow("HTTP/1.1 400 Bad Request\r\n\r\n", TlsError.NotTls)]
    [DataRow("", TlsError.ClosedInHandshake)]
    public static void What_is_no_tls_server_is_told_as_such(string answer, int reason)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = Task.Run(() =>
        {
            using Socket accepted = listener.AcceptSocket();
            accepted.Receive(new byte[2048]);
            accepted.Send(Encoding.ASCII.GetBytes(answer));
            accepted.Shutdown(SocketShutdown.Send);
            while (answer.Length > 0 && accepted.Receive(new byte[2048]) > 0)
            {
            }
        });
        using TlsClient device = new();
        Assert.AreEqual(reason, device.Connect(((IPEndPoint)listener.LocalEndpoint).Port, TlsClient.Options()));
        device.Dispose();
        Assert.IsTrue(serving.Wait(10_000));
    }
}
