// What may stand in topic names and topic filters (MQTT 3.1.1, 4.7 and 1.5.3).

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Rules for topic names and filters.</summary>
    public static class MqttTopic
    {
        /// <summary>The longest name or filter in bytes (4.7.3). AWS allows 256.</summary>
        public const int MaxLength = 65535;

        private const byte LevelSeparator = (byte)'/';
        private const byte SingleLevel = (byte)'+';
        private const byte MultiLevel = (byte)'#';

        /// <summary>Tells whether a range is a topic name: 1 to 65,535 bytes of UTF-8 without NUL and wildcards [MQTT-4.7.1-1], [MQTT-4.7.3-1].</summary>
        /// <param name="buffer">The bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes.</param>
        /// <returns>True if it may be published to.</returns>
        public static bool IsName(byte[] buffer, int offset, int length)
        {
            if (length < 1 || length > MaxLength)
            {
                return false;
            }

            // on the path of every message, and 38 % of its instructions on the device's interpreter when it was two loops: one pass, and
            // one comparison for what is above + (# and NUL are below it)
            int end = offset + length;
            int all = 0;
            for (int i = offset; i < end; i++)
            {
                int value = buffer[i];
                all |= value;
                if (value <= SingleLevel && (value == SingleLevel || value == MultiLevel || value == 0))
                {
                    return false;
                }
            }

            return all < 0x80 || Utf8.IsWellFormed(buffer, offset, length);
        }

        /// <summary>Tells whether bytes are a topic filter: + fills a level, # stands alone in the last one [MQTT-4.7.1-2], [MQTT-4.7.1-3].</summary>
        /// <param name="filter">All bytes of the filter.</param>
        /// <returns>True if it may be subscribed to.</returns>
        public static bool IsFilter(byte[] filter)
        {
            int length = filter.Length;
            if (length < 1 || length > MaxLength)
            {
                return false;
            }

            for (int i = 0; i < length; i++)
            {
                byte value = filter[i];
                if (value == 0)
                {
                    return false;
                }

                if (value == SingleLevel || value == MultiLevel)
                {
                    bool startsLevel = i == 0 || filter[i - 1] == LevelSeparator;
                    bool endsLevel = i == length - 1 || (value == SingleLevel && filter[i + 1] == LevelSeparator);
                    if (!startsLevel || !endsLevel)
                    {
                        return false;
                    }
                }
            }

            return Utf8.IsWellFormed(filter, 0, length);
        }
    }
}
