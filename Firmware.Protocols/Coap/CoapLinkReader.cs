// Finds a link of a resource type in a link-format document (RFC 6690 section 2) that is held whole. Reads what a resource directory writes about
// itself: targets that are paths. Left out: percent-encoded paths, targets on other hosts; they are passed over.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Coap
{
    /// <summary>Looks for a link by its rt attribute.</summary>
    internal static class CoapLinkReader
    {
        private static readonly byte[] ResourceType = Bytes.FromString("rt=");

        // the path of the first link with this resource type, as segments that are each a length byte and so many bytes; the length of all, or 0
        internal static int FindPath(byte[] text, int length, byte[] type, byte[] path)
        {
            int at = 0;
            while (at < length)
            {
                int end = EndOf(text, at, length, (byte)',');
                int close = text[at] == '<' ? Bytes.IndexOf(text, at, end - at, (byte)'>') : -1;
                if (close > 0 && HasType(text, close + 1, end, type))
                {
                    int found = ReadPath(text, at + 1, close, path);
                    if (found > 0)
                    {
                        return found;
                    }
                }

                at = end + 1;
            }

            return 0;
        }

        // where the separator stands that is not within quotes or a target
        private static int EndOf(byte[] text, int at, int length, byte separator)
        {
            bool isQuoted = false;
            bool isTarget = false;
            while (at < length && (isQuoted || isTarget || text[at] != separator))
            {
                byte c = text[at];
                isQuoted = c == '"' ? !isQuoted && !isTarget : isQuoted;
                isTarget = !isQuoted && (c == '<' || (isTarget && c != '>'));
                at += c == '\\' && isQuoted ? 2 : 1;
            }

            return at > length ? length : at;
        }

        private static bool HasType(byte[] text, int at, int end, byte[] type)
        {
            while (at < end)
            {
                // ";name=value", with spaces allowed by some
                int next = EndOf(text, at + 1, end, (byte)';');
                int from = at + 1;
                while (from < next && text[from] == ' ')
                {
                    from++;
                }

                if (Bytes.StartsWith(text, from, next - from, ResourceType) && HasWord(text, from + ResourceType.Length, next, type))
                {
                    return true;
                }

                at = next;
            }

            return false;
        }

        private static bool HasWord(byte[] text, int at, int end, byte[] word)
        {
            int start = at;
            for (int i = at; i <= end; i++)
            {
                if (i == end || text[i] == ' ' || text[i] == '"')
                {
                    if (Bytes.AreEqual(text, start, i - start, word))
                    {
                        return true;
                    }

                    start = i + 1;
                }
            }

            return false;
        }

        private static int ReadPath(byte[] text, int at, int end, byte[] path)
        {
            int length = end - at;
            if (length <= 0 || length > path.Length || text[at] != '/'
                || Bytes.IndexOf(text, at, length, (byte)'%') >= 0 || Bytes.IndexOf(text, at, length, (byte)'?') >= 0)
            {
                return 0;
            }

            int written = 0;
            while (at < end)
            {
                int start = at + 1;
                int slash = Bytes.IndexOf(text, start, end - start, (byte)'/');
                at = slash < 0 ? end : slash;
                if (at - start > 255)
                {
                    return 0;
                }

                path[written++] = (byte)(at - start);
                Array.Copy(text, start, path, written, at - start);
                written += at - start;
            }

            return written;
        }
    }
}
