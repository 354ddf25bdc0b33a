// Connect and Init of MqttClientAdapter: codes, limits, what is on the wire, what is refused.

using System.Diagnostics;
using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Adapter;

/// <summary>How connections begin.</summary>
[TestClass]
public static class AdapterConnectTest
{
    [DataRow(0, (int)MqttReasonCode.Success)]
    [DataRow(1, (int)MqttReasonCode.ConnectionRefusedUnacceptableProtocolVersion)]
    [DataRow(2, (int)MqttReasonCode.ConnectionRefusedIdentifierRejected)]
    [DataRow(3, (int)MqttReasonCode.ConnectionRefusedServerUnavailable)]
    [DataRow(4, (int)MqttReasonCode.ConnectionRefusedBadUserNameOrPassword)]
    [DataRow(5, (int)MqttReasonCode.ConnectionRefusedNotAuthorized)]
    [DataRow(6, (int)MqttReasonCode.UnspecifiedError)]
    [DataRow(7, (int)MqttReasonCode.ConnectionRefusedNotAuthorized)]
    [DataRow(255, (int)MqttReasonCode.UnspecifiedError)]
    [TestMethod]
    public static void Connect_returns_the_code_of_connack(int code, int expected)
    {
        using AdapterBench bench = new();
        bench.Broker.ConnackCode = (byte)code;
        Assert.AreEqual(expected, (int)bench.Connect());
        Assert.AreEqual(code == 0, bench.Client.IsConnected);
        Assert.AreEqual(code, bench.Adapter.ErrorDetail);
        bench.Adapter.Close();
        Assert.AreEqual(1, bench.Broker.Closed);
        Assert.AreEqual(code == 0 ? 1 : 0, bench.Count("closed"), "only what was accepted is closed");
    }

    [TestMethod]
    public static void Connect_carries_all_that_it_is_given()
    {
        using AdapterBench bench = new();
        bench.Client.Connect("me", "user", "pass", true, MqttQoSLevel.AtLeastOnce, true, "will/topic", "gone", false, 300);
        byte[] body = bench.Broker.LastConnect;
        Assert.AreEqual(0x04 | (1 << 3) | 0x20 | 0x40 | 0x80, (int)body[7], "flags");
        Assert.AreEqual(300, (body[8] << 8) | body[9], "keepalive");
        Assert.AreEqual("\0\u0002me\0\nwill/topic\0\u0004gone\0\u0004user\0\u0004pass", Encoding.UTF8.GetString(body, 10, body.Length - 10));
    }

    [TestMethod]
    public static void Without_connack_connect_ends_at_its_limit()
    {
        using AdapterBench bench = new();
        bench.Broker.ConnackCode = null;
        bench.Adapter.Timeouts.ConnackMs = 60;
        Assert.ThrowsException(typeof(ConnectException), () => bench.Connect());
        Assert.AreEqual((int)MqttError.ConnackTimeout, (int)bench.Adapter.Error);
        Assert.AreEqual(1, bench.Broker.Closed);
        Assert.AreEqual(0, bench.Events.Length);
    }

    [TestMethod]
    public static void A_broker_that_hangs_up_on_connect_is_an_exception_and_the_next_attempt_works()
    {
        using AdapterBench bench = new();
        bench.Broker.HangsUp = true;
        Assert.ThrowsException(typeof(ConnectException), () => bench.Connect());
        Assert.AreEqual((int)MqttError.LinkClosed, (int)bench.Adapter.Error);
        bench.Broker.HangsUp = false;
        Assert.AreEqual((int)MqttReasonCode.Success, (int)bench.Connect());
    }

    [TestMethod]
    public static void What_the_opener_throws_comes_out_as_connect_exception()
    {
        MqttClientAdapter known = new((_, _) => throw new ConnectException("no Wi-Fi"), new Clock());
        MqttClientAdapter unknown = new((_, _) => throw new InvalidCastException("odd"), new Clock());
        MqttClientAdapter nothing = new((_, _) => null!, new Clock());
        Assert.AreEqual("no Wi-Fi", MessageOf(known));
        Assert.AreEqual("connecting failed: odd", MessageOf(unknown));
        Assert.Contains("no transport", MessageOf(nothing));
    }

