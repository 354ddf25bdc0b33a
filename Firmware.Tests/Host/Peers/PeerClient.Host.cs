// Drives an MqttClient with wall time against a real broker: polls until a condition holds, copies what the events tell, and fails with the
// whole story when a limit passes. It waits on the link, never for a fixed time.

using System.Diagnostics;
using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Peers;

/// <summary>A message as it was delivered.</summary>
internal sealed record Delivered(string Topic, byte[] Payload, int Qos, bool Dup, bool Retain)
{
    internal string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>A client under test with what it needs to run on a PC.</summary>
internal sealed class PeerClient : IDisposable
{
    private const int PatienceMs = 8000;
    private const int LongestWaitMs = 5;

    private static int _ids;
    private readonly List<string> _story = [];
    private byte[] _large = [];
    private int _largeHave;

    internal PeerClient(int receive = 512, int arena = 4096, int publishes = 8, int maxOpen = 20)
    {
        // short enough for a test, long enough for a busy machine
        Timeouts = new MqttTimeouts { AcknowledgementMs = 20000 };
        Mqtt = new MqttClient(new byte[receive], new byte[512], new byte[arena], publishes, maxOpen, Timeouts);
        Options = new MqttConnectOptions { ClientId = Bytes.FromString($"peer-{Environment.ProcessId}-{Interlocked.Increment(ref _ids)}") };
    }

    internal MqttClient Mqtt { get; }

    internal MqttTimeouts Timeouts { get; }

    internal MqttConnectOptions Options { get; }

    internal PeerTransport? Transport { get; private set; }

    internal List<Delivered> Messages { get; } = [];

    internal List<int> Acknowledged { get; } = [];

    internal List<Delivered> TooLarge { get; } = [];

    /// <summary>Whether large messages are wanted in pieces.</summary>
    internal bool AcceptLarge { get; set; }

    /// <summary>How many pieces came.</summary>
    internal int Pieces { get; private set; }

    internal int Count(MqttEvent kind) => _story.Count(s => s.StartsWith(kind.ToString(), StringComparison.Ordinal));

    internal static long NowMs => (long)Stopwatch.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Connects and waits for CONNACK 0.</summary>
    internal PeerClient Connect(PeerTransport transport)
    {
        Begin(transport);
        Until(() => Mqtt.State == MqttState.Connected, "CONNACK");
        return this;
    }

    /// <summary>Sends CONNECT and waits for nothing.</summary>
    internal void Begin(PeerTransport transport)
    {
        Transport = transport;
        Assert.AreEqual(MqttError.None, Mqtt.Connect(transport, Options, NowMs));
    }

    /// <summary>Subscribes and checks that each filter is granted the QoS asked for.</summary>
    internal void Subscribe(string filter, int qos)
    {
        int before = Count(MqttEvent.Subscribed);
        Assert.AreEqual(MqttError.None, Mqtt.Subscribe([Bytes.FromString(filter)], [(byte)qos], 1));
        Until(() => Count(MqttEvent.Subscribed) > before, "SUBACK for " + filter);
        Assert.AreEqual(qos, Mqtt.SubscribeResult(0), "granted for " + filter);
    }

    internal int Publish(string topic, string payload, int qos, bool retain = false)
    {
        byte[] bytes = Bytes.FromString(payload);
        Assert.AreEqual(MqttError.None, Mqtt.Publish(Bytes.FromString(topic), bytes, 0, bytes.Length, qos, retain));
        return Mqtt.PacketId;
    }

    /// <summary>Publishes and waits for the acknowledgement; with QoS 0, until it has left.</summary>
    internal void PublishAndWait(string topic, string payload, int qos, bool retain = false)
    {
        Publish(topic, payload, qos, retain);
        Until(() => Mqtt.Held == 0, $"the acknowledgement of {topic}");
    }

    /// <summary>DISCONNECT, and the event Closed without an error.</summary>
    internal void Disconnect()
    {
        int before = Count(MqttEvent.Closed);
        Mqtt.Disconnect();
        Until(() => Count(MqttEvent.Closed) > before, "Closed after DISCONNECT");
        Assert.AreEqual(MqttError.None, Mqtt.Error);
    }

    /// <summary>Breaks the link and lets the client find out.</summary>
    internal void Break()
    {
        Transport!.Abort();
        UntilClosed();
    }

    /// <summary>Waits for the end of the connection and tells why it ended.</summary>
    internal MqttError UntilClosed(int limitMs = PatienceMs)
    {
        // a connection that broke in the middle of another wait has told its end already
        Until(() => Mqtt.State == MqttState.Closed, "the end of the connection", limitMs);
        Poll();
        return Mqtt.Error;
    }

    /// <summary>Polls until the condition holds; fails with the events so far when the limit passes.</summary>
    internal void Until(Func<bool> condition, string what, int limitMs = PatienceMs)
    {
        long start = NowMs;
        while (!condition())
        {
            long now = NowMs;
            if (now - start > limitMs)
            {
                string last = string.Join(", ", _story.TakeLast(12));
                throw new AssertFailedException($"within {limitMs} ms did not come: {what}; state {Mqtt.State}, error {Mqtt.Error} {Mqtt.ErrorDetail}; events: {last}");
            }

            if (Poll() == MqttEvent.None && !condition())
            {
                Transport?.WaitReadable((int)Math.Clamp(Mqtt.NextDeadlineMs - now, 0, LongestWaitMs));
            }
        }
    }

    /// <summary>One Poll, with what its event tells.</summary>
    internal MqttEvent Poll()
    {
        MqttEvent happened = Mqtt.Poll(NowMs);
        if (happened == MqttEvent.None)
        {
            return happened;
        }

        MqttMessage message = Mqtt.Message;
        _story.Add(happened == MqttEvent.Closed ? $"Closed ({Mqtt.Error} {Mqtt.ErrorDetail})" : happened.ToString());
        switch (happened)
        {
            case MqttEvent.MessageReceived:
                Messages.Add(Copy(message, message.Buffer.AsSpan(message.PayloadOffset, message.PayloadLength).ToArray()));
                break;
            case MqttEvent.MessageStarted:
                if (AcceptLarge)
                {
                    Assert.IsTrue(Mqtt.AcceptPieces(), "pieces accepted");
                    _large = new byte[message.PayloadLength];
                    _largeHave = 0;
                    Collect(message);
                }

                break;
            case MqttEvent.MessagePiece:
                Collect(message);
                break;
            case MqttEvent.MessageTooLarge:
                TooLarge.Add(Copy(message, new byte[message.PayloadLength]));
                break;
            case MqttEvent.PublishAcknowledged:
                Acknowledged.Add(Mqtt.PacketId);
                break;
            default:
                break;
        }

        return happened;
    }

    /// <summary>Resets the link if it is still open.</summary>
    public void Dispose() => Transport?.Abort();

    private static Delivered Copy(MqttMessage message, byte[] payload) =>
        new(Encoding.UTF8.GetString(message.Buffer, message.TopicOffset, message.TopicLength), payload, message.Qos, message.Dup, message.Retain);

    private void Collect(MqttMessage message)
    {
        Pieces++;
        Assert.AreEqual(_largeHave, message.PiecePosition, "pieces follow each other");
        Array.Copy(message.Buffer, message.PayloadOffset, _large, message.PiecePosition, message.PieceLength);
        _largeHave += message.PieceLength;
        if (message.IsLastPiece)
        {
            Assert.AreEqual(_large.Length, _largeHave, "all of the message came");
            Messages.Add(Copy(message, _large));
        }
    }
}
