// One direction of a simulated link: bytes in order, delayed and cut into pieces. Fixed memory; no allocation after construction.

namespace Firmware.Simulator.Campaigns;

/// <summary>A bounded stream of bytes with a travelling time for each piece.</summary>
internal sealed class SimulatedPipe
{
    private const int MaxSegments = 256;
    private const int SegmentMask = MaxSegments - 1;

    private readonly byte[] _ring;
    private readonly long[] _segmentAt = new long[MaxSegments];
    private readonly int[] _segmentLength = new int[MaxSegments];
    private int _capacity;
    private int _head;
    private int _count;
    private int _arrived;
    private int _undispatched;
    private int _firstSegment;
    private int _segments;
    private long _lastAt;

    internal SimulatedPipe(int ringSize)
    {
        _ring = new byte[ringSize];
        _capacity = ringSize;
    }

    internal int Free => _capacity - _count;

    internal int Arrived => _arrived;

    internal bool IsEmpty => _count == 0;

    internal bool HasUndispatched => _undispatched > 0;

    // nothing gets through any more, nobody is told
    internal bool IsDead { get; set; }

    // bytes that are sent before this time arrive after it
    internal long StalledUntilMs { get; set; }

    // when the end of the stream arrives
    internal long EndAtMs { get; set; }

    internal void Restart(int capacity)
    {
        _capacity = Math.Min(capacity, _ring.Length);
        _head = 0;
        _count = 0;
        _arrived = 0;
        _undispatched = 0;
        _firstSegment = 0;
        _segments = 0;
        _lastAt = 0;
        IsDead = false;
        StalledUntilMs = 0;
        EndAtMs = long.MaxValue;
    }

    internal int Write(byte[] source, int offset, int count)
    {
        int n = Math.Min(count, Free);
        for (int i = 0; i < n; i++)
        {
            _ring[Wrap(_head + _count + i)] = source[offset + i];
        }

        _count += n;
        _undispatched += n;
        return n;
    }

    // gives what was written its travelling time; returns when the next event is due, for each piece
    internal long DispatchPiece(long nowMs, SeededRandom random, Conditions conditions)
    {
        long at = nowMs + conditions.LatencyMs + (conditions.JitterMs > 0 ? random.Next(conditions.JitterMs) : 0);
        at = Math.Max(Math.Max(at, _lastAt), StalledUntilMs);
        int piece = Math.Min(_undispatched, random.Between(1, conditions.PieceSize));
        if (_segments >= MaxSegments - 1)
        {
            // no room for so many small pieces: the rest travels as one
            piece = _undispatched;
        }

        if (_segments == MaxSegments)
        {
            int last = (_firstSegment + _segments - 1) & SegmentMask;
            _segmentLength[last] += piece;
            at = _segmentAt[last];
        }
        else
        {
            int next = (_firstSegment + _segments++) & SegmentMask;
            _segmentAt[next] = at;
            _segmentLength[next] = piece;
        }

        _undispatched -= piece;
        _lastAt = at;
        return at;
    }

    internal long EndOfStream(long nowMs, int latencyMs)
    {
        EndAtMs = Math.Max(Math.Max(nowMs + latencyMs, _lastAt), StalledUntilMs);
        return EndAtMs;
    }

    // returns how many bytes arrived
    internal int Advance(long nowMs)
    {
        int before = _arrived;
        while (!IsDead && _segments > 0 && _segmentAt[_firstSegment] <= nowMs)
        {
            _arrived += _segmentLength[_firstSegment];
            _firstSegment = (_firstSegment + 1) & SegmentMask;
            _segments--;
        }

        return _arrived - before;
    }

    internal int Read(byte[] target, int offset, int count)
    {
        int n = Math.Min(count, _arrived);
        for (int i = 0; i < n; i++)
        {
            target[offset + i] = _ring[Wrap(_head + i)];
        }

        _head = Wrap(_head + n);
        _count -= n;
        _arrived -= n;
        return n;
    }

    // a reset: what travels is lost from some piece on; of what has arrived nothing
    internal void LoseWhatTravels(int piecesThatArrive)
    {
        int arrives = _arrived;
        for (int i = 0; i < piecesThatArrive && _segments > 0; i++)
        {
            arrives += _segmentLength[_firstSegment];
            _firstSegment = (_firstSegment + 1) & SegmentMask;
            _segments--;
        }

        _count = arrives;
        _arrived = arrives;
        _segments = 0;
        _undispatched = 0;
    }

    private int Wrap(int index) => index < _ring.Length ? index : index - _ring.Length;
}
