// Third parties: .NET's WebSocket as client and as server over a link in memory, and the unchanged MQTT engine over WebSocketTransport against mosquitto.

using System.Net.WebSockets;
using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.WebSocket;
using Firmware.Tests.Host.Peers;
using nanoFramework.TestFramework;
using TestFrameworkShared;

namespace Firmware.Tests.Host.WebSocket;

[TestClass]
public static class WebSocketPeersTest
{
    private const int Messages = 300;

    [DataRow(true, 1)]
    [DataRow(true, 2)]
    [DataRow(false, 1)]
    [DataRow(false, 2)]
    public static void Messages_pass_both_ways_with_dotnet(bool weServe, int seed)
    {
        Random random = new(seed);
        using StreamLink link = new(() => random.Next(1, 3000));
        using System.Net.WebSockets.WebSocket dotnet = System.Net.WebSockets.WebSocket.CreateFromStream(link, new WebSocketCreationOptions { IsServer = !weServe });
        WebSocketConnection ours = new(new byte[100_000], new byte[80_000], weServe ? null : new WebSocketNoise(FrameText.Key));
        ours.Open(link.Ours, [], 0, 0);
        byte[] theirs = new byte[100_000];
        for (int i = 0; i < Messages; i++)
        {
            // lengths around the three forms of a header
            int length = random.Next(6) switch { 0 => 0, 1 => random.Next(124, 128), 2 => random.Next(65_530, 65_540), _ => random.Next(1, 2000) };
            byte[] message = Encoding.ASCII.GetBytes([.. Enumerable.Range(0, length).Select(_ => (char)random.Next(32, 127))]);
            bool isText = random.Next(2) == 0;
            WebSocketMessageType type = isText ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            int cut = random.Next(length + 1);
            bool isWhole = random.Next(2) == 0;
            if (!isWhole)
            {
                Done(dotnet.SendAsync(message.AsMemory(0, cut), type, false, default).AsTask());
            }

            ours.Ping();
            Done(dotnet.SendAsync(message.AsMemory(isWhole ? 0 : cut), type, true, default).AsTask());
            Assert.AreEqual(isText ? WebSocketEvent.Text : WebSocketEvent.Binary, PollUntilTold(ours, link));
            Assert.IsTrue(ours.Buffer.AsSpan(0, ours.Length).SequenceEqual(message), $"message {i}");

            // a frame of ours is no longer than two bytes of length can tell
            length = Math.Min(length, 65_535);
            Assert.IsTrue(ours.Send(isText, message, 0, length));
            while (ours.IsSending)
            {
                ours.Poll();
            }

            ValueWebSocketReceiveResult result;
            int have = 0;
            do
            {
                result = Done(dotnet.ReceiveAsync(theirs.AsMemory(have), default).AsTask());
                have += result.Count;
            }
            while (!result.EndOfMessage);
            Assert.AreEqual(type, result.MessageType);
            Assert.IsTrue(theirs.AsSpan(0, have).SequenceEqual(message.AsSpan(0, length)), $"answer {i}");
        }

        // closing: they first, or we
        if (seed == 1)
        {
            Done(dotnet.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", default));
            Assert.AreEqual(WebSocketEvent.Closed, PollUntilTold(ours, link));
            Assert.AreEqual(1000, ours.CloseCode);
            Assert.AreEqual(WebSocketMessageType.Close, Done(dotnet.ReceiveAsync(theirs.AsMemory(), default).AsTask()).MessageType);
        }
        else
        {
            ours.Close(WebSocketClose.GoingAway);
            ours.Poll();
            Assert.AreEqual(WebSocketMessageType.Close, Done(dotnet.ReceiveAsync(theirs.AsMemory(), default).AsTask()).MessageType);
            Assert.AreEqual(WebSocketCloseStatus.EndpointUnavailable, dotnet.CloseStatus);
            Done(dotnet.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, default));
            Assert.AreEqual(WebSocketEvent.Closed, PollUntilTold(ours, link));
            Assert.AreEqual(1001, ours.CloseCode);
        }
    }