    [TestMethod]
    public static void The_opener_is_told_the_broker_of_init()
    {
        string told = "";
        AdapterBroker broker = new();
        MqttClientAdapter adapter = new((host, port) => Tell($"{host}:{port}"), new Clock());
        adapter.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60);
        adapter.Close();
        Assert.AreEqual(":0", told);
        adapter.Init("broker.example", 8883, true, null, Encoding.ASCII.GetBytes("certificate alone"), MqttSslProtocols.TLSv1_2);
        adapter.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60);
        adapter.Close();
        Assert.AreEqual("broker.example:8883", told);

        Protocols.Io.ITransport Tell(string text)
        {
            told = text;
            return broker.Open();
        }
    }

    [TestMethod]
    public static void Init_refuses_what_would_be_weaker_than_asked_or_not_encrypted()
    {
        MqttClientAdapter adapter = new(new Clock());
        byte[] alone = Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n");
        Refuses(() => adapter.Init("broker", 1883, false, null, null, MqttSslProtocols.None));
        Refuses(() => adapter.Init("broker", 8883, false, null, null, MqttSslProtocols.TLSv1_2));
        Refuses(() => adapter.Init("broker", 8883, true, null, null, MqttSslProtocols.SSLv3));
        Refuses(() => adapter.Init("broker", 8883, true, null, null, MqttSslProtocols.TLSv1_0));
        Refuses(() => adapter.Init("broker", 8883, true, null, null, MqttSslProtocols.TLSv1_1));
        Refuses(() => adapter.Init("broker", 8883, true, null, null, MqttSslProtocols.TLSv1_3));
        Refuses(() => adapter.Init("broker", 8883, true, null, alone, MqttSslProtocols.TLSv1_2));
        Assert.ThrowsException(typeof(ArgumentException), () => adapter.Init("", 8883, true, null, null, MqttSslProtocols.TLSv1_2));
        Assert.ThrowsException(typeof(ArgumentException), () => adapter.Init("broker", 65536, true, null, null, MqttSslProtocols.TLSv1_2));
        Assert.ThrowsException(typeof(InvalidOperationException),
            () => adapter.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60));

        static void Refuses(Action action) => Assert.ThrowsException(typeof(NotSupportedException), action);
    }

    [TestMethod]
    public static void Connect_refuses_what_connect_cannot_say()
    {
        using AdapterBench bench = new();
        IMqttClient client = bench.Client;
        Assert.ThrowsException(typeof(ArgumentException), () => client.Connect(null!, null, null, false, 0, false, null, null, true, 60));
        Assert.ThrowsException(typeof(ArgumentException), () => client.Connect("a", null, "password", false, 0, false, null, null, true, 60));
        Assert.ThrowsException(typeof(ArgumentException), () => client.Connect("a", null, null, false, 0, true, null, "gone", true, 60));
        Assert.AreEqual(0, bench.Broker.Opened);
        Assert.ThrowsException(typeof(MqttClientAdapterException), () => client.Connect("", null, null, false, 0, false, null, null, false, 60));
        Assert.AreEqual(bench.Broker.Opened, bench.Broker.Closed, "a transport that was opened is closed");
    }

    [TestMethod]
    public static void A_second_connect_is_refused_and_harms_nothing()
    {
        using AdapterBench bench = AdapterBench.Connected();
        Assert.ThrowsException(typeof(InvalidOperationException), () => bench.Connect());
        Assert.IsTrue(bench.Client.IsConnected);
        Assert.AreEqual(1, bench.Broker.Opened);
    }

    [TestMethod]
    public static void Close_gives_up_an_attempt_to_connect()
    {
        using AdapterBench bench = new();
        bench.Broker.ConnackCode = null;
        long start = Stopwatch.GetTimestamp();
        Task<Exception?> attempt = Task.Run(() => Caught(() => bench.Connect()));
        bench.Wait(() => bench.Broker.Count("CONNECT") == 1, "CONNECT");
        bench.Adapter.Close();
        Assert.IsInstanceOfType(attempt.Result, typeof(ConnectException));
        Assert.IsTrue(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5), "not at the limit of 15 s");
        Assert.IsFalse(bench.Client.IsConnected);
    }

    private static string MessageOf(MqttClientAdapter adapter)
    {
        Exception? e = Caught(() => adapter.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60));
        Assert.IsInstanceOfType(e, typeof(ConnectException));
        return e!.Message;
    }

    private static Exception? Caught(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
