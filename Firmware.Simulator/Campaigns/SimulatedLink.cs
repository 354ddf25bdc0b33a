// A TCP or TLS connection as the device sees it: ITransport over two pipes. Splits, coalesces, delays, stalls, breaks, goes silent, closes.
// Reused for many connections; the generation tells them apart.

using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

/// <summary>One connection between the device and the model broker, in virtual time.</summary>
internal sealed class SimulatedLink : ITransport
{
    // more than all that a broker may owe: its window of messages, acknowledgements, and QoS 0 as long as there is room
    private const int DownCapacity = 32768;
    private const int UpCapacity = 4096;

    private readonly SimulatedWorld _world;
    private bool _reset;
    private bool _wasBlocked;
    private byte[]? _garbage;

    internal SimulatedLink(SimulatedWorld world)
    {
        _world = world;
        Peer = new BrokerConnection(this);
    }

    // the broker's end
    internal BrokerConnection Peer { get; }

    internal SimulatedPipe Up { get; } = new(UpCapacity);

    internal SimulatedPipe Down { get; } = new(DownCapacity);

    // which use of this object; events of an earlier use are stale
    internal int Generation { get; private set; }

    // counts the connections of the world
    internal int Number { get; private set; }

    // an end that nobody holds; both, and the link can be used again
    internal bool DeviceClosed { get; private set; } = true;

    internal bool BrokerClosed { get; private set; } = true;

    // bytes that the device wrote or read: what counts as progress
    internal long BytesMoved { get; private set; }

    internal long BytesRead { get; private set; }

    // the last call of Write got less than it offered
    internal bool IsWriteBlocked { get; private set; }

    internal long BlockedSinceMs { get; private set; }

    // when a reluctant link will take bytes again; 0 if only room is missing
    internal long WillTakeAtMs { get; set; }

    internal long LastWriteMs { get; private set; }

    internal long LastReadMs { get; private set; }

    internal bool IsReset => _reset;

    // something that Read would return
    internal bool IsReadable => Down.Arrived > 0 || _reset || HasEnded;

    private bool HasEnded => !Down.IsDead && Down.IsEmpty && _world.NowMs >= Down.EndAtMs;

    internal void Open(int number)
    {
        Generation++;
        Number = number;
        Up.Restart(_world.Conditions.SendBuffer);
        Down.Restart(DownCapacity);
        DeviceClosed = false;
        BrokerClosed = false;
        IsWriteBlocked = false;
        _wasBlocked = false;
        WillTakeAtMs = 0;
        BytesMoved = 0;
        BytesRead = 0;
        LastWriteMs = _world.NowMs;
        LastReadMs = _world.NowMs;
        _reset = false;
    }

    /// <inheritdoc/>
    public int Read(byte[] buffer, int offset, int count)
    {
        Check(buffer, offset, count);
        if (_world.Sabotage == Sabotage.ReadAllocates)
        {
            _garbage = new byte[8];
        }

        if (Down.Arrived == 0)
        {
            return _reset ? TransportResult.Failed : HasEnded ? TransportResult.Closed : 0;
        }

        int most = count;
        if (count > 1 && _world.Random.Chance(_world.Conditions.ShortCallChance))
        {
            most = 1 + _world.Random.Next(count);
        }

        int got = Down.Read(buffer, offset, most);
        BytesMoved += got;
        BytesRead += got;
        LastReadMs = _world.NowMs;
        return got;
    }

    /// <inheritdoc/>
    public int Write(byte[] buffer, int offset, int count)
    {
        Check(buffer, offset, count);
        if (_reset)
        {
            return TransportResult.Failed;
        }

        if (WillTakeAtMs > _world.NowMs)
        {
            return NotNow();
        }

        WillTakeAtMs = 0;
        int most = count;
        if (_world.Random.Chance(_world.Conditions.ShortCallChance))
        {
            most = _world.Random.Next(count + 1);
            if (most == 0)
            {
                WillTakeAtMs = _world.NowMs + _world.Random.Between(1, 500);
                return NotNow();
            }
        }

        // if nobody is there any more, the stack takes it and throws it away
        int taken = BrokerClosed ? most : Up.Write(buffer, offset, most);
        if (taken == 0)
        {
            return NotNow();
        }

        if (!_wasBlocked)
        {
            _world.Device.CheckKeepAlive(LastWriteMs);
        }

        IsWriteBlocked = false;
        _wasBlocked = false;
        BytesMoved += taken;
        LastWriteMs = _world.NowMs;
        return taken;
    }

    /// <inheritdoc/>
    public void Close()
    {
        DeviceClosed = true;
    }

    // the device's and the broker's ends both know
    internal void Reset(SeededRandom random)
    {
        _reset = true;
        Up.LoseWhatTravels(random.Next(4));
        Down.LoseWhatTravels(random.Next(4));
        if (random.Chance(500))
        {
            // most stacks throw away what was not read yet
            Down.Restart(DownCapacity);
        }
    }

    internal void GoSilent()
    {
        Up.IsDead = true;
        Down.IsDead = true;
    }

    internal long CloseByBroker()
    {
        BrokerClosed = true;
        return Down.EndOfStream(_world.NowMs, _world.Conditions.LatencyMs);
    }

    private int NotNow()
    {
        if (!IsWriteBlocked)
        {
            BlockedSinceMs = _world.NowMs;
        }

        IsWriteBlocked = true;
        _wasBlocked = true;
        return 0;
    }

    private void Check(byte[] buffer, int offset, int count)
    {
        if (DeviceClosed)
        {
            _world.Device.Complain("the transport was used after Close");
        }

        if (offset < 0 || count < 1 || offset > buffer.Length - count)
        {
            _world.Device.Complain("the transport was given a range outside the buffer, or an empty one");
        }
    }
}
