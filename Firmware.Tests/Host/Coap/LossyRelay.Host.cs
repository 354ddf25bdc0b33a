// A UDP relay on loopback between processes and a server: it loses, doubles, delays and reorders datagrams as a script or a seed says, and
// keeps a trace of all that came by. The server sees each client at a port of its own, as behind a NAT.
//
// A script is a list of words: "drop", "twice", "hold" or "late300" say what happens to the datagrams named after it. ">3" is the third
// datagram to the server, "<1" the first one to the client, counted over all clients and from 1; ">3.." is that and all that follow. A held
// datagram waits for the next one of its direction and goes after it (at the latest after HoldMs); "late300" comes 300 ms later.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Firmware.Tests.Host.Coap;

/// <summary>What becomes of a datagram.</summary>
internal enum RelayFate
{
    /// <summary>It goes on at once.</summary>
    Pass,

    /// <summary>It is lost.</summary>
    Drop,

    /// <summary>It goes on twice.</summary>
    Twice,

    /// <summary>It goes on after the next one.</summary>
    Hold,

    /// <summary>It goes on later.</summary>
    Late,
}

/// <summary>A datagram that came by.</summary>
/// <param name="ToServer">The direction.</param>
/// <param name="Number">Its number in that direction, from 1.</param>
/// <param name="AtMs">When it came, since the first one.</param>
/// <param name="Fate">What was done with it.</param>
/// <param name="Bytes">The datagram.</param>
internal sealed record RelayedDatagram(bool ToServer, int Number, long AtMs, RelayFate Fate, byte[] Bytes)
{
    /// <summary>For example <c>>1 drop CON GET 43ed t=01 Uri-Path=time</c>.</summary>
    internal string Text => $"{(ToServer ? '>' : '<')}{Number} {(Fate == RelayFate.Pass ? "" : Fate.ToString().ToLowerInvariant() + " ")}{CoapText.Of(Bytes)}";

    internal string Hex => Convert.ToHexStringLower(Bytes);

    public override string ToString() => $"{AtMs,6} ms {Text}  {Hex}";
}

/// <summary>Says what becomes of each datagram, by its direction and number only, so that it is the same in every run.</summary>
internal sealed class RelayPlan
{
    private readonly List<(bool ToServer, int From, int To, RelayFate Fate, int DelayMs)> _rules = [];
    private readonly int _seed;
    private readonly int _lossPercent;

    private RelayPlan(int seed, int lossPercent) => (_seed, _lossPercent) = (seed, lossPercent);

    internal static RelayPlan PassAll => new(0, 0);

    /// <summary>A script as the header of this file says.</summary>
    internal static RelayPlan Script(string script)
    {
        var plan = new RelayPlan(0, 0);
        RelayFate fate = RelayFate.Pass;
        int delayMs = 0;
        foreach (string word in script.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (word[0] is '>' or '<')
            {
                bool isOpen = word.EndsWith("..", StringComparison.Ordinal);
                int number = int.Parse(word.AsSpan(1, word.Length - (isOpen ? 3 : 1)), NumberStyles.None, CultureInfo.InvariantCulture);
                plan._rules.Add((word[0] == '>', number, isOpen ? int.MaxValue : number, fate, delayMs));
                continue;
            }

            bool isLate = word.StartsWith("late", StringComparison.Ordinal);
            delayMs = isLate ? int.Parse(word.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture) : 0;
            fate = isLate ? RelayFate.Late : Enum.Parse<RelayFate>(word, ignoreCase: true);
        }

        return plan;
    }

    /// <summary>Loses so many of a hundred datagrams, doubles and holds half as many each, and delays as many by up to 100 ms.</summary>
    internal static RelayPlan Random(int seed, int lossPercent) => new(seed, lossPercent);

    internal RelayFate FateOf(bool toServer, int number, out int delayMs)
    {
        foreach ((bool direction, int from, int to, RelayFate fate, int delay) in _rules)
        {
            if (direction == toServer && number >= from && number <= to)
            {
                delayMs = delay;
                return fate;
            }
        }

        delayMs = 0;
        if (_lossPercent == 0)
        {
            return RelayFate.Pass;
        }

        // a generator of its own for each datagram: the order in which the two directions interleave does not matter
        var random = new System.Random(unchecked((((_seed * 31) + (toServer ? 1 : 0)) * 65_537) + number));
        int dice = random.Next(200);
        delayMs = random.Next(1, 101);
        return dice < 2 * _lossPercent ? RelayFate.Drop
            : dice < 3 * _lossPercent ? RelayFate.Twice
            : dice < 4 * _lossPercent ? RelayFate.Hold
            : dice < 5 * _lossPercent ? RelayFate.Late
            : RelayFate.Pass;
    }
}

/// <summary>The relay.</summary>
internal sealed class LossyRelay : IDisposable
{
    private const int HoldMs = 1000;
    private const int TickMs = 5;
    private const int QuietMs = 2000;
    private const int LongestDatagram = 65_536;

    private readonly Socket _front = Bound();
    private readonly Dictionary<int, Socket> _backs = [];
    private readonly List<(long DueMs, bool ToServer, int ClientPort, byte[] Bytes, bool IsHeld)> _waiting = [];
    private readonly List<RelayedDatagram> _trace = [];
    private readonly byte[] _buffer = new byte[LongestDatagram];
    private readonly RelayPlan _plan;
    private readonly int _serverPort;
    private readonly Thread _thread;
    private long _startMs = -1;
    private int _toServer;
    private int _toClient;
    private long _quietLooks;
    private volatile bool _isCut;
    private volatile bool _isEnding;

