// Checks that bytes are well-formed UTF-8 (RFC 3629) without decoding them into strings.

namespace Firmware.Protocols.Io
{
    /// <summary>Well-formedness of UTF-8, RFC 3629 section 4.</summary>
    public static class Utf8
    {
        /// <summary>Tells whether a range is well-formed UTF-8: no overlong form, no surrogate, nothing above U+10FFFF.</summary>
        /// <param name="buffer">The bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="length">How many bytes; 0 is well-formed.</param>
        /// <returns>True if every sequence is complete and allowed. U+0000 counts as well-formed.</returns>
        public static bool IsWellFormed(byte[] buffer, int offset, int length)
        {
            int end = offset + length;
            while (offset < end)
            {
                int lead = buffer[offset++];
                if (lead < 0x80)
                {
                    continue;
                }

                // the second byte's range depends on the lead byte; the others are 80..BF
                int low = 0x80;
                int high = 0xBF;
                int more;
                if (lead >= 0xC2 && lead <= 0xDF)
                {
                    more = 1;
                }
                else if (lead >= 0xE0 && lead <= 0xEF)
                {
                    more = 2;
                    low = lead == 0xE0 ? 0xA0 : 0x80;
                    high = lead == 0xED ? 0x9F : 0xBF;
                }
                else if (lead >= 0xF0 && lead <= 0xF4)
                {
                    more = 3;
                    low = lead == 0xF0 ? 0x90 : 0x80;
                    high = lead == 0xF4 ? 0x8F : 0xBF;
                }
                else
                {
                    return false;
                }

                if (end - offset < more)
                {
                    return false;
                }

                for (; more > 0; more--)
                {
                    int next = buffer[offset++];
                    if (next < low || next > high)
                    {
                        return false;
                    }

                    low = 0x80;
                    high = 0xBF;
                }
            }

            return true;
        }
    }
}
