// Nothing is allocated per message: measured on the thread that runs the engine, over 10,000 messages each way, after a warm-up.
// The peer is made of fixed buffers and lives on the same thread, so it must not allocate either: it would be counted.

using System.Runtime.CompilerServices;
using Firmware.Features;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.Mqtt;
using Firmware.Things;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class AllocationTest
{
    private const int Messages = 10_000;
    private const int WarmUp = 500;
    private static readonly byte[] Topic = "toaster-01/telemetry"u8.ToArray();
    private static readonly byte[] Payload = "{\"temperature\":21.5,\"humidity\":45,\"battery\":3.899}"u8.ToArray();

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    public static void Ten_thousand_messages_each_way_allocate_nothing(int qos)
    {
        EchoingPeer peer = new();
        MqttClient client = new(new byte[Limits.MqttReceive], new byte[Limits.MqttControl], new byte[Limits.MqttArena], Limits.MqttPublishes, Limits.MqttOpen, new MqttTimeouts());
        Assert.IsTrue(client.Connect(peer, new MqttConnectOptions { ClientId = Topic, KeepAliveSeconds = 30 }, 0) == MqttError.None);
        Pump pump = new(client, peer, qos);
        pump.Run(WarmUp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        pump.Run(Messages);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated, $"bytes for {Messages} messages each way with QoS {qos}");

        // that it measured what it says
        Assert.AreEqual(WarmUp + Messages, peer.Received);
        Assert.AreEqual(WarmUp + Messages, pump.Received);
        Assert.AreEqual(qos == 0 ? 0 : WarmUp + Messages, pump.Acknowledged);
        Assert.AreEqual(qos == 0 ? 0 : WarmUp + Messages, peer.Acknowledged);
        Assert.IsTrue(peer.Pings > 100, $"{peer.Pings} pings");
    }

    [TestMethod]
    public static void Measurement_would_see_a_single_small_object()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Keep(new object());
        Assert.IsTrue(GC.GetAllocatedBytesForCurrentThread() - before > 0);
    }

    /// <summary>Reading a command and writing its answer allocate nothing; what the console line costs is reported.</summary>
    [TestMethod]
    public static void Reading_commands_allocates_nothing()
    {
        CommandReader reader = new(new ResourceTree([new Lamp()]));
        CommandIds ids = new(Limits.CommandIds, Limits.CommandId);
        JsonWriter answer = new(new byte[Limits.Payload]);
        byte[] command = "{\"lamp\":\"toggle\",\"percent\":30,\"id\":\"a-\\u0041\"}"u8.ToArray();
        byte[] wrong = "{\"lamp\":\"toggle\",\"second\":[1,{\"a\":2}]}"u8.ToArray();
        ReadAll(reader, ids, answer, command, wrong, WarmUp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll(reader, ids, answer, command, wrong, Messages);
        Assert.AreEqual(0L, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    /// <summary>The application's whole command path: reported, not demanded to be 0, since each command prints a line for the user.</summary>
    [TestMethod]
    public static void Command_path_of_the_application_is_measured()
    {
        const int Count = 500;
        using Appliance appliance = Appliance.Online();
        long allocated = 0;
        int runs = 0;
        appliance.Board.PinChanged += (_, change) =>
        {
            // on the loop's own thread, once for each command
            if (change.Pin.Number == Appliance.LedPin)
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                runs++;
                if (runs == 100)
                {
                    allocated = -now;
                }
                else if (runs == 100 + Count)
                {
                    allocated += now;
                }
            }
        };
        for (int i = 0; i < 100 + Count; i++)
        {
            appliance.Command("toggle", "led");
        }

        Assert.AreEqual(100 + Count, runs);
        Assert.IsTrue(allocated > 0, "nothing was measured");
        string line = $"application's command path: {allocated / Count} bytes a command (command, answer, event and three acknowledgements; with the console lines and the virtual board's and the test broker's own share)";
        // standard error is not captured, so the number is in the output of a run that passes, too
        Console.Error.WriteLine(line);

        // a leak, or a copy of a buffer for each message, would be more; see the line in the output
        Assert.IsTrue(allocated / Count < 16_384, line);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(object o) => GC.KeepAlive(o);

    private static void ReadAll(CommandReader reader, CommandIds ids, JsonWriter answer, byte[] command, byte[] wrong, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (reader.ReadJson(command, 0, command.Length) is not null || reader.ReadJson(wrong, 0, wrong.Length) is null)
            {
                throw new InvalidOperationException("the commands are not what they are meant to be");
            }

            reader.ReadJson(command, 0, command.Length);
            ids.Contains(reader.Id, reader.IdLength);
            ids.Add(reader.Id, reader.IdLength);
            answer.Reset();
            answer.BeginObject();
            reader.Target.WriteState(answer, i);
            answer.EndObject();
        }
    }

    private sealed class Lamp() : Resource("lamp", "on")
    {
        public override bool IsActuator => true;

        protected override void Describe(ResourceState state, long nowMs) => state.SetSwitch(true);
    }

    /// <summary>Sends and receives one message a round, a second apart, so that pings come as well.</summary>
    private sealed class Pump(MqttClient client, EchoingPeer peer, int qos)
    {
        private long _nowMs;

        internal int Received { get; private set; }

        internal int Acknowledged { get; private set; }

        internal void Run(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                // every tenth pause is longer than the keepalive: a ping
                _nowMs += i % 10 == 0 ? 29_000 : 1_000;
                Poll();
                if (client.State == MqttState.Connected)
                {
                    if (client.Publish(Topic, Payload, 0, Payload.Length, qos, false) != MqttError.None)
                    {
                        throw new InvalidOperationException("the message was not taken");
                    }

                    peer.SendMessage(Topic, Payload, qos);
                }

                Poll();
            }
        }

        // until nothing happens any more at this moment
        private void Poll()
        {
            int quiet = 0;
            while (quiet < 2)
            {
                MqttEvent happened = client.Poll(_nowMs);
                switch (happened)
                {
                    case MqttEvent.MessageReceived:
                        Received++;
                        break;
                    case MqttEvent.PublishAcknowledged:
                        Acknowledged++;
                        break;
                    case MqttEvent.Closed:
                        throw new InvalidOperationException("the connection ended");
                    default:
                        break;
                }

                quiet = happened == MqttEvent.None && peer.IsAtRest && client.NextDeadlineMs > _nowMs ? quiet + 1 : 0;
            }
        }
    }

    /// <summary>A broker of two fixed buffers that acknowledges everything and answers pings. Hands over seven bytes at a time.</summary>
    private sealed class EchoingPeer : ITransport
    {
        private readonly byte[] _in = new byte[4096];
        private readonly byte[] _out = new byte[4096];
        private int _inCount;
        private int _outStart;
        private int _outCount;
        private int _packetId;

        internal int Received { get; private set; }

        internal int Acknowledged { get; private set; }

        internal int Pings { get; private set; }

        internal bool IsAtRest => _outCount == _outStart;

        public int Read(byte[] buffer, int offset, int count)
        {
            int got = Math.Min(Math.Min(count, 7), _outCount - _outStart);
            Array.Copy(_out, _outStart, buffer, offset, got);
            _outStart += got;
            if (_outStart == _outCount)
            {
                _outStart = _outCount = 0;
            }

            return got;
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            int put = Math.Min(count, 7);
            Array.Copy(buffer, offset, _in, _inCount, put);
            _inCount += put;
            Serve();
            return put;
        }

        public void Close()
        {
        }

        internal void SendMessage(byte[] topic, byte[] payload, int qos)
        {
            int body = 2 + topic.Length + (2 * qos) + payload.Length;
            Put((byte)(0x30 | (qos << 1)));
            Put((byte)body); // below 128
            Put((byte)(topic.Length >> 8));
            Put((byte)topic.Length);
            PutAll(topic);
            if (qos > 0)
            {
                _packetId = (_packetId % 65_535) + 1;
                Put((byte)(_packetId >> 8));
                Put((byte)_packetId);
            }

            PutAll(payload);
        }

        private void Serve()
        {
            // all packets here are shorter than 128 bytes: one byte of remaining length
            while (_inCount >= 2 && _inCount >= 2 + _in[1])
            {
                int length = 2 + _in[1];
                switch (_in[0])
                {
                    case 0x10:
                        Answer(0x20, 0, 0);
                        break;
                    case 0x30:
                        Received++;
                        break;
                    case 0x32:
                        Received++;
                        int id = 2 + 2 + ((_in[2] << 8) | _in[3]);
                        Answer(0x40, _in[id], _in[id + 1]);
                        break;
                    case 0x40:
                        Acknowledged++;
                        break;
                    case 0xC0:
                        Pings++;
                        Put(0xD0);
                        Put(0);
                        break;
                    default:
                        throw new InvalidOperationException("unexpected packet");
                }

                _inCount -= length;
                Array.Copy(_in, length, _in, 0, _inCount);
            }
        }

        private void Answer(byte first, byte a, byte b)
        {
            Put(first);
            Put(2);
            Put(a);
            Put(b);
        }

        private void Put(byte value) => _out[_outCount++] = value;

        private void PutAll(byte[] bytes)
        {
            Array.Copy(bytes, 0, _out, _outCount, bytes.Length);
            _outCount += bytes.Length;
        }
    }
}