    [TestMethod]
    public static void Mqtt_runs_unchanged_over_the_websocket_of_mosquitto()
    {
        MosquittoBroker.Require();
        using PeerClient client = new(receive: 256) { AcceptLarge = true };
        client.Connect(OverWebSocket(MosquittoBroker.Shared.WebSocketPort));
        client.Subscribe("websocket/#", 2);
        string large = new('x', 5000);
        for (int i = 0; i < 30; i++)
        {
            client.Publish($"websocket/{i}", i % 10 == 9 ? large[..3500] : $"message {i}", i % 3);
            client.Until(() => client.Mqtt.Held == 0 && client.Messages.Count == i + 1, $"message {i}");
            Assert.AreEqual(i % 10 == 9 ? large[..3500] : $"message {i}", client.Messages[i].Text);
        }

        // from a third party over plain TCP
        MosquittoPublisher.Publish(MosquittoBroker.Shared, "websocket/other", "from outside", 1);
        client.Until(() => client.Messages.Count == 31, "the message from outside");
        client.Disconnect();
    }

    private static WebSocketPeerTransport OverWebSocket(int port) => new(SocketTransport.Open(port));

    private static WebSocketEvent PollUntilTold(WebSocketConnection ours, StreamLink link)
    {
        for (int i = 0; i < 1_000_000; i++)
        {
            WebSocketEvent told = ours.Poll();
            if (told is not (WebSocketEvent.None or WebSocketEvent.Pong))
            {
                return told;
            }

            link.CheckAlive();
        }

        throw new AssertFailedException("nothing came");
    }

    private static void Done(Task task) => Assert.IsTrue(task.Wait(5000), "in time");

    private static T Done<T>(Task<T> task)
    {
        Assert.IsTrue(task.Wait(5000), "in time");
        return task.Result;
    }

    /// <summary>A WebSocket where the MQTT peers' tests want a link.</summary>
    private sealed class WebSocketPeerTransport : PeerTransport
    {
        private readonly PeerTransport _inner;
        private readonly WebSocketTransport _webSocket = new(new byte[600], new byte[500], "mqtt"u8.ToArray(), new WebSocketNoise(FrameText.Key));

        internal WebSocketPeerTransport(PeerTransport inner)
        {
            _inner = inner;
            _webSocket.BeginRequest().Out.Raw("/mqtt"u8.ToArray());
            Assert.IsTrue(_webSocket.Open(inner, "localhost"u8.ToArray()));
        }

        public override int Read(byte[] buffer, int offset, int count) => _webSocket.Read(buffer, offset, count);

        public override int Write(byte[] buffer, int offset, int count) => _webSocket.Write(buffer, offset, count);

        public override void Close() => _webSocket.Close();

        internal override void WaitReadable(int milliseconds) => _inner.WaitReadable(milliseconds);

        internal override void Abort() => _inner.Abort();
    }

    /// <summary>A link in memory: a stream for .NET, a transport for us, which moves a random number of bytes at a time.</summary>
    private sealed class StreamLink : Stream
    {
        private readonly System.IO.Pipelines.Pipe _toUs = new(new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 0));
        private readonly System.IO.Pipelines.Pipe _fromUs = new(new System.IO.Pipelines.PipeOptions(pauseWriterThreshold: 0));
        private readonly Stream _read;
        private readonly Stream _write;

        internal StreamLink(Func<int> piece)
        {
            Ours = new End(this, piece);
            _read = _fromUs.Reader.AsStream();
            _write = _toUs.Writer.AsStream();
        }

        internal End Ours { get; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _read.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _write.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => _write.FlushAsync(cancellationToken);

        public override void Flush() => _write.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        internal void CheckAlive() => Assert.IsTrue(_read.CanRead, "the link is open");

        internal sealed class End(StreamLink link, Func<int> piece) : ITransport
        {
            public int Read(byte[] buffer, int offset, int count)
            {
                if (!link._toUs.Reader.TryRead(out System.IO.Pipelines.ReadResult result))
                {
                    return 0;
                }

                int n = (int)Math.Min(Math.Min(count, piece()), result.Buffer.Length);
                int at = offset;
                foreach (ReadOnlyMemory<byte> part in result.Buffer.Slice(0, n))
                {
                    part.CopyTo(buffer.AsMemory(at));
                    at += part.Length;
                }

                link._toUs.Reader.AdvanceTo(result.Buffer.GetPosition(n));
                return n == 0 && result.IsCompleted ? TransportResult.Closed : n;
            }

            public int Write(byte[] buffer, int offset, int count)
            {
                int n = Math.Min(count, piece());
                Done(link._fromUs.Writer.WriteAsync(buffer.AsMemory(offset, n)).AsTask());
                return n;
            }

            public void Close() => link._fromUs.Writer.Complete();
        }
    }
}
