// The broker's end of a SimulatedLink: it takes apart what the client sent with a decoder of its own, written from MQTT 3.1.1 chapters 2 and 3
// and sharing nothing with the code under test, and it sends what a test says. It decides nothing by itself.
// After construction only the methods that take text allocate.

using System;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    /// <summary>Reads the client's packets strictly and answers as it is told.</summary>
    public sealed class ScriptedBroker
    {
        /// <summary>First byte of CONNECT.</summary>
        public const int Connect = 0x10;

        /// <summary>Type of PUBLISH in the high four bits of the first byte.</summary>
        public const int Publish = 0x30;

        /// <summary>First byte of PUBACK.</summary>
        public const int Puback = 0x40;

        /// <summary>First byte of PUBREC.</summary>
        public const int Pubrec = 0x50;

        /// <summary>First byte of PUBREL.</summary>
        public const int Pubrel = 0x62;

        /// <summary>First byte of PUBCOMP.</summary>
        public const int Pubcomp = 0x70;

        /// <summary>First byte of SUBACK.</summary>
        public const int Suback = 0x90;

        /// <summary>First byte of UNSUBACK.</summary>
        public const int Unsuback = 0xB0;

        /// <summary>First byte of SUBSCRIBE.</summary>
        public const int Subscribe = 0x82;

        /// <summary>First byte of UNSUBSCRIBE.</summary>
        public const int Unsubscribe = 0xA2;

        /// <summary>First byte of PINGREQ.</summary>
        public const int Pingreq = 0xC0;

        /// <summary>First byte of DISCONNECT.</summary>
        public const int Disconnect = 0xE0;

        private readonly SimulatedLink _link;
        private readonly byte[] _out;
        private int _have;
        private bool _complete;

        /// <summary>Creates the broker's end of a link.</summary>
        /// <param name="link">The link.</param>
        /// <param name="largestPacket">The largest packet either way, in bytes.</param>
        public ScriptedBroker(SimulatedLink link, int largestPacket)
        {
            _link = link;
            Packet = new byte[largestPacket];
            _out = new byte[largestPacket];
        }

        /// <summary>The packet that <see cref="Receive"/> found, from index 0.</summary>
        public byte[] Packet { get; }

        /// <summary>Its whole length in bytes.</summary>
        public int PacketLength
        {
            get { return BodyOffset + BodyLength; }
        }

        /// <summary>Its first byte: type and flags.</summary>
        public int FirstByte
        {
            get { return Packet[0]; }
        }

        /// <summary>Where its variable header starts.</summary>
        public int BodyOffset { get; private set; }

        /// <summary>Its remaining length.</summary>
        public int BodyLength { get; private set; }

        /// <summary>Its packet identifier; 0 if the type has none.</summary>
        public int PacketId { get; private set; }

        /// <summary>PUBLISH: where the topic starts.</summary>
        public int TopicOffset { get; private set; }

        /// <summary>PUBLISH: bytes of the topic.</summary>
        public int TopicLength { get; private set; }

        /// <summary>PUBLISH: where the payload starts.</summary>
        public int PayloadOffset { get; private set; }

        /// <summary>PUBLISH: bytes of the payload.</summary>
        public int PayloadLength { get; private set; }

        /// <summary>True while a part of a packet is there and the rest is not.</summary>
        public bool IsInsidePacket
        {
            get { return !_complete && _have > 0; }
        }

        /// <summary>Forgets everything: for a new connection.</summary>
        public void Reset()
        {
            _have = 0;
            _complete = false;
        }

        /// <summary>Takes the client's next packet from the link and checks every byte of it.</summary>
        /// <returns>False if there is no whole one.</returns>
        public bool Receive()
        {
            if (_complete)
            {
                Reset();
            }

            while (_link.Take(Packet, _have, 1) == 1)
            {
                _have++;
                if (_have >= 2 && ReadLength() && _have == PacketLength)
                {
                    _complete = true;
                    Check();
                    return true;
                }
            }

            return false;
        }

        /// <summary>Receives a packet that must be there and be of this type.</summary>
        /// <param name="firstByte">Its first byte; for PUBLISH the type alone.</param>
        public void Require(int firstByte)
        {
            Assert.IsTrue(Receive(), "the client sent no packet");
            int found = (FirstByte & 0xF0) == Publish ? Publish : FirstByte;
            Assert.AreEqual(firstByte, found, "type of packet");
        }

        /// <summary>Sends bytes given as annotated hex: see <see cref="PacketText.Parse"/>.</summary>
        public void Send(string text)
        {
            byte[] bytes = PacketText.Parse(text);
            _link.Deliver(bytes, 0, bytes.Length);
        }

        /// <summary>Sends PUBACK, UNSUBACK or another packet that holds an identifier alone.</summary>
        /// <param name="firstByte">Its first byte, such as <see cref="Puback"/>.</param>
        /// <param name="packetId">The identifier.</param>
        public void SendAcknowledgement(int firstByte, int packetId)
        {
            _out[0] = (byte)firstByte;
            _out[1] = 2;
            _out[2] = (byte)(packetId >> 8);
            _out[3] = (byte)packetId;
            _link.Deliver(_out, 0, 4);
        }

        /// <summary>Sends PUBLISH.</summary>
        /// <param name="topic">The topic name, all bytes.</param>
        /// <param name="payload">The buffer of the payload.</param>
        /// <param name="payloadLength">Bytes of the payload, from index 0.</param>
        /// <param name="qos">0 to 2.</param>
        /// <param name="packetId">The identifier; not sent with QoS 0.</param>
        public void SendPublish(byte[] topic, byte[] payload, int payloadLength, int qos, int packetId)
        {
            int remaining = 2 + topic.Length + (qos > 0 ? 2 : 0) + payloadLength;
            int at = 0;
            _out[at++] = (byte)(Publish | (qos << 1));
            int rest = remaining;
            do
            {
                _out[at++] = (byte)((rest % 128) + (rest > 127 ? 128 : 0));
                rest /= 128;
            }
            while (rest > 0);
            _out[at++] = (byte)(topic.Length >> 8);
            _out[at++] = (byte)topic.Length;
            Array.Copy(topic, 0, _out, at, topic.Length);
            at += topic.Length;
            if (qos > 0)
            {
                _out[at++] = (byte)(packetId >> 8);
                _out[at++] = (byte)packetId;
            }

            Array.Copy(payload, 0, _out, at, payloadLength);
            _link.Deliver(_out, 0, at + payloadLength);
        }

        private static void Rule(bool kept, string rule)
        {
            if (!kept)
            {
                throw new Exception("the client broke a rule: " + rule);
            }
        }

        // 2.2.3
        private bool ReadLength()
        {
            int value = 0;
            for (int i = 1, unit = 1; i < _have; i++, unit *= 128)
            {
                Rule(i < 5, "remaining length of more than four bytes");
                value += (Packet[i] % 128) * unit;
                if (Packet[i] < 128)
                {
                    BodyOffset = i + 1;
                    BodyLength = value;
                    Rule(PacketLength <= Packet.Length, "packet larger than the test expects");
                    return true;
                }
            }

            return false;
        }

        private void Check()
        {
            PacketId = 0;
            TopicLength = 0;
            PayloadLength = 0;
            if (FirstByte >> 4 == 3)
            {
                CheckPublish();
                return;
            }

            switch (FirstByte)
            {
                case Connect:
                    Rule(BodyLength >= 12, "CONNECT too short");
                    break;
                case Puback:
                case Pubrec:
                case Pubrel:
                case Pubcomp:
                    Rule(BodyLength == 2, "length of an acknowledgement");
                    PacketId = Word(BodyOffset);
                    Rule(PacketId != 0, "identifier 0");
                    break;
                case Subscribe:
                case Unsubscribe:
                    CheckRequest();
                    break;
                case Pingreq:
                case Disconnect:
                    Rule(BodyLength == 0, "PINGREQ or DISCONNECT with a body");
                    break;
                default:
                    Rule(false, "first byte " + FirstByte);
                    break;
            }
        }

        // 3.3
        private void CheckPublish()
        {
            int qos = (FirstByte >> 1) & 3;
            Rule(qos < 3, "QoS of PUBLISH");
            Rule(qos > 0 || (FirstByte & 8) == 0, "DUP with QoS 0");
            TopicOffset = BodyOffset + 2;
            TopicLength = Word(BodyOffset);
            int at = TopicOffset + TopicLength;
            Rule(TopicLength > 0 && at <= PacketLength, "topic of PUBLISH");
            if (qos > 0)
            {
                PacketId = Word(at);
                Rule(PacketId != 0, "identifier 0");
                at += 2;
            }

            PayloadOffset = at;
            PayloadLength = PacketLength - at;
            Rule(PayloadLength >= 0, "PUBLISH too short");
        }

        // 3.8, 3.10: an identifier and at least one filter, to the last byte
        private void CheckRequest()
        {
            PacketId = Word(BodyOffset);
            Rule(PacketId != 0, "identifier 0");
            int at = BodyOffset + 2;
            Rule(at < PacketLength, "request without a filter");
            while (at < PacketLength)
            {
                at += 2 + Word(at);
                if (FirstByte == Subscribe)
                {
                    Rule(at < PacketLength && Packet[at] <= 2, "requested QoS");
                    at++;
                }
            }

            Rule(at == PacketLength, "filter beyond the end");
        }

        private int Word(int at)
        {
            Rule(at + 2 <= PacketLength, "packet too short");
            return (Packet[at] * 256) + Packet[at + 1];
        }
    }
}
