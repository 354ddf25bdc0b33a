// The way to the broker of a sleeping Thing's world: takes its time, fails, hangs, and is cut. It is the only maker of links.

using Firmware.Connectivity;
using Firmware.Protocols.Io;
using Firmware.Simulator.Board;

namespace Firmware.Simulator.Campaigns;

/// <summary>Opens links to the broker in memory, as far as the world lets it.</summary>
internal sealed class SleepConnector(SleepWorld world) : IConnector
{
    private long _dueMs = long.MaxValue;
    private string? _failure;
    private int _links;

    public ITransport Transport { get; private set; } = null!;

    public string Failure { get; private set; } = null!;

    /// <summary>The number of the open link; 0 if there is none.</summary>
    internal int OpenLink { get; private set; }

    public void Begin()
    {
        world.ConnectBegins();
        (int afterMs, _failure) = world.Attempt();
        _dueMs = afterMs < 0 ? long.MaxValue : world.NowMs + afterMs;
    }

    public bool TryEnd()
    {
        if (world.NowMs < _dueMs)
        {
            return false;
        }

        _dueMs = long.MaxValue;
        Failure = _failure!;
        Transport = null!;
        if (_failure is null && world.Opens())
        {
            OpenLink = ++_links;
            Transport = new Link(this, world.Broker.Open(), OpenLink);
            world.Opened(OpenLink);
        }
        else
        {
            Failure ??= "no network";
            world.Trouble("an attempt fails");
        }

        return true;
    }

    public void Cancel() => _dueMs = long.MaxValue;

    /// <summary>The link dies: the Thing's end knows it, the broker's only later.</summary>
    internal void Lose()
    {
        if (OpenLink != 0)
        {
            OpenLink = 0;
            world.Broker.Lose();
        }
    }

    /// <summary>The broker ends the link.</summary>
    internal void Drop()
    {
        if (OpenLink != 0)
        {
            OpenLink = 0;
            world.Broker.Drop();
        }
    }

    private void Closed() => world.Closes();

    /// <summary>The board has no power: attempts and links end.</summary>
    internal void PowerLost()
    {
        _dueMs = long.MaxValue;
        Lose();
    }

    /// <summary>A link that a board without power cannot use.</summary>
    private sealed class Link(SleepConnector connector, ITransport inner, int number) : ITransport
    {
        public int Read(byte[] buffer, int offset, int count) => Powered(inner.Read(buffer, offset, count));

        public int Write(byte[] buffer, int offset, int count) => Powered(inner.Write(buffer, offset, count));

        public void Close()
        {
            if (connector.OpenLink == number)
            {
                connector.OpenLink = 0;
                connector.Closed();
                inner.Close();
            }
        }

        private static int Powered(int result)
        {
            _ = VirtualBoard.Current;
            return result;
        }
    }
}
