// Which of its formats a resource should answer in (RFC 9110, 12.5.1): each format gets the quality of the most specific range that names it; the highest wins, and
// among equals the one that the resource prefers. Parameters of ranges other than q are skipped.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Content negotiation. Nothing here allocates.</summary>
    public static class HttpAccept
    {
        // q=1; qualities have three decimal places
        private const int Best = 1000;

        /// <summary>Chooses a format.</summary>
        /// <param name="request">The request; without Accept anything is fine.</param>
        /// <param name="formats">The formats of the resource, the preferred one first.</param>
        /// <returns>One of them; <see cref="CoapFormat.None"/> if none is wanted: 406.</returns>
        public static int Choose(HttpRequestReader request, int[] formats)
        {
            bool anything = request.ValueLength(HttpField.Accept) <= 0;
            int chosen = CoapFormat.None;
            int best = 0;
            for (int i = 0; i < formats.Length; i++)
            {
                byte[] type = HttpCoap.MediaTypeOf(formats[i]);
                int quality = type == null ? 0 : anything ? Best : QualityOf(type, request.Buffer, request.ValueOffset(HttpField.Accept), request.ValueLength(HttpField.Accept));
                if (quality > best)
                {
                    best = quality;
                    chosen = formats[i];
                }
            }

            return chosen;
        }

        private static int QualityOf(byte[] type, byte[] buffer, int offset, int length)
        {
            int end = offset + length;
            int best = 0;
            int quality = 0;
            while (offset < end)
            {
                int comma = Bytes.IndexOf(buffer, offset, end - offset, (byte)',');
                int stop = comma < 0 ? end : comma;
                while (offset < stop && HttpSyntax.IsSpace(buffer[offset]))
                {
                    offset++;
                }

                int mark = Bytes.IndexOf(buffer, offset, stop - offset, (byte)';');
                int rangeEnd = mark < 0 ? stop : mark;
                while (rangeEnd > offset && HttpSyntax.IsSpace(buffer[rangeEnd - 1]))
                {
                    rangeEnd--;
                }

                int specific = Match(type, buffer, offset, rangeEnd - offset);
                if (specific > best)
                {
                    best = specific;
                    quality = mark < 0 ? Best : ReadQuality(buffer, mark, stop);
                }

                offset = stop + 1;
            }

            return quality;
        }

        // 3: the very type; 2: type/*; 1: */*; 0: another one
        private static int Match(byte[] type, byte[] buffer, int offset, int length)
        {
            if (HttpSyntax.EqualsIgnoreCase(buffer, offset, length, type))
            {
                return 3;
            }

            if (length < 3 || buffer[offset + length - 1] != '*' || buffer[offset + length - 2] != '/')
            {
                return 0;
            }

            if (length == 3 && buffer[offset] == '*')
            {
                return 1;
            }

            int slash = Bytes.IndexOf(type, 0, type.Length, (byte)'/');
            if (slash != length - 2)
            {
                return 0;
            }

            for (int i = 0; i < slash; i++)
            {
                int value = buffer[offset + i];
                if ((value >= 'A' && value <= 'Z' ? value | 0x20 : value) != type[i])
                {
                    return 0;
                }
            }

            return 2;
        }

        // the parameters, from the first semicolon on; 1 if there is no q, 0 if it is not 0 to 1 with three places at the most
        private static int ReadQuality(byte[] buffer, int start, int end)
        {
            while (start < end)
            {
                start++;
                while (start < end && HttpSyntax.IsSpace(buffer[start]))
                {
                    start++;
                }

                int mark = Bytes.IndexOf(buffer, start, end - start, (byte)';');
                int stop = mark < 0 ? end : mark;
                int next = stop;
                while (stop > start && HttpSyntax.IsSpace(buffer[stop - 1]))
                {
                    stop--;
                }

                if (stop - start >= 3 && (buffer[start] | 0x20) == 'q' && buffer[start + 1] == '=')
                {
                    return ReadNumber(buffer, start + 2, stop);
                }

                start = next;
            }

            return Best;
        }

        private static int ReadNumber(byte[] buffer, int start, int end)
        {
            int number = (buffer[start] - '0') * Best;
            bool isRight = end - start <= 5 && (number == 0 || number == Best) && (end - start == 1 || buffer[start + 1] == '.');
            int scale = Best / 10;
            for (int i = start + 2; i < end && isRight; i++)
            {
                int digit = buffer[i] - '0';
                isRight = digit >= 0 && digit <= 9;
                number += digit * scale;
                scale /= 10;
            }

            return isRight && number <= Best ? number : 0;
        }
    }
}
