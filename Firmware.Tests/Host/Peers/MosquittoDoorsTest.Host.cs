// The client through every door of mosquitto: plain, TLS, mutual TLS (by .NET, and by the device's own engine), ALPN, user name and password; every QoS in both directions.
// mosquitto 2.0 has no ALPN of its own for MQTT, so what ALPN agrees on is shown with the stand-in for AWS IoT Core.

using System.Security.Authentication;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Simulator.Aws;
using Firmware.Simulator.TestFramework;
using Firmware.Tests.Host.Tls;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Peers;

[TestClass]
[RunsBeside]
public static class MosquittoDoorsTest
{
    private const string Alpn = "x-amzn-mqtt-ca";

    [Setup]
    public static void NeedsMosquitto() => MosquittoBroker.Require();

    [TestMethod]
    [DataRow("plain", 0)]
    [DataRow("plain", 1)]
    [DataRow("plain", 2)]
    [DataRow("tls", 0)]
    [DataRow("tls", 1)]
    [DataRow("tls", 2)]
    [DataRow("mtls", 0)]
    [DataRow("mtls", 1)]
    [DataRow("mtls", 2)]
    [DataRow("engine", 0)]
    [DataRow("engine", 1)]
    [DataRow("engine", 2)]
    public static void Message_goes_out_and_in_once_through_each_door(string door, int qos)
    {
        if (door == "engine")
        {
            TlsPeer.Require();
        }

        MosquittoBroker broker = MosquittoBroker.Shared;
        string topic = $"doors/{door}/{qos}";
        using MosquittoSubscriber subscriber = MosquittoSubscriber.Start(broker, topic + "/out");
        using PeerClient client = new PeerClient().Connect(Open(broker, door));
        Assert.IsFalse(client.Mqtt.SessionPresent, "session present");
        client.Subscribe(topic + "/in", qos);

        client.PublishAndWait(topic + "/out", "hell\u00f6", qos);
        MosquittoBroker.Wait(() => subscriber.Heard.Length > 0, "the message at mosquitto_sub");
        MosquittoPublisher.Publish(broker, topic + "/in", "w\u00f6rld", qos);
        client.Until(() => client.Messages.Count > 0, "the message of mosquitto_pub");

        // whatever else were on its way would be here before the answers to these
        client.PublishAndWait(topic + "/out", "end", 2);
        MosquittoPublisher.Publish(broker, topic + "/in", "end", qos);
        client.Until(() => client.Messages.Count > 1, "the last message of mosquitto_pub");
        MosquittoBroker.Wait(() => subscriber.Heard.Length > 1, "the last message at mosquitto_sub");
        client.Disconnect();
        Assert.AreEqual($"{qos} 0 {topic}/out hell\u00f6, 2 0 {topic}/out end", string.Join(", ", subscriber.Heard));
        Assert.AreEqual($"{topic}/in w\u00f6rld {qos}, {topic}/in end {qos}", string.Join(", ", client.Messages.Select(m => $"{m.Topic} {m.Text} {m.Qos}")));
        Assert.AreEqual(qos > 0 ? 2 : 1, client.Acknowledged.Count);
    }

    [TestMethod]
    public static void Client_that_offers_alpn_talks_to_mosquitto_which_has_none()
    {
        MosquittoBroker broker = MosquittoBroker.Shared;
        TlsPeerTransport transport = TlsPeerTransport.Open(broker.MutualPort, broker.Certificates.Authority, broker.Certificates.Client, Alpn);
        Assert.AreEqual("", transport.Alpn);
        using PeerClient client = new PeerClient().Connect(transport);
        client.PublishAndWait("doors/alpn", "x", 2);
        client.Disconnect();
    }

