// Builds one control packet in the caller's buffer. Append freely, ask once at the end whether all fitted.

using System;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Appends the data representations of MQTT 3.1.1 section 1.5 to a range of a buffer; overflow is sticky and never writes outside.</summary>
    public sealed class MqttWriter
    {
        /// <summary>The largest remaining length that four bytes can say (MQTT 3.1.1, 2.2.3).</summary>
        public const int MaxRemainingLength = 268435455;

        private byte[] _buffer;
        private int _start;
        private int _position;
        private int _limit;
        private bool _overflowed;

        /// <summary>True once something did not fit; the bytes written so far mean nothing then.</summary>
        public bool Overflowed
        {
            get { return _overflowed; }
        }

        /// <summary>Bytes written since <see cref="Reset"/>.</summary>
        public int Length
        {
            get { return _position - _start; }
        }

        /// <summary>Starts at an offset of a buffer, which the caller keeps.</summary>
        /// <param name="buffer">The buffer to write to.</param>
        /// <param name="offset">The first byte to write.</param>
        /// <param name="limit">The index behind the last byte that may be written.</param>
        public void Reset(byte[] buffer, int offset, int limit)
        {
            _buffer = buffer;
            _start = offset;
            _position = offset;
            _limit = limit;
            _overflowed = false;
        }

        /// <summary>Appends a byte.</summary>
        /// <param name="value">Its low eight bits are written.</param>
        public void Byte(int value)
        {
            if (_position >= _limit)
            {
                _overflowed = true;
                return;
            }

            _buffer[_position++] = (byte)value;
        }

        /// <summary>Appends a two-byte integer, most significant byte first (1.5.2).</summary>
        /// <param name="value">0 to 65,535.</param>
        public void UInt16(int value)
        {
            Byte(value >> 8);
            Byte(value);
        }

        /// <summary>Appends a remaining length in one to four bytes (2.2.3).</summary>
        /// <param name="value">0 to <see cref="MaxRemainingLength"/>; anything else overflows.</param>
        public void RemainingLength(int value)
        {
            if (value < 0 || value > MaxRemainingLength)
            {
                _overflowed = true;
                return;
            }

            while (value > 127)
            {
                Byte((value & 127) | 128);
                value >>= 7;
            }

            Byte(value);
        }

        /// <summary>Appends bytes as they are.</summary>
        /// <param name="source">Where they stand.</param>
        /// <param name="offset">The first of them.</param>
        /// <param name="length">How many, 0 or more.</param>
        public void Raw(byte[] source, int offset, int length)
        {
            if (length > _limit - _position)
            {
                _overflowed = true;
                return;
            }

            Array.Copy(source, offset, _buffer, _position, length);
            _position += length;
        }

        /// <summary>Appends bytes behind their two-byte length: UTF-8 strings and binary fields (1.5.3).</summary>
        /// <param name="value">The bytes, all of them; longer than 65,535 overflows.</param>
        public void Field(byte[] value)
        {
            int length = value.Length;
            if (length > 65535)
            {
                _overflowed = true;
                return;
            }

            UInt16(length);
            Raw(value, 0, length);
        }

        /// <summary>How many bytes a remaining length takes.</summary>
        /// <param name="remainingLength">0 to <see cref="MaxRemainingLength"/>.</param>
        /// <returns>1 to 4.</returns>
        public static int SizeOfRemainingLength(int remainingLength)
        {
            return remainingLength < 128 ? 1 : remainingLength < 16384 ? 2 : remainingLength < 2097152 ? 3 : 4;
        }
    }
}
