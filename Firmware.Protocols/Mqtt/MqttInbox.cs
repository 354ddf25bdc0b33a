// Incoming PUBLISH packets until they are acknowledged (MQTT 3.1.1, 3.3 and 4.3): the message as a view, large messages in pieces,
// the QoS 2 messages that were delivered but not yet released, and the one acknowledgement that is owed.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>The receiving side of QoS 0, 1 and 2.</summary>
    internal sealed class MqttInbox
    {
        private const byte NotLarge = 0;
        private const byte Offered = 1;
        private const byte Accepted = 2;
        private const byte Skipped = 3;
        private const byte SkippedTwin = 4;

        private readonly MqttMessage _message;

        // identifiers that PUBREC was or will be sent for and PUBREL not received: they outlive the connection with the session
        private readonly MqttOpenIds _open;
        private byte _large;
        private bool _idIsMissing;
        private int _owedType;
        private int _owedId;

        internal MqttInbox(MqttMessage message, int maxOpen)
        {
            _message = message;
            _open = new MqttOpenIds(maxOpen);
        }

        internal MqttError Error { get; private set; }

        // large messages that were skipped since the start
        internal int SkippedCount { get; private set; }

        internal bool OwesAcknowledgement
        {
            get { return _owedId != 0; }
        }

        internal int MaxOpen
        {
            get { return _open.Ranges; }
        }

        internal void BeginConnection()
        {
            _large = NotLarge;
            _owedId = 0;
        }

        // the broker knows nothing of what was before
        internal void BeginSession()
        {
            _open.Clear();
        }

        // a whole packet; the acknowledgement is paid by the next Poll, when the caller has done its work: a message whose handling was cut short comes again
        internal MqttEvent TakePacket(MqttFramer packet)
        {
            Error = MqttPacketReader.Publish(packet, _message);
            if (Error != MqttError.None || !Owe())
            {
                return MqttEvent.None;
            }

            return MqttEvent.MessageReceived;
        }

        // the head of a packet that is larger than the buffer; what follows runs through a window behind the topic
        internal MqttEvent TakeHead(MqttFramer packet)
        {
            Error = MqttPacketReader.Publish(packet, _message);
            if (Error != MqttError.None)
            {
                return MqttEvent.None;
            }

            packet.OpenWindow(_message.PayloadOffset);
            _idIsMissing = _message.Qos > 0 && _message.PacketId == 0;
            CatchPacketId(packet, packet.BodyOffset, 0, packet.BodyKept);
            if (_message.TopicLength == 0 || packet.PieceOffset < _message.PayloadOffset)
            {
                // the topic does not fit beside a window: nobody can be asked
                _message.TopicLength = 0;
                _large = Skipped;
                return MqttEvent.None;
            }

            _large = _message.Qos == 2 && _open.Contains(_message.PacketId) ? SkippedTwin : Offered;
            return _large == Offered ? MqttEvent.MessageStarted : MqttEvent.None;
        }

        internal bool Accept()
        {
            if (_large != Offered)
            {
                return false;
            }

            _large = Accepted;
            return true;
        }

        internal MqttEvent TakePiece(MqttFramer packet)
        {
            if (_large == Offered)
            {
                _large = Skipped;
            }

            CatchPacketId(packet, packet.PieceOffset, packet.PiecePosition, packet.PieceLength);
            _message.PayloadOffset = packet.PieceOffset;
            _message.PieceLength = packet.PieceLength;
            _message.PiecePosition = packet.PiecePosition - (packet.BodyLength - _message.PayloadLength);
            _message.IsLastPiece = packet.IsLastPiece;
            if (!packet.IsLastPiece)
            {
                return _large == Accepted ? MqttEvent.MessagePiece : MqttEvent.None;
            }

            byte large = _large;
            _large = NotLarge;
            if (_message.Qos > 0 && _message.PacketId == 0)
            {
                Error = MqttError.MalformedPacket;
                return MqttEvent.None;
            }

            bool isNew = Owe();
            if (large == Accepted)
            {
                return MqttEvent.MessagePiece;
            }

            if (!isNew || large == SkippedTwin)
            {
                return MqttEvent.None;
            }

            SkippedCount++;
            return MqttEvent.MessageTooLarge;
        }

        // PUBREL: the broker will not send this message again; false if that cannot be noted
        internal bool Release(int packetId)
        {
            if (!_open.Remove(packetId))
            {
                Error = MqttError.TooManyOpen;
                return false;
            }

            return true;
        }

        // cannot fail: Receive made sure of the room
        internal void Pay(MqttControlQueue control)
        {
            control.Acknowledgement(_owedType, _owedId);
            _owedId = 0;
        }

        // notes what is to be paid; false if the message was delivered before, or cannot be remembered
        private bool Owe()
        {
            if (_message.Qos == 0)
            {
                return true;
            }

            _owedType = _message.Qos == 1 ? MqttPacketType.Puback : MqttPacketType.Pubrec;
            _owedId = _message.PacketId;
            if (_message.Qos == 1)
            {
                return true;
            }

            if (_open.Contains(_owedId))
            {
                return false;
            }

            if (!_open.Add(_owedId))
            {
                _owedId = 0;
                Error = MqttError.TooManyOpen;
                return false;
            }

            return true;
        }

        // the identifier of a message whose topic is larger than the buffer passes by with the pieces
        private void CatchPacketId(MqttFramer packet, int offset, int position, int length)
        {
            if (!_idIsMissing)
            {
                return;
            }

            int first = MqttPacketReader.PublishIdPosition(packet) - position;
            for (int i = 0; i < 2; i++)
            {
                int at = first + i;
                if (at >= 0 && at < length)
                {
                    _message.PacketId |= packet.Buffer[offset + at] << (8 - (8 * i));
                }
            }
        }
    }
}
