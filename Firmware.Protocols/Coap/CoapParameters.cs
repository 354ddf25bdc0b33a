// Every protocol parameter in one place, with the names of RFC 7252 section 4.8 and what is derived from them there. All in milliseconds of
// the time that Poll is given, unless the name says otherwise. Change them before the endpoint is opened. Left out: PROBING_RATE as a number; what is
// sent to a peer that does not answer is bounded by NSTART, MAX_RETRANSMIT, and for notifications by the confirmations.

using System;

namespace Firmware.Protocols.Coap
{
    /// <summary>Protocol parameters of <see cref="CoapEndpoint"/>, <see cref="CoapServer"/> and <see cref="CoapClient"/>; the defaults are the RFCs'.</summary>
    public sealed class CoapParameters
    {
        private const int MsPerSecond = 1000;
        private const int Percent = 100;

        /// <summary>ACK_TIMEOUT: the shortest wait for an acknowledgement.</summary>
        public int AckTimeoutMs = 2000;

        /// <summary>ACK_RANDOM_FACTOR in percent, 100 or more: the first wait is random up to so much longer, so that endpoints do not repeat in step.</summary>
        public int AckRandomFactorPercent = 150;

        /// <summary>MAX_RETRANSMIT: how often a Confirmable message is repeated; each wait is twice the one before.</summary>
        public int MaxRetransmit = 4;

        /// <summary>NSTART: how many exchanges may be outstanding with one endpoint (RFC 7252 section 4.7).</summary>
        public int NStart = 1;

        /// <summary>DEFAULT_LEISURE: the longest wait before a request to a group is answered (RFC 7252 section 8.2).</summary>
        public int LeisureMs = 5000;

        /// <summary>MAX_LATENCY: the longest that a datagram may be under way.</summary>
        public int MaxLatencyMs = 100000;

        /// <summary>Every so many notifications of an observation one is Confirmable (RFC 7641 section 4.5 leaves it open, but for once in 24 hours); 1 makes all of them Confirmable.</summary>
        public int NotificationsPerConfirmation = 10;

        /// <summary>The longest time without a Confirmable notification: an observer that went away without a word is noticed then. At most 24 hours (RFC 7641 section 4.5).</summary>
        public int ConfirmationMs = 600000;

        /// <summary>The shortest time between two notifications of which the first was Non-confirmable (RFC 7641 section 4.5.1); what changes meanwhile is told as the newest state.</summary>
        public int NotificationGapMs = 3000;

        /// <summary>Max-Age of notifications in seconds: an unchanged state is told again when it ends (RFC 7641 section 4.3.1).</summary>
        public int NotificationMaxAgeSeconds = 900;

        /// <summary>How many bytes any endpoint may be answered with, whether its address is proved or not (RFC 9175 section 2.6 names 136).</summary>
        public int FreeReplyBytes = 136;

        /// <summary>How many times as long as its request an answer to an unproved address may be (RFC 9175 section 2.6 names 3); 0 lifts the limit.</summary>
        public int AmplificationFactor = 3;

        /// <summary>How long an Echo value is good, and how long the address that returned one counts as proved.</summary>
        public int EchoLifetimeMs = 300000;

        /// <summary>How old an Echo value may be that shows a request to be a new one, no replay. Less than <see cref="ExchangeLifetimeMs"/>: as long as it is good its request is remembered.</summary>
        public int FreshMs = 60000;

        /// <summary>True if every request that changes something must have an Echo value that is fresh (RFC 9175 section 2.3). Clients that do not know Echo cannot then.</summary>
        public bool ProvesChanges;

        /// <summary>How long a block-wise transfer may rest before its place can be taken by another one.</summary>
        public int TransferIdleMs = 93000;

        /// <summary>How long a handler may put off its answer before it is 5.03.</summary>
        public int DeferMs = 90000;

        /// <summary>How long a client waits for the response of a request that was acknowledged without one (RFC 7252 section 5.2.2 leaves it open).</summary>
        public int SeparateWaitMs = 120000;

        /// <summary>How many datagrams one Poll takes at the most.</summary>
        public int DatagramsPerPoll = 8;

        /// <summary>MAX_TRANSMIT_SPAN: from the first transmission of a Confirmable message to its last. 45 s by default.</summary>
        public int MaxTransmitSpanMs
        {
            get { return AckTimeoutMs * ((1 << MaxRetransmit) - 1) / Percent * AckRandomFactorPercent; }
        }

        /// <summary>MAX_TRANSMIT_WAIT: from the first transmission of a Confirmable message to giving it up. 93 s by default.</summary>
        public int MaxTransmitWaitMs
        {
            get { return AckTimeoutMs * ((1 << (MaxRetransmit + 1)) - 1) / Percent * AckRandomFactorPercent; }
        }

        /// <summary>EXCHANGE_LIFETIME: how long the message ID of a Confirmable message may come back. 247 s by default.</summary>
        public int ExchangeLifetimeMs
        {
            get { return MaxTransmitSpanMs + (2 * MaxLatencyMs) + AckTimeoutMs; }
        }

        /// <summary>NON_LIFETIME: the same for a Non-confirmable message. 145 s by default.</summary>
        public int NonLifetimeMs
        {
            get { return MaxTransmitSpanMs + MaxLatencyMs; }
        }

        /// <summary>The first wait for an acknowledgement, random between ACK_TIMEOUT and ACK_TIMEOUT x ACK_RANDOM_FACTOR.</summary>
        /// <param name="random">The source of jitter.</param>
        /// <returns>Milliseconds.</returns>
        public int FirstTimeoutMs(Random random)
        {
            int spread = AckTimeoutMs * (AckRandomFactorPercent - Percent) / Percent;
            return AckTimeoutMs + random.Next(spread + 1);
        }

        /// <summary>Milliseconds as whole seconds, rounded up.</summary>
        /// <param name="milliseconds">0 or more.</param>
        /// <returns>Seconds.</returns>
        public static int ToSeconds(long milliseconds)
        {
            return (int)((milliseconds + MsPerSecond - 1) / MsPerSecond);
        }
    }
}
