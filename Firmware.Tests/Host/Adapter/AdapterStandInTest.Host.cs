// MqttClientAdapter as a library on the board would use it: Init with PEM bytes, mutual TLS to the stand-in for AWS IoT Core.

using System.Text;
using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;
using Firmware.Simulator;
using Firmware.Simulator.Aws;
using Firmware.Simulator.Board;
using Firmware.Tests.Host.Aws;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.Networking;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Adapter;

/// <summary>The adapter over TLS.</summary>
[TestClass]
public static class AdapterStandInTest
{
    private const int PatienceMs = 8000;

    [TestMethod]
    public static void Talks_to_the_stand_in_over_mutual_tls_and_hears_of_its_loss()
    {
        using StandInBench aws = StandInBench.Start();
        Run(board => Converse(aws, board));
        Assert.AreEqual((int)DisconnectKind.Abrupt, (int)aws.Wait<ClientDisconnected>().Kind);
        Assert.AreEqual(0, aws.Count<RuleViolated>());
    }

    [TestMethod]
    public static void A_certificate_of_another_authority_is_refused()
    {
        using StandInBench aws = StandInBench.Start();
        using DevelopmentCertificates other = DevelopmentCertificates.Open(StandInBench.TemporaryFolder());
        Run(board =>
        {
            MqttClientAdapter adapter = new(new SimulatorClock(board.Time));
            adapter.Init("localhost", aws.StandIn.MqttPort, true, File.ReadAllBytes(other.CaPath), Identity(), MqttSslProtocols.TLSv1_2);
            Assert.ThrowsException(typeof(ConnectException),
                () => adapter.Connect("adapter", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60));
        });
        Assert.AreEqual(0, aws.Count<ClientConnected>());
    }

    private static void Converse(StandInBench aws, VirtualBoard board)
    {
        MqttClientAdapter adapter = new(new SimulatorClock(board.Time)) { Rules = BrokerRules.Aws2018 };
        IMqttClient client = adapter;
        List<string> events = [];
        client.MqttMsgPublishReceived += (_, e) => Note($"received {e.Topic} {Encoding.UTF8.GetString(e.Message)}");
        client.MqttMsgPublished += (_, e) => Note($"published {e.MessageId}");
        client.MqttMsgSubscribed += (_, e) => Note($"subscribed {e.MessageId} {e.GrantedQoSLevels[0]}");
        client.ConnectionClosed += (_, _) => Note("closed");

        client.Init("localhost", aws.StandIn.MqttPort, true, File.ReadAllBytes(StandInBench.Certificates.CaPath), Identity(), MqttSslProtocols.TLSv1_2);
        MqttReasonCode code = client.Connect("adapter", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60);
        Assert.AreEqual((int)MqttReasonCode.Success, (int)code);
        ushort subscription = client.Subscribe(["things/adapter/#"], [MqttQoSLevel.AtLeastOnce]);
        Await($"subscribed {subscription} AtLeastOnce");
        ushort message = client.Publish("things/adapter/hello", Encoding.UTF8.GetBytes("to myself"), null, null, MqttQoSLevel.AtLeastOnce, false);
        Await($"published {message}");
        Await("received things/adapter/hello to myself");
        Assert.ThrowsException(typeof(MqttClientAdapterException), () => client.Publish("a", [], null, null, MqttQoSLevel.ExactlyOnce, false));

        Assert.IsTrue(aws.StandIn.DropClient("adapter"));
        Await("closed");
        Assert.IsFalse(client.IsConnected);
        client.Close();
        lock (events)
        {
            Assert.AreEqual(1, events.Count(e => e == "closed"));
        }

        void Note(string text)
        {
            lock (events)
            {
                events.Add(text);
            }
        }

        void Await(string text) => Assert.IsTrue(SpinWait.SpinUntil(() => Has(text), PatienceMs), $"{text}; there were: {string.Join(" | ", events)}");

        bool Has(string text)
        {
            lock (events)
            {
                return events.Contains(text);
            }
        }
    }

    /// <summary>Certificate and key in one PEM, as Init wants it.</summary>
    private static byte[] Identity()
    {
        CertificateFiles files = StandInBench.Certificates.Client;
        return [.. File.ReadAllBytes(files.CertificatePath), (byte)'\n', .. File.ReadAllBytes(files.KeyPath)];
    }

    /// <summary>Runs code as the main thread of a board with Wi-Fi and the date.</summary>
    private static void Run(Action<VirtualBoard> firmware)
    {
        VirtualBoard board = new("adapter", Path.Combine(StandInBench.TemporaryFolder(), "board"));
        board.Time.SetUtc(DateTime.UtcNow);
        TaskCompletionSource done = new();
        board.Start(() =>
        {
            try
            {
                Assert.IsTrue(WifiNetworkHelper.ConnectDhcp("virtual", "secret"), "Wi-Fi");
                board.Time.SetUtc(DateTime.UtcNow);
                firmware(board);
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        try
        {
            Assert.IsTrue(Task.WhenAny(done.Task, Task.Delay(4 * PatienceMs)).Result == done.Task, "the firmware ends");
            done.Task.GetAwaiter().GetResult();
        }
        finally
        {
            board.CutPower();
        }
    }
}