    [TestMethod]
    public static void Alpn_is_agreed_with_the_stand_in_for_aws()
    {
        DevelopmentCertificates certificates = MosquittoBroker.Shared.Certificates;
        var options = new IotCoreOptions { StateFolder = Path.GetDirectoryName(certificates.Folder)!, MqttPort = 0, AlpnPort = 0, HttpsPort = 0 };
        var standIn = new IotCoreStandIn(options, certificates);
        try
        {
            standIn.StartAsync().Wait();
            TlsPeerTransport transport = TlsPeerTransport.Open(standIn.AlpnPort, certificates.Authority, certificates.Client, Alpn);
            Assert.AreEqual(Alpn, transport.Alpn);
            using PeerClient client = new PeerClient().Connect(transport);
            client.Subscribe("doors/alpn", 1);
            client.PublishAndWait("doors/alpn", "x", 1);
            client.Until(() => client.Messages.Count == 1, "the own message");
            client.Disconnect();
        }
        finally
        {
            standIn.DisposeAsync().AsTask().Wait();
        }
    }

    [TestMethod]
    public static void Mutual_tls_without_a_certificate_ends_before_connack()
    {
        MosquittoBroker broker = MosquittoBroker.Shared;
        using var client = new PeerClient();
        try
        {
            client.Begin(TlsPeerTransport.Open(broker.MutualPort, broker.Certificates.Authority));
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // TLS 1.2 refuses within the handshake
            return;
        }

        MqttError error = client.UntilClosed();
        Assert.IsTrue(error is MqttError.LinkClosed or MqttError.LinkFailed, error.ToString());
        Assert.AreEqual(0, client.Count(MqttEvent.Connected));
    }

    [TestMethod]
    public static void Broker_of_another_ca_is_not_spoken_to()
    {
        MosquittoBroker broker = MosquittoBroker.Shared;
        string folder = Directory.CreateTempSubdirectory("strangers-").FullName;
        try
        {
            using DevelopmentCertificates strangers = DevelopmentCertificates.Open(folder);
            Assert.ThrowsException(typeof(AuthenticationException), () => TlsPeerTransport.Open(broker.TlsPort, strangers.Authority));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public static void Right_user_name_and_password_are_accepted()
    {
        using var client = new PeerClient();
        client.Options.UserName = Bytes.FromString(MosquittoBroker.UserName);
        client.Options.Password = Bytes.FromString(MosquittoBroker.Password);
        client.Connect(SocketTransport.Open(MosquittoBroker.Shared.PasswordPort));
        client.PublishAndWait("doors/password", "x", 2);
        client.Disconnect();
    }

    [TestMethod]
    [DataRow("toaster", "wrong")]
    [DataRow("stranger", "wrong")]
    [DataRow("toaster", "")]
    [DataRow("", "")]
    public static void Wrong_user_name_or_password_is_told_as_refused(string user, string password)
    {
        using var client = new PeerClient();
        client.Options.UserName = user.Length == 0 ? null : Bytes.FromString(user);
        client.Options.Password = password.Length == 0 ? null : Bytes.FromString(password);
        client.Begin(SocketTransport.Open(MosquittoBroker.Shared.PasswordPort));
        Assert.AreEqual(MqttError.Refused, client.UntilClosed());

        // mosquitto 2.0: "not authorised"; older ones tell a bad password apart (MQTT 3.1.1 table 3.1)
        Assert.IsTrue(client.Mqtt.ErrorDetail is 4 or 5, $"return code {client.Mqtt.ErrorDetail}");
    }

    private static PeerTransport Open(MosquittoBroker broker, string door) => door switch
    {
        "plain" => SocketTransport.Open(broker.PlainPort),
        "engine" => EnginePeerTransport.Open(broker.MutualPort, broker.Certificates.CaPath, broker.Certificates.Client),
        "tls" => TlsPeerTransport.Open(broker.TlsPort, broker.Certificates.Authority),
        _ => TlsPeerTransport.Open(broker.MutualPort, broker.Certificates.Authority, broker.Certificates.Client),
    };
}
