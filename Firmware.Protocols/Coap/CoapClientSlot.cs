// The place of one request that is under way, with its tokens and how far its blocks and its observation are.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Where a place stands.</summary>
    internal static class CoapClientState
    {
        internal const int Free = 0;

        /// <summary>Its next message waits for NSTART or for a free transmission.</summary>
        internal const int Queued = 1;

        /// <summary>Sent; neither acknowledged nor answered.</summary>
        internal const int Sent = 2;

        /// <summary>Acknowledged; the response comes in a message of its own.</summary>
        internal const int Acknowledged = 3;

        /// <summary>Registered with the server: notifications come by themselves.</summary>
        internal const int Observing = 4;
    }

    /// <summary>What the next message of a place is.</summary>
    internal static class CoapClientStep
    {
        /// <summary>The request itself, or a block of its body.</summary>
        internal const int Ask = 0;

        /// <summary>The request for a further block of the answer.</summary>
        internal const int Continue = 1;

        /// <summary>The end of an observation (RFC 7641 section 3.6).</summary>
        internal const int Leave = 2;
    }

    /// <summary>One request under way.</summary>
    internal sealed class CoapClientSlot
    {
        // RFC 7252 section 5.3.1: 32 random bits, so that nobody who does not see the request can answer it
        internal const int TokenLength = 4;

        internal const int ETagRoom = 8;

        internal readonly int Index;
        internal readonly DatagramAddress Peer = new DatagramAddress();

        // the token of the message under way; a new one for each but the blocks of a request, so that a late answer is not taken for the next one's
        internal readonly byte[] Token = new byte[TokenLength];

        // the token of the observation, as long as it lasts (RFC 7641 section 3.1)
        internal readonly byte[] ObserveToken = new byte[TokenLength];

        internal readonly byte[] ETag = new byte[ETagRoom];
        internal CoapClientRequest Request;
        internal int Handle;
        internal int State;
        internal int Step;
        internal int QueueNumber;
        internal int MessageId;
        internal long DeadlineMs;

        // the body of the request: what was sent last
        internal bool UsesBlock1;
        internal bool HasMore;
        internal int SentOffset;
        internal int SentLength;
        internal int SentSzx;
        internal int RequestTag;

        // the body of the answer: what comes next, and the block size that was asked for, NotGiven for the server's choice
        internal int NextOffset;
        internal int Szx;
        internal int ETagLength;

        // each is done once only
        internal bool HasRestarted;
        internal bool HasShrunk;
        internal bool HasEchoed;

        internal bool IsRegistered;
        internal int Sequence;
        internal long SequenceMs;
        internal long RefreshMs;

        internal CoapClientSlot(int index)
        {
            Index = index;
        }

        internal bool IsAwaiting
        {
            get { return State == CoapClientState.Sent || State == CoapClientState.Acknowledged; }
        }

        internal static bool IsToken(byte[] token, CoapMessage message)
        {
            return Bytes.AreEqual(message.Buffer, message.TokenOffset, message.TokenLength, token);
        }
    }
}
