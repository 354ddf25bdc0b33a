// Outgoing control packets other than PUBLISH, serialised in the order in which they must leave (MQTT 3.1.1, chapter 3).
// They go before every PUBLISH that waits in the transmit queue: acknowledgements and pings must not starve.
// The caller owns the buffer; it must hold the largest CONNECT or SUBSCRIBE and the acknowledgements that may queue behind it.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>A first-in first-out queue of serialised control packets over one byte array.</summary>
    internal sealed class MqttControlQueue
    {
        /// <summary>Size of an acknowledgement, PINGREQ or DISCONNECT at the most: what must be free before a packet is read that needs an answer.</summary>
        internal const int AcknowledgementSize = 4;

        private static readonly byte[] ProtocolName = { (byte)'M', (byte)'Q', (byte)'T', (byte)'T' };

        private readonly byte[] _buffer;
        private readonly MqttWriter _writer = new MqttWriter();
        private int _sent;
        private int _end;

        internal MqttControlQueue(byte[] buffer)
        {
            _buffer = buffer;
        }

        internal bool IsEmpty
        {
            get { return _end == 0; }
        }

        internal int Free
        {
            get { return _buffer.Length - (_end - _sent); }
        }

        internal void Reset()
        {
            _sent = 0;
            _end = 0;
        }

        // as ITransport.Write
        internal int Send(ITransport transport)
        {
            int put = transport.Write(_buffer, _sent, _end - _sent);
            if (put > 0)
            {
                _sent += put;
                if (_sent == _end)
                {
                    Reset();
                }
            }

            return put;
        }

        // 3.1: fixed header, protocol name, level 4, flags, keepalive; then client id, will topic, will message, user name, password
        internal bool Connect(MqttConnectOptions options)
        {
            bool hasWill = options.WillTopic != null;
            bool hasUser = options.UserName != null;
            bool hasPassword = hasUser && options.Password != null;
            int flags = options.CleanSession ? 0x02 : 0;
            int remaining = 10 + 2 + options.ClientId.Length;
            if (hasWill)
            {
                flags |= 0x04 | (options.WillQos << 3) | (options.WillRetain ? 0x20 : 0);
                remaining += 2 + options.WillTopic.Length + 2 + options.WillPayload.Length;
            }

            if (hasUser)
            {
                flags |= 0x80;
                remaining += 2 + options.UserName.Length;
            }

            if (hasPassword)
            {
                flags |= 0x40;
                remaining += 2 + options.Password.Length;
            }

            Begin(MqttPacketType.Connect, remaining, 0);
            _writer.Field(ProtocolName);
            _writer.Byte(4);
            _writer.Byte(flags);
            _writer.UInt16(options.KeepAliveSeconds);
            _writer.Field(options.ClientId);
            if (hasWill)
            {
                _writer.Field(options.WillTopic);
                _writer.Field(options.WillPayload);
            }

            if (hasUser)
            {
                _writer.Field(options.UserName);
            }

            if (hasPassword)
            {
                _writer.Field(options.Password);
            }

            return End();
        }

        // 3.8 and 3.10: packet identifier, then filters, each with its QoS in SUBSCRIBE
        internal bool Request(int firstByte, int packetId, byte[][] filters, byte[] qos, int count)
        {
            bool withQos = firstByte == MqttPacketType.Subscribe;
            int remaining = 2;
            for (int i = 0; i < count; i++)
            {
                remaining += 2 + filters[i].Length + (withQos ? 1 : 0);
            }

            Begin(firstByte, remaining, AcknowledgementSize);
            _writer.UInt16(packetId);
            for (int i = 0; i < count; i++)
            {
                _writer.Field(filters[i]);
                if (withQos)
                {
                    _writer.Byte(qos[i]);
                }
            }

            return End();
        }

        // 3.4 PUBACK, 3.5 PUBREC, 3.6 PUBREL, 3.7 PUBCOMP
        internal bool Acknowledgement(int firstByte, int packetId)
        {
            Begin(firstByte, 2, 0);
            _writer.UInt16(packetId);
            return End();
        }

        // 3.12 PINGREQ, 3.14 DISCONNECT
        internal bool Bare(int firstByte)
        {
            Begin(firstByte, 0, AcknowledgementSize);
            return End();
        }

        // what is spared stays free for the one acknowledgement that may be owed
        private void Begin(int firstByte, int remaining, int spared)
        {
            if (_sent > 0)
            {
                Array.Copy(_buffer, _sent, _buffer, 0, _end - _sent);
                _end -= _sent;
                _sent = 0;
            }

            _writer.Reset(_buffer, _end, _buffer.Length - spared);
            _writer.Byte(firstByte);
            _writer.RemainingLength(remaining);
        }

        private bool End()
        {
            if (_writer.Overflowed)
            {
                return false;
            }

            _end += _writer.Length;
            return true;
        }
    }
}
