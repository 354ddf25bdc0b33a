// A link in memory between the client under test and the test's broker: it cuts what passes into random pieces, stalls, ends in order or breaks.
// Everything random comes from the seed, so a failure repeats. The rings are made once: nothing is allocated while bytes pass, so that the link
// can also be used where allocations are counted. Left out: latency of its own (time belongs to the test) and loss (TCP has none).

using System;
using Firmware.Protocols.Io;

namespace Firmware.Tests.Mqtt
{
    /// <summary>A seeded, hostile <see cref="ITransport"/> whose other end is in the hands of a test.</summary>
    public sealed class SimulatedLink : ITransport
    {
        /// <summary>For the limits: none.</summary>
        public const int Unlimited = int.MaxValue;

        private readonly ByteRing _toClient;
        private readonly ByteRing _fromClient;
        private uint _random;
        private bool _closedByPeer;
        private bool _broken;

        /// <summary>Creates an open link that passes everything at once.</summary>
        /// <param name="seed">Decides all pieces and stalls; any number.</param>
        /// <param name="capacity">How many bytes each direction holds at the most.</param>
        public SimulatedLink(int seed, int capacity)
        {
            _toClient = new ByteRing(capacity);
            _fromClient = new ByteRing(capacity);
            _random = (uint)seed * 2654435769u;
            if (_random == 0)
            {
                // the generator would stay at 0
                _random = 1;
            }
        }

        /// <summary>Most bytes that one read or write moves; each moves a random number from 1 on. <see cref="Unlimited"/>: all there is.</summary>
        public int LargestPiece = Unlimited;

        /// <summary>How many of 100 reads and writes move nothing.</summary>
        public int StallPercent;

        /// <summary>How many more bytes the client may read; then the link stalls.</summary>
        public int ReadLimit = Unlimited;

        /// <summary>How many more bytes the client may write; then the link stalls.</summary>
        public int WriteLimit = Unlimited;

        /// <summary>How often the client closed the link.</summary>
        public int CloseCount { get; private set; }

        /// <summary>True once the client used the link after it had closed it.</summary>
        public bool WasUsedAfterClose { get; private set; }

        /// <summary>Bytes that wait for the client.</summary>
        public int WaitingForClient
        {
            get { return _toClient.Count; }
        }

        /// <summary>Bytes that the client wrote and nobody took.</summary>
        public int WaitingForPeer
        {
            get { return _fromClient.Count; }
        }

        /// <summary>Starts a new connection: empty, open, with the same habits and no limits.</summary>
        public void Reopen()
        {
            _toClient.Clear();
            _fromClient.Clear();
            _closedByPeer = false;
            _broken = false;
            ReadLimit = Unlimited;
            WriteLimit = Unlimited;
            CloseCount = 0;
            WasUsedAfterClose = false;
        }

        /// <summary>The peer sends.</summary>
        /// <param name="buffer">The bytes; copied.</param>
        /// <param name="offset">The first.</param>
        /// <param name="count">How many.</param>
        /// <exception cref="Exception">They do not fit: the test needs a link with more capacity.</exception>
        public void Deliver(byte[] buffer, int offset, int count)
        {
            if (_toClient.Put(buffer, offset, count) != count)
            {
                throw new Exception("the simulated link is full");
            }
        }

        /// <summary>The peer receives at most <paramref name="count"/> bytes.</summary>
        /// <param name="buffer">Where to.</param>
        /// <param name="offset">Where to put the first.</param>
        /// <param name="count">How many at the most.</param>
        /// <returns>How many were taken.</returns>
        public int Take(byte[] buffer, int offset, int count)
        {
            return _fromClient.Get(buffer, offset, count);
        }

        /// <summary>What waits for the client, left there. Allocates.</summary>
        public byte[] PeekToClient()
        {
            return _toClient.ToArray();
        }

        /// <summary>What the client wrote and nobody took, left there. Allocates.</summary>
        public byte[] PeekFromClient()
        {
            return _fromClient.ToArray();
        }

