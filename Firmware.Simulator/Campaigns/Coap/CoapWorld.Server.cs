// The server's side of a CoAP world: the endpoint under test, its socket, the link, and when the loop calls Poll.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class CoapWorld
{
    private const int LatePollMs = 4000;
    private const int IdleWindowMs = 100;
    private const int MaxIdlePolls = 10;

    // what the socket holds before it drops
    private const int InboxSize = 32;

    private readonly Queue<Datagram> _inbox = new(64);
    private readonly Stack<Datagram> _pool = new(64);
    private CoapEndpoint _endpoint = null!;
    private CoapServer _server = null!;
    private Socket _socket = null!;
    private int _duplicates;
    private int _latencyMs;
    private long _readyAtMs = long.MaxValue;
    private long _polledMs;
    private bool _isPolling;
    private bool _isBusy;
    private long _idleSinceMs;
    private int _idlePolls;
    private int _allocatingPolls;
    private int _hostDepth;
    private long _hostFrom;
    private long _hostAllocated;

    // set after a first world has been run: from then on the engine may not allocate
    internal static bool IsWarm { get; set; }

    internal CoapServer Server => _server;

    internal CoapEndpoint Endpoint => _endpoint;

    // the runtime allocates now and then by itself; a seed is run again then, a soak cannot be
    internal int AllowedAllocatingPolls { get; set; }

    internal long Polls { get; private set; }

    internal long Lost { get; private set; }

    internal long Doubled { get; private set; }

    private long ServerWakeMs
    {
        get
        {
            // an endpoint that asks for a time that has passed is called as soon as the loop comes round
            long deadline = _endpoint.NextDeadlineMs;
            return Math.Min(_readyAtMs, deadline == long.MaxValue ? deadline : Math.Max(deadline, _polledMs) + _latencyMs);
        }
    }

    // what runs inside Poll but is no part of the engine: its allocations do not count
    internal void EnterHost()
    {
        if (_hostDepth++ == 0)
        {
            _hostFrom = GC.GetAllocatedBytesForCurrentThread();
        }
    }

    internal void LeaveHost()
    {
        if (--_hostDepth == 0)
        {
            _hostAllocated += GC.GetAllocatedBytesForCurrentThread() - _hostFrom;
        }
    }

    // the loop sees a change of a resource, as CoapDoor does; the engine must see those that it makes itself
    internal void ResourceChanged()
    {
        _isBusy = true;
        if (!_isPolling)
        {
            WakeServer();
        }
    }

    // a handler was called: the call of Poll was no idle one
    internal void Touch() => _isBusy = true;

    private void WakeServer()
    {
        if (_readyAtMs == long.MaxValue)
        {
            _readyAtMs = NowMs + _latencyMs;
        }
    }

    private void StartServer()
    {
        CoapConditions c = Conditions;
        _latencyMs = c.LoopLatencyMs + (Sabotage == Sabotage.CoapLateLoop ? LatePollMs : 0);
        c.Parameters.AmplificationFactor = Sabotage == Sabotage.CoapAmplifies ? 0 : c.Parameters.AmplificationFactor;
        c.Parameters.NStart = Sabotage == Sabotage.CoapCrowds ? 8 : c.Parameters.NStart;
        c.Parameters.MaxRetransmit = Sabotage == Sabotage.CoapPersists ? 6 : c.Parameters.MaxRetransmit;
        c.Options.Access = new Everyone();
        _socket = new Socket(this);
        _endpoint = new CoapEndpoint(c.Parameters, new SeededRandom(c.Seed + 99), c.MaxMessage, c.Exchanges, c.ReplyBytes, c.Spent, c.Transmissions);
        _server = new CoapServer(_endpoint, [Counter, Register, Large, Upload, Assembled, Slow, Obs, ObsLarge, Thing], c.Options);
        _endpoint.Open(_socket, NowMs);
    }

    private void PollServer()
    {
        _readyAtMs = long.MaxValue;
        _polledMs = NowMs;
        _isPolling = true;
        _isBusy = false;
        _hostAllocated = 0;
        Polls++;
        long before = GC.GetAllocatedBytesForCurrentThread();
        _endpoint.Poll(NowMs);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before - _hostAllocated;
        _isPolling = false;
        Watch.Finish(_endpoint.Duplicates);
        Watch.Tick(NowMs);
        ThrowIfBroken();
        if (allocated != 0 && IsWarm && _allocatingPolls++ >= AllowedAllocatingPolls)
        {
            throw new AllocationViolation($"memory: Poll allocated {allocated} bytes");
        }

        long deadline = _endpoint.NextDeadlineMs;
        if (_inbox.Count > 0 && deadline > NowMs)
        {
            Fail("liveness: datagrams wait, but the endpoint does not ask to be called again");
        }

        if (_isBusy)
        {
            _idlePolls = 0;
        }
        else if (_idlePolls++ == 0 || NowMs - _idleSinceMs > IdleWindowMs)
        {
            _idlePolls = 1;
            _idleSinceMs = NowMs;
        }
        else if (_idlePolls > MaxIdlePolls)
        {
            Fail($"liveness: {_idlePolls} calls of Poll within {IdleWindowMs} ms did nothing, and yet the endpoint asks for the next one");
        }
    }

    private void Travel(int peer, byte[] bytes, int length, bool isMulticast, bool toServer)
    {
        CoapConditions c = Conditions;
        if (!IsCalm && Random.Chance(c.LossChance))
        {
            Lost++;
            return;
        }

        bool isDouble = !IsCalm && Random.Chance(c.DuplicateChance);
        for (int copies = isDouble ? 2 : 1; copies > 0; copies--)
        {
            Datagram datagram = _pool.Count > 0 ? _pool.Pop() : new Datagram();
            Buffer.BlockCopy(bytes, 0, datagram.Bytes, 0, length);
            datagram.Length = length;
            datagram.Peer = peer;
            datagram.IsMulticast = isMulticast;
            int delay = c.LatencyMs + Random.Next(c.JitterMs + 1);
            if (!IsCalm && Random.Chance(c.DelayChance))
            {
                delay += Random.Next(c.LongestDelayMs);
            }

            if (copies == 2)
            {
                Doubled++;
                if (Sabotage == Sabotage.CoapRunsTwice && toServer && length > 4 && bytes[1] == CoapCode.Post)
                {
                    datagram.Bytes[2] ^= 0x80;
                }
            }

            Schedule(NowMs + delay, toServer ? WorldEvent.ArriveAtServer : WorldEvent.ArriveAtClient, datagram);
        }
    }

    private int TakeFromInbox(byte[] buffer, int offset, int count, DatagramAddress from)
    {
        Watch.Finish(_endpoint.Duplicates);
        if (_inbox.Count == 0)
        {
            return 0;
        }

        _isBusy = true;
        _duplicates = _endpoint.Duplicates;
        Datagram datagram = _inbox.Dequeue();
        if (Sabotage == Sabotage.CoapWrongUpload && datagram.Length > 40 && datagram.Bytes[1] is CoapCode.Put or CoapCode.Post && Random.Chance(100))
        {
            datagram.Bytes[datagram.Length - 1] ^= 1;
        }

        int length = Math.Min(datagram.Length, count);
        Buffer.BlockCopy(datagram.Bytes, 0, buffer, offset, length);
        from.SetIPv4(10, 0, datagram.Peer >> 8, datagram.Peer & 255, 10_000 + datagram.Peer);
        from.IsMulticast = datagram.IsMulticast;
        Log.Note(NowMs, "server <- peer {0}: {1} bytes, message {2}", datagram.Peer, datagram.Length, (datagram.Bytes[0] << 24) | (datagram.Bytes[1] << 16) | (datagram.Bytes[2] << 8) | datagram.Bytes[3]);
        Watch.Received(datagram.Peer, datagram.Bytes, datagram.Length, datagram.IsMulticast, _endpoint.Duplicates, NowMs);
        _pool.Push(datagram);
        return length;
    }

    private int SendFromServer(byte[] buffer, int offset, int count, DatagramAddress to)
    {
        _isBusy = true;
        int peer = to.Port - 10_000;
        byte[] bytes = _sending;
        Buffer.BlockCopy(buffer, offset, bytes, 0, count);
        if (Sabotage == Sabotage.CoapAnswersOtherwise && bytes[0] >> 4 == 6 && count > 12 && _endpoint.Duplicates != _duplicates)
        {
            bytes[count - 1] ^= 1;
        }

        if (Sabotage == Sabotage.CoapWrongBlock && bytes[1] == CoapCode.Content && count > 60 && Random.Chance(100))
        {
            bytes[count - 1] ^= 1;
        }

        Log.Note(NowMs, "server -> peer {0}: {1} bytes, message {2}", peer, count, (bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
        Watch.Sent(peer, bytes, count, _endpoint.Duplicates, NowMs);
        if (peer < _clients.Length)
        {
            Travel(peer, bytes, count, isMulticast: false, toServer: false);
        }

        return count;
    }

    private readonly byte[] _sending = new byte[2048];
    private byte[]? _waste;

    private sealed class Everyone : ICoapAccess
    {
        public byte[] Refuse(CoapRequest request) => null!;
    }

    /// <summary>The server's socket.</summary>
    private sealed class Socket(CoapWorld world) : IDatagramTransport
    {
        /// <inheritdoc/>
        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            if (world.Sabotage == Sabotage.CoapAllocates && world.NowMs > LatePollMs)
            {
                world._waste = new byte[1];
            }

            world.EnterHost();
            int length = world.TakeFromInbox(buffer, offset, count, from);
            world.LeaveHost();
            return length;
        }

        /// <inheritdoc/>
        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            world.EnterHost();
            int length = world.SendFromServer(buffer, offset, count, to);
            world.LeaveHost();
            return length;
        }

        /// <inheritdoc/>
        public void Close()
        {
        }
    }
}
