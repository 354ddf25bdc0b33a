// The canonical form of a request's parts, told to the hash byte by byte: path, query sorted by name and value, header values.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Aws
{
    public sealed partial class SigV4Signer
    {
        // where each parameter of the query begins, where its name ends, where it ends; sorted
        private readonly int[] _parameters = new int[MaxParameters];
        private readonly int[] _nameEnds = new int[MaxParameters];
        private readonly int[] _parameterEnds = new int[MaxParameters];

        // byte by byte, and a prefix before what goes on
        private static int Compare(byte[] a, int start, int end, byte[] b, int otherStart, int otherEnd)
        {
            while (start < end && otherStart < otherEnd)
            {
                int difference = a[start++] - b[otherStart++];
                if (difference != 0)
                {
                    return difference;
                }
            }

            return (end - start) - (otherEnd - otherStart);
        }

        private static bool IsUpperHex(int value)
        {
            return (value >= '0' && value <= '9') || (value >= 'A' && value <= 'F');
        }

        // the path as it is sent, encoded once more, as all services but S3 want it; segments that a server would take away are refused
        private void AddPath(byte[] buffer, int start, int end)
        {
            if (start == end || buffer[start] != '/')
            {
                _failed = true;
                return;
            }

            int segment = start + 1;
            for (int i = start; i < end; i++)
            {
                byte value = buffer[i];
                if (value == '/')
                {
                    _failed |= i > start && IsOddSegment(buffer, segment, i);
                    segment = i + 1;
                    _sha.Add(value);
                }
                else if (ByteWriter.IsUnreserved(value))
                {
                    _sha.Add(value);
                }
                else
                {
                    _pen.Reset(_signature, 0, 3);
                    _pen.Percent(buffer, i, 1);
                    _sha.Add(_signature, 0, 3);
                }
            }

            // the last one may be empty: a path may end with a slash
            _failed |= segment < end && IsOddSegment(buffer, segment, end);
        }

        // empty, "." or ".."
        private static bool IsOddSegment(byte[] buffer, int start, int end)
        {
            int length = end - start;
            return length == 0 || (length <= 2 && buffer[start] == '.' && buffer[end - 1] == '.');
        }

        private void AddQuery(byte[] buffer, int start, int end)
        {
            int count = 0;
            while (start <= end)
            {
                if (count == MaxParameters)
                {
                    _failed = true;
                    return;
                }

                int stop = Bytes.IndexOf(buffer, start, end - start, (byte)'&');
                stop = stop < 0 ? end : stop;
                int equals = Bytes.IndexOf(buffer, start, stop - start, (byte)'=');
                equals = equals < 0 ? stop : equals;
                if (equals == start || !IsEncoded(buffer, start, equals) || !IsEncoded(buffer, equals + 1, stop))
                {
                    _failed = true;
                    return;
                }

                // insertion keeps them sorted: there are few, and most come in order
                int at = count;
                while (at > 0 && ComesBefore(buffer, start, equals, stop, at - 1))
                {
                    _parameters[at] = _parameters[at - 1];
                    _nameEnds[at] = _nameEnds[at - 1];
                    _parameterEnds[at] = _parameterEnds[at - 1];
                    at--;
                }

                _parameters[at] = start;
                _nameEnds[at] = equals;
                _parameterEnds[at] = stop;
                count++;
                start = stop + 1;
            }

            for (int i = 0; i < count; i++)
            {
                if (i > 0)
                {
                    _sha.Add((byte)'&');
                }

                // a parameter without a value gets an empty one
                _sha.Add(buffer, _parameters[i], _nameEnds[i] - _parameters[i]);
                _sha.Add((byte)'=');
                int value = _nameEnds[i] + 1;
                if (value < _parameterEnds[i])
                {
                    _sha.Add(buffer, value, _parameterEnds[i] - value);
                }
            }
        }

        // by name, then by value
        private bool ComesBefore(byte[] buffer, int start, int nameEnd, int end, int other)
        {
            int order = Compare(buffer, start, nameEnd, buffer, _parameters[other], _nameEnds[other]);
            return order < 0 || (order == 0 && Compare(buffer, nameEnd, end, buffer, _nameEnds[other], _parameterEnds[other]) < 0);
        }

        // unreserved characters, and % with two digits in upper case where a byte must be encoded
        private static bool IsEncoded(byte[] buffer, int start, int end)
        {
            for (int i = start; i < end; i++)
            {
                if (buffer[i] == '%')
                {
                    if (end - i < 3 || !IsUpperHex(buffer[i + 1]) || !IsUpperHex(buffer[i + 2]))
                    {
                        return false;
                    }

                    i += 2;
                }
                else if (!ByteWriter.IsUnreserved(buffer[i]))
                {
                    return false;
                }
            }

            return true;
        }

        private void AddValue(byte[] value, int start, int end)
        {
            while (start < end && value[start] == ' ')
            {
                start++;
            }

            while (start < end && value[end - 1] == ' ')
            {
                end--;
            }

            for (int i = start; i < end; i++)
            {
                byte next = value[i];
                if (next < 0x20)
                {
                    // a line end would let a value add headers of its own
                    _failed = true;
                }

                if (next != ' ' || value[i - 1] != ' ')
                {
                    _sha.Add(next);
                }
            }
        }
    }
}