        /// <summary>The peer ends in order: the client reads what is under way, then the end. Its writes are taken, as TCP does until a reset comes back.</summary>
        public void CloseByPeer()
        {
            _closedByPeer = true;
        }

        /// <summary>The link breaks at once: what is under way is lost.</summary>
        public void Break()
        {
            _broken = true;
        }

        /// <inheritdoc />
        public int Read(byte[] buffer, int offset, int count)
        {
            if (CloseCount > 0)
            {
                WasUsedAfterClose = true;
            }

            if (_broken)
            {
                return TransportResult.Failed;
            }

            if (Stalls())
            {
                return 0;
            }

            if (_toClient.Count == 0)
            {
                return _closedByPeer ? TransportResult.Closed : 0;
            }

            int want = Smaller(Piece(count), ReadLimit);
            int got = _toClient.Get(buffer, offset, want);
            if (ReadLimit != Unlimited)
            {
                ReadLimit -= got;
            }

            return got;
        }

        /// <inheritdoc />
        public int Write(byte[] buffer, int offset, int count)
        {
            if (CloseCount > 0)
            {
                WasUsedAfterClose = true;
            }

            if (_broken)
            {
                return TransportResult.Failed;
            }

            if (Stalls())
            {
                return 0;
            }

            int put = _fromClient.Put(buffer, offset, Smaller(Piece(count), WriteLimit));
            if (WriteLimit != Unlimited)
            {
                WriteLimit -= put;
            }

            return put;
        }

        /// <inheritdoc />
        public void Close()
        {
            CloseCount++;
        }

        /// <summary>The next number of the link's own generator (xorshift32), for tests that need more chance with the same seed.</summary>
        /// <param name="end">1 or more.</param>
        /// <returns>0 to <paramref name="end"/> - 1.</returns>
        public int NextRandom(int end)
        {
            _random ^= _random << 13;
            _random ^= _random >> 17;
            _random ^= _random << 5;
            return (int)(_random % (uint)end);
        }

        private static int Smaller(int a, int b)
        {
            return a < b ? a : b;
        }

        private bool Stalls()
        {
            return StallPercent > 0 && NextRandom(100) < StallPercent;
        }

        private int Piece(int count)
        {
            int most = Smaller(count, LargestPiece);
            return LargestPiece == Unlimited ? most : 1 + NextRandom(most);
        }

        private sealed class ByteRing
        {
            private readonly byte[] _bytes;
            private int _start;

            internal ByteRing(int capacity)
            {
                _bytes = new byte[capacity];
            }

            internal int Count { get; private set; }

            internal void Clear()
            {
                _start = 0;
                Count = 0;
            }

            internal int Put(byte[] source, int offset, int count)
            {
                int fits = Smaller(count, _bytes.Length - Count);
                int at = Wrap(_start + Count);
                int first = Smaller(fits, _bytes.Length - at);
                Array.Copy(source, offset, _bytes, at, first);
                Array.Copy(source, offset + first, _bytes, 0, fits - first);
                Count += fits;
                return fits;
            }

            internal int Get(byte[] target, int offset, int count)
            {
                int got = Smaller(count, Count);
                int first = Smaller(got, _bytes.Length - _start);
                Array.Copy(_bytes, _start, target, offset, first);
                Array.Copy(_bytes, 0, target, offset + first, got - first);
                _start = Wrap(_start + got);
                Count -= got;
                return got;
            }

            internal byte[] ToArray()
            {
                byte[] copy = new byte[Count];
                int first = Smaller(Count, _bytes.Length - _start);
                Array.Copy(_bytes, _start, copy, 0, first);
                Array.Copy(_bytes, 0, copy, first, Count - first);
                return copy;
            }

            private int Wrap(int index)
            {
                return index < _bytes.Length ? index : index - _bytes.Length;
            }
        }
    }
}