    /// <summary>Starts to relay between whoever sends to <see cref="Port"/> and a server's port.</summary>
    internal LossyRelay(int serverPort, RelayPlan? plan = null)
    {
        _serverPort = serverPort;
        _plan = plan ?? RelayPlan.PassAll;
        _thread = new Thread(Run) { IsBackground = true, Name = "relay" };
        _thread.Start();
    }

    internal LossyRelay(int serverPort, string script)
        : this(serverPort, RelayPlan.Script(script))
    {
    }

    /// <summary>Where clients send to.</summary>
    internal int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    /// <summary>True: everything is lost from now on, whatever the plan says.</summary>
    internal bool IsCut
    {
        get => _isCut;
        set => _isCut = value;
    }

    /// <summary>What came by so far, in the order in which it came: all that was sent before this is asked, also by a process that has just ended.</summary>
    internal RelayedDatagram[] Trace
    {
        get
        {
            // on loopback a sent datagram is in the socket already: after a look that began later and found nothing, there is none left
            long looks = Interlocked.Read(ref _quietLooks);
            SpinWait.SpinUntil(() => Interlocked.Read(ref _quietLooks) >= looks + 2 || !_thread.IsAlive, QuietMs);
            lock (_trace)
            {
                return [.. _trace];
            }
        }
    }

    /// <summary>The trace as text, a line for each datagram: for messages and asserts.</summary>
    internal string Text => TextOf(Trace);

    /// <summary>The datagrams of one direction as text.</summary>
    internal string[] Sent(bool toServer) => [.. Trace.Where(d => d.ToServer == toServer).Select(d => d.Text)];

    /// <summary>Waits until something came by.</summary>
    internal void Await(Func<RelayedDatagram[], bool> condition, string what, int patienceMs = 10_000)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_trace)
        {
            while (!condition([.. _trace]))
            {
                int leftMs = patienceMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                if (leftMs <= 0 || !Monitor.Wait(_trace, leftMs))
                {
                    throw new TestFrameworkShared.AssertFailedException($"did not come by: {what}; but\n{TextOf(_trace)}");
                }
            }
        }
    }

    public void Dispose()
    {
        _isEnding = true;
        _thread.Join();
        _front.Dispose();
        foreach (Socket back in _backs.Values)
        {
            back.Dispose();
        }
    }

    private static string TextOf(IEnumerable<RelayedDatagram> datagrams) => string.Join('\n', datagrams.Select(d => d.ToString()));

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Run()
    {
        var from = new IPEndPoint(IPAddress.Any, 0);
        while (!_isEnding)
        {
            List<Socket> readable = [_front, .. _backs.Values];
            Socket.Select(readable, null, null, TickMs * 1000);
            if (readable.Count == 0)
            {
                Interlocked.Increment(ref _quietLooks);
            }

            foreach (Socket socket in readable)
            {
                EndPoint sender = from;
                int length = Receive(socket, ref sender);
                if (length < 0)
                {
                    continue;
                }

                bool toServer = socket == _front;
                int client = toServer ? ((IPEndPoint)sender).Port : _backs.First(b => b.Value == socket).Key;
                Take(toServer, client, _buffer[..length]);
            }

            SendDue();
        }
    }

    private int Receive(Socket socket, ref EndPoint sender)
    {
        try
        {
            return socket.ReceiveFrom(_buffer, ref sender);
        }
        catch (SocketException)
        {
            // Windows: an ICMP error of an earlier datagram
            return -1;
        }
    }

    private void Take(bool toServer, int client, byte[] bytes)
    {
        if (toServer && !_backs.ContainsKey(client))
        {
            _backs.Add(client, Bound());
        }

        long nowMs = Environment.TickCount64;
        _startMs = _startMs < 0 ? nowMs : _startMs;
        int number = toServer ? ++_toServer : ++_toClient;
        RelayFate fate = _plan.FateOf(toServer, number, out int delayMs);
        fate = _isCut ? RelayFate.Drop : fate;
        lock (_trace)
        {
            _trace.Add(new RelayedDatagram(toServer, number, nowMs - _startMs, fate, bytes));
            Monitor.PulseAll(_trace);
        }

        switch (fate)
        {
            case RelayFate.Hold:
                _waiting.Add((nowMs + HoldMs, toServer, client, bytes, true));
                return;
            case RelayFate.Late:
                _waiting.Add((nowMs + delayMs, toServer, client, bytes, false));
                return;
            case RelayFate.Drop:
                return;
            case RelayFate.Twice:
                Send(toServer, client, bytes);
                break;
            default:
                break;
        }

        Send(toServer, client, bytes);

        // what was held for this one
        for (int i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i].IsHeld && _waiting[i].ToServer == toServer)
            {
                _waiting[i] = _waiting[i] with { DueMs = nowMs };
            }
        }
    }

    private void SendDue()
    {
        long nowMs = Environment.TickCount64;
        for (int i = 0; i < _waiting.Count; i++)
        {
            (long dueMs, bool toServer, int client, byte[] bytes, _) = _waiting[i];
            if (dueMs <= nowMs)
            {
                _waiting.RemoveAt(i--);
                if (!_isCut)
                {
                    Send(toServer, client, bytes);
                }
            }
        }
    }

    private void Send(bool toServer, int client, byte[] bytes)
    {
        try
        {
            Socket socket = toServer ? _backs[client] : _front;
            socket.SendTo(bytes, new IPEndPoint(IPAddress.Loopback, toServer ? _serverPort : client));
        }
        catch (SocketException)
        {
            // nobody there: lost
        }
    }
}
