// Whether a topic filter matches a topic name (MQTT 3.1.1, 4.7), byte by byte, in one pass without splitting either.
// Left out: shared subscriptions ($share/), which MQTT 3.1.1 does not have.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>Matches topic names against topic filters. Allocates nothing; time grows with the length of the topic.</summary>
    public static class MqttTopicFilter
    {
        private const byte LevelSeparator = (byte)'/';
        private const byte SingleLevel = (byte)'+';
        private const byte MultiLevel = (byte)'#';
        private const byte Dollar = (byte)'$';

        /// <summary>Tells whether a filter matches a topic name.</summary>
        /// <remarks>
        /// sport/# matches sport as well (4.7.1.2), which AWS IoT Core does not do. A wildcard in front matches no topic that begins with $
        /// [MQTT-4.7.2-1]. UTF-8 is compared byte by byte [MQTT-4.7.3-4].
        /// </remarks>
        /// <param name="filter">All bytes of the filter, which <see cref="MqttTopic.IsFilter"/> has found good: the result for others means nothing.</param>
        /// <param name="topicBuffer">The buffer that the topic name stands in.</param>
        /// <param name="offset">The first byte of the topic name.</param>
        /// <param name="length">The length of the topic name in bytes; nothing matches 0.</param>
        /// <returns>True if it matches.</returns>
        public static bool Matches(byte[] filter, byte[] topicBuffer, int offset, int length)
        {
            int filterLength = filter.Length;
            if (length < 1 || filterLength < 1)
            {
                return false;
            }

            if (topicBuffer[offset] == Dollar && (filter[0] == SingleLevel || filter[0] == MultiLevel))
            {
                return false;
            }

            int end = offset + length;
            int at = offset;
            for (int i = 0; i < filterLength; i++)
            {
                byte expected = filter[i];
                if (expected == MultiLevel)
                {
                    return true;
                }

                if (expected == SingleLevel)
                {
                    // the whole level, be it empty
                    while (at < end && topicBuffer[at] != LevelSeparator)
                    {
                        at++;
                    }
                }
                else if (at < end && topicBuffer[at] == expected)
                {
                    at++;
                }
                else
                {
                    // the topic has ended: only "/#" may follow, which includes the parent level
                    return at == end && expected == LevelSeparator && i == filterLength - 2 && filter[i + 1] == MultiLevel;
                }
            }

            return at == end;
        }
    }
}
