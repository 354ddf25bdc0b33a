// The board's end of the link to the broker in memory.

using Firmware.Protocols.Io;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class MemoryBroker
{
    /// <summary>The board's end. Its state is 0 while it lasts, else what reads and writes return.</summary>
    private sealed class Link(MemoryBroker broker) : ITransport
    {
        internal int State { get; set; }

        public int Read(byte[] buffer, int offset, int count)
        {
            lock (broker._gate)
            {
                while (broker._answers.TryPeek(out (long DueMs, byte[] Packet) answer) && answer.DueMs <= broker.NowMs)
                {
                    broker.Raw(broker._answers.Dequeue().Packet);
                }

                if (State != 0 || broker._toBoard.Count == 0 || broker.IsGone)
                {
                    return State;
                }

                int got = Math.Min(1 + broker._chance.Next(count), broker._toBoard.Count);
                for (int i = 0; i < got; i++)
                {
                    buffer[offset + i] = broker._toBoard.Dequeue();
                }

                broker.BytesDown += got;
                while (broker._acknowledgements.TryPeek(out (long EndsAt, int PacketId) next) && next.EndsAt <= broker.BytesDown)
                {
                    broker._acknowledgements.Dequeue();
                    broker.AcknowledgementRead?.Invoke(next.PacketId);
                }

                return got;
            }
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            lock (broker._gate)
            {
                if (State != 0 || !broker.TakesBytes)
                {
                    return State;
                }

                int put = 1 + broker._chance.Next(count);
                broker.Take(buffer.AsSpan(offset, put));
                return put;
            }
        }

        public void Close()
        {
            lock (broker._gate)
            {
                if (State == 0)
                {
                    State = TransportResult.Failed;
                    if (broker.IsGone)
                    {
                        broker.ForgetLink();
                    }
                    else
                    {
                        broker.PublishWill();
                    }
                }
            }
        }
    }
}
