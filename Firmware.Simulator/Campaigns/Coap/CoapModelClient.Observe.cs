// A model client's observations (RFC 7641 section 3).

namespace Firmware.Simulator.Campaigns;

internal sealed partial class CoapModelClient
{
    private const int FreshMs = 128_000;

    private readonly List<Observation> _observations = [];
    private Observation? _observing;

    // an observation's Max-Age has ended, or there are blocks left to read
    private bool WantsToObserve
    {
        get
        {
            foreach (Observation o in _observations)
            {
                if (o.HasRest || o.ExpiresMs <= _world.NowMs)
                {
                    return true;
                }
            }

            return false;
        }
    }

    private long EarliestExpiry
    {
        get
        {
            long next = long.MaxValue;
            foreach (Observation o in _observations)
            {
                next = Math.Min(next, o.ExpiresMs);
            }

            return next;
        }
    }

    // the server's state must be known by everyone who is told of it
    internal void CheckObservations()
    {
        foreach (Observation o in _observations)
        {
            long newest = o.Path == _world.Obs.Segments2 ? _world.Obs.History.Last
                : o.Path == _world.Thing.Segments2 ? _world.Thing.History.Last
                : _world.ObsLarge.Number;
            if (o.IsActive && o.Value != newest)
            {
                _world.Fail($"RFC 7641 1.3: client {_peer} observes /{System.Text.Encoding.UTF8.GetString(o.Path[^1])} and has {o.Value} at the end, but the state is {newest}");
            }
        }
    }

    private Observation? FindObservation(CoapPacket packet)
    {
        foreach (Observation o in _observations)
        {
            if (o.Token == packet.Token && o.TokenLength == packet.TokenLength)
            {
                return o;
            }
        }

        return null;
    }

    private void ChooseToObserve()
    {
        foreach (Observation o in _observations)
        {
            if (o.HasRest)
            {
                _observing = o;
                Begin(Kind.ReadRest);
                return;
            }

            if (o.ExpiresMs <= _world.NowMs)
            {
                _observing = o;
                Begin(Kind.Observe);
                return;
            }
        }
    }

    private void BeginObservation(Kind kind)
    {
        byte[][] path = _random.Next(3) switch { 0 => _world.Obs.Segments2, 1 => _world.ObsLarge.Segments2, _ => _world.Thing.Segments2 };
        Observation? known = _observations.Find(o => o.Path == path);
        if (kind == Kind.ReadRest || (kind == Kind.Cancel && known is null))
        {
            _stepMs = _world.NowMs + 100;
            return;
        }

        if (kind == Kind.Cancel && _random.Chance(500))
        {
            // forgotten: the next notification is reset
            _observations.Remove(known!);
            _stepMs = _world.NowMs + 100;
            return;
        }

        if (known is null)
        {
            NewToken();
            known = new Observation { Path = path, Token = _token, TokenLength = _tokenLength, Value = long.MinValue };
            _observations.Add(known);
        }

        _observing = known;
        Begin(kind);
    }

    private void ObserveAnswered(CoapPacket packet)
    {
        Observation observation = _observing!;
        if (_kind == Kind.Cancel)
        {
            if (packet.Has(6))
            {
                _world.Fail("RFC 7641 3.6: an observation was cancelled, but the answer has an Observe option");
            }

            End(isSuccess: packet.CodeClass == 2, 0, packet.Code);
            return;
        }

        Notified(observation, packet);
        _world.Oracle.Registrations += packet.Has(6) ? 1 : 0;
        End(isSuccess: observation.IsActive, 0, packet.Code);
    }

    // an operation with an observation has ended
    private void ObserveEnded(bool isSuccess)
    {
        if (_observing is not { } observation)
        {
            return;
        }

        _observing = null;
        if (_kind == Kind.Cancel || (_kind == Kind.Observe && !isSuccess))
        {
            // what still comes is reset
            _observations.Remove(observation);
        }
        else if (_kind == Kind.ReadRest && !isSuccess)
        {
            observation.HasRest = true;
        }
    }

    private void Notified(Observation o, CoapPacket packet)
    {
        long sequence = packet.UIntOf(6);
        if (packet.CodeClass != 2 || sequence < 0)
        {
            // RFC 7641 section 3.2: the end of it. The answer to a registration without the option says that there is none.
            o.IsActive = false;
            if (_observing != o || _kind != Kind.Observe)
            {
                _observations.Remove(o);
            }

            return;
        }

        // RFC 7641 section 3.4
        bool isFresh = o.Sequence < 0 || (o.Sequence < sequence && sequence - o.Sequence < 1 << 23) || (o.Sequence > sequence && o.Sequence - sequence > 1 << 23) || _world.NowMs > o.ArrivedMs + FreshMs;
        if (!isFresh)
        {
            return;
        }

        _world.Oracle.Notifications++;
        o.IsActive = true;
        o.Sequence = sequence;
        o.ArrivedMs = _world.NowMs;
        long age = packet.UIntOf(14);
        o.ExpiresMs = _world.NowMs + ((age < 0 ? 60 : age) * 1000) + _random.Between(5000, 15_000);
        if (packet.PayloadLength < CoapContent.Header)
        {
            _world.Fail("a notification without its representation");
            return;
        }

        long value = NumberOf(packet.Payload);
        bool counts = o.Path != _world.Thing.Segments2;
        if (counts && value < o.Notified)
        {
            _world.Fail($"RFC 7641 4.4: a fresher notification has the older state {value} after {o.Notified}");
        }

        o.Notified = value;

        long block = packet.UIntOf(23);
        if (block >= 0 && (block & 8) != 0)
        {
            o.HasRest = true;
            o.Wanted = value;
            _stepMs = _kind == Kind.None ? Math.Min(_stepMs, _world.NowMs + 50) : _stepMs;
            return;
        }

        if (o.Path == _world.ObsLarge.Segments2 && CoapContent.Check(packet.Payload) != value)
        {
            _world.Fail("a notification has another body than its resource");
        }

        o.Value = value;
    }

    private void RestRead(long version)
    {
        if (_observing is { } o)
        {
            // a newer notification may have come meanwhile
            o.HasRest = version < o.Wanted;
            o.Value = Math.Max(o.Value, version);
        }
    }

    /// <summary>One observation.</summary>
    private sealed class Observation
    {
        internal required byte[][] Path { get; init; }

        internal required ulong Token { get; init; }

        internal required int TokenLength { get; init; }

        internal bool IsActive { get; set; }

        internal bool HasRest { get; set; }

        internal long Notified { get; set; } = long.MinValue;

        // the version whose first block was notified
        internal long Wanted { get; set; }

        internal long Sequence { get; set; } = -1;

        internal long ArrivedMs { get; set; }

        internal long ExpiresMs { get; set; } = long.MaxValue;

        internal long Value { get; set; }
    }
}
