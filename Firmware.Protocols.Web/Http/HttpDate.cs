// The time in the header Date (RFC 9110, 5.6.7), IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT. The two obsolete forms are refused: no server of ours sends them, and
// a wrong guess about a century would be taken for a wrong clock.

using Firmware.Protocols.Io;

namespace Firmware.Protocols.Http
{
    /// <summary>Reads and writes HTTP dates. Long-lived; allocates nothing after construction.</summary>
    public sealed class HttpDate
    {
        /// <summary>The length of a date in bytes.</summary>
        public const int Length = 29;

        private const int NameLength = 3;

        private static readonly byte[] Days = Bytes.FromString("SunMonTueWedThuFriSat");
        private static readonly byte[] Months = Bytes.FromString("JanFebMarAprMayJunJulAugSepOctNovDec");

        // d: digit, the others stand for themselves; the names are looked up
        private static readonly byte[] Form = Bytes.FromString("nnn, dd nnn dddd dd:dd:dd GMT");

        private readonly CivilTime _time = new CivilTime();

        /// <summary>Reads a date.</summary>
        /// <param name="buffer">The buffer of the date.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length.</param>
        /// <returns>Seconds since 1970; -1 if it is no IMF-fixdate, no date that exists, or before 1970. A leap second counts as the second before it.</returns>
        public long Read(byte[] buffer, int offset, int length)
        {
            if (length != Length)
            {
                return -1;
            }

            for (int i = 0; i < Length; i++)
            {
                int form = Form[i];
                int value = buffer[offset + i];
                if (form == 'd' ? value < '0' || value > '9' : form != 'n' && value != form)
                {
                    return -1;
                }
            }

            int dayOfWeek = IndexOf(Days, buffer, offset);
            _time.Day = Number(buffer, offset + 5, 2);
            _time.Month = IndexOf(Months, buffer, offset + 8) + 1;
            _time.Year = Number(buffer, offset + 12, 4);
            _time.Hour = Number(buffer, offset + 17, 2);
            _time.Minute = Number(buffer, offset + 20, 2);
            _time.Second = Number(buffer, offset + 23, 2);
            if (_time.Second == 60)
            {
                _time.Second = 59;
            }

            return _time.IsValid() && dayOfWeek == _time.DayOfWeek ? _time.ToUnixSeconds() : -1;
        }

        /// <summary>Writes a date.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="unixSeconds">Seconds since 1970, before the year 10000.</param>
        public void Write(ByteWriter writer, long unixSeconds)
        {
            _time.SetUnixSeconds(unixSeconds);
            writer.Raw(Days, NameLength * _time.DayOfWeek, NameLength);
            writer.Raw(Form, 3, 2);
            writer.Padded(_time.Day, 2);
            writer.Byte((byte)' ');
            writer.Raw(Months, NameLength * (_time.Month - 1), NameLength);
            writer.Byte((byte)' ');
            writer.Padded(_time.Year, 4);
            writer.Byte((byte)' ');
            writer.Padded(_time.Hour, 2);
            writer.Byte((byte)':');
            writer.Padded(_time.Minute, 2);
            writer.Byte((byte)':');
            writer.Padded(_time.Second, 2);
            writer.Raw(Form, Length - 4, 4);
        }

        // case counts (5.6.7); -1: no such name
        private static int IndexOf(byte[] names, byte[] buffer, int offset)
        {
            for (int i = 0; i < names.Length; i += NameLength)
            {
                if (names[i] == buffer[offset] && names[i + 1] == buffer[offset + 1] && names[i + 2] == buffer[offset + 2])
                {
                    return i / NameLength;
                }
            }

            return -1;
        }

        private static int Number(byte[] buffer, int offset, int digits)
        {
            int number = 0;
            for (int i = 0; i < digits; i++)
            {
                number = (number * 10) + buffer[offset + i] - '0';
            }

            return number;
        }
    }
}
