// When to send PINGREQ and when its answer is overdue (MQTT 3.1.1, 3.1.2.10, 3.12, 3.13).

namespace Firmware.Protocols.Mqtt
{
    /// <summary>The times of the last bytes in each direction and what follows from them.</summary>
    internal sealed class MqttKeepAlive
    {
        private readonly MqttTimeouts _timeouts;
        private long _sentMs;
        private long _receivedMs;
        private long _pingMs;
        private int _pingAfterMs;

        internal MqttKeepAlive(MqttTimeouts timeouts)
        {
            _timeouts = timeouts;
        }

        // false with keepalive 0
        internal bool IsOn
        {
            get { return _pingAfterMs > 0; }
        }

        // PINGREQ is out, PINGRESP awaited
        internal bool IsWaiting { get; private set; }

        internal long LastReceivedMs
        {
            get { return _receivedMs; }
        }

        // the earlier of: the broker would miss us, and we have not heard from it for as long; the latter has been asked already while we wait
        internal long PingAtMs
        {
            get { return (IsWaiting || _sentMs < _receivedMs ? _sentMs : _receivedMs) + _pingAfterMs; }
        }

        // any byte counts as a sign of life: PINGRESP may stand in line behind a large message
        internal long AnswerUntilMs
        {
            get { return (_pingMs > _receivedMs ? _pingMs : _receivedMs) + _timeouts.PingrespMs; }
        }

        internal void Start(int keepAliveSeconds, long nowMs)
        {
            int keepAliveMs = keepAliveSeconds * 1000;
            int lead = keepAliveMs / 4;
            _pingAfterMs = keepAliveMs - (lead < _timeouts.PingLeadMs ? lead : _timeouts.PingLeadMs);
            _sentMs = nowMs;
            _receivedMs = nowMs;
            IsWaiting = false;
        }

        internal void NoteSent(long nowMs)
        {
            _sentMs = nowMs;
        }

        internal void NoteReceived(long nowMs)
        {
            _receivedMs = nowMs;
        }

        internal void NotePing(long nowMs)
        {
            // a second PINGREQ, sent because the answer stands behind a long message, does not prolong the wait
            _pingMs = IsWaiting ? _pingMs : nowMs;
            IsWaiting = true;
        }

        internal void NoteAnswer()
        {
            IsWaiting = false;
        }
    }
}
