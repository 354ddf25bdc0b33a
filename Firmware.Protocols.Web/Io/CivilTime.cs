// UTC time as people write it, from and to the seconds of Unix, in the proleptic Gregorian calendar. The algorithm counts the days of years that begin in
// March (Hinnant, "chrono-compatible low-level date algorithms"), so that the leap day is the last of its year. Leap seconds: none, as in Unix time.
// DateTime would do the same; this one needs no native call a field and is as exact on the host.

namespace Firmware.Protocols.Io
{
    /// <summary>A date and time of day in UTC. Mutable and reused: setting it never allocates.</summary>
    public sealed class CivilTime
    {
        /// <summary>The year, 1970 to 9999.</summary>
        public int Year;

        /// <summary>The month, 1 to 12.</summary>
        public int Month;

        /// <summary>The day of the month, 1 to 31.</summary>
        public int Day;

        /// <summary>The hour, 0 to 23.</summary>
        public int Hour;

        /// <summary>The minute, 0 to 59.</summary>
        public int Minute;

        /// <summary>The second, 0 to 59.</summary>
        public int Second;

        private const int SecondsPerDay = 86400;
        private const int DaysPerEra = 146097;

        // days from 0000-03-01 to 1970-01-01
        private const int EpochDays = 719468;

        /// <summary>The day of the week that this date is: 0 Sunday to 6 Saturday.</summary>
        public int DayOfWeek
        {
            // 1970-01-01 was a Thursday
            get { return (int)((ToDays() + 4) % 7); }
        }

        /// <summary>Becomes the time that so many seconds passed since 1970-01-01 00:00:00 UTC.</summary>
        /// <param name="seconds">0 or more, before the year 10000.</param>
        public void SetUnixSeconds(long seconds)
        {
            int ofDay = (int)(seconds % SecondsPerDay);
            Hour = ofDay / 3600;
            Minute = ofDay / 60 % 60;
            Second = ofDay % 60;

            int days = (int)(seconds / SecondsPerDay) + EpochDays;
            int era = days / DaysPerEra;
            int dayOfEra = days % DaysPerEra;
            int yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / (DaysPerEra - 1))) / 365;
            int dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
            int month = ((5 * dayOfYear) + 2) / 153;
            Day = dayOfYear - (((153 * month) + 2) / 5) + 1;
            Month = month < 10 ? month + 3 : month - 9;
            Year = yearOfEra + (era * 400) + (Month <= 2 ? 1 : 0);
        }

        /// <summary>The seconds since 1970-01-01 00:00:00 UTC.</summary>
        /// <returns>Negative before 1970. Of no use unless <see cref="IsValid"/>.</returns>
        public long ToUnixSeconds()
        {
            return (ToDays() * SecondsPerDay) + (Hour * 3600) + (Minute * 60) + Second;
        }

        /// <summary>Tells whether the fields are a date that exists, and a time of day without a leap second.</summary>
        /// <returns>False for 30 February and the like.</returns>
        public bool IsValid()
        {
            return Year >= 1970 && Year <= 9999 && Month >= 1 && Month <= 12 && Day >= 1 && Day <= DaysInMonth()
                && Hour >= 0 && Hour <= 23 && Minute >= 0 && Minute <= 59 && Second >= 0 && Second <= 59;
        }

        private int DaysInMonth()
        {
            if (Month == 2)
            {
                return Year % 4 == 0 && (Year % 100 != 0 || Year % 400 == 0) ? 29 : 28;
            }

            return Month == 4 || Month == 6 || Month == 9 || Month == 11 ? 30 : 31;
        }

        private long ToDays()
        {
            int year = Month <= 2 ? Year - 1 : Year;
            int era = year / 400;
            int yearOfEra = year % 400;
            int dayOfYear = (((153 * (Month > 2 ? Month - 3 : Month + 9)) + 2) / 5) + Day - 1;
            int dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
            return ((long)era * DaysPerEra) + dayOfEra - EpochDays;
        }
    }
}
