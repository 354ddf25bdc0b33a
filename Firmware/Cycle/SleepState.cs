// What a sleeping Thing must know when it wakes up with empty memory, besides its outbox: some bytes in front of the outbox's image, so that both
// are saved in one write and can never disagree. nanoFramework has no API for the memory of the RTC, so they are in flash.

using Firmware.Protocols.Outbox;
using Firmware.Things;

namespace Firmware.Cycle
{
    /// <summary>The state of the sleep cycle, as it is saved. All times on the board's clock, milliseconds since 1970.</summary>
    public sealed class SleepState
    {
        /// <summary>The length of the saved state in bytes.</summary>
        public const int Length = ReadingsAt + (5 * Limits.Resources);

        private const byte Version = 1;
        private const int AlarmFlag = 1;
        private const int LowBatteryFlag = 2;
        private const int BootsAt = 4;
        private const int NumberAt = 8;
        private const int NextSenseAt = 12;
        private const int SensesLeftAt = 20;
        private const int DayAt = 24;
        private const int DayWritesAt = 28;
        private const int ReadingsAt = 32;

        private readonly bool[] _has = new bool[Limits.Resources];
        private readonly int[] _values = new int[Limits.Resources];

        /// <summary>How often the board has booted or woken up to do something.</summary>
        public int Boots { get; set; }

        /// <summary>The number of the last reading: goes out as <c>"n"</c>, so that a reading that comes twice is known as one.</summary>
        public int Number { get; set; }

        /// <summary>See <see cref="SleepSchedule.NextSenseMs"/>.</summary>
        public long NextSenseMs { get; set; }

        /// <summary>See <see cref="SleepSchedule.SensesLeft"/>.</summary>
        public int SensesLeft { get; set; }

        /// <summary>See <see cref="SleepSchedule.Failures"/>.</summary>
        public int Failures { get; set; }

        /// <summary>Whether the last reading was beyond a threshold.</summary>
        public bool IsAlarm { get; set; }

        /// <summary>Whether the battery was low at the last reading.</summary>
        public bool IsBatteryLow { get; set; }

        /// <summary>The day, counted since 1970, whose writes are counted.</summary>
        public int Day { get; set; }

        /// <summary>The number of writes to flash before that day.</summary>
        public int WritesBeforeDay { get; set; }

        /// <summary>Remembers the last value of a reading.</summary>
        /// <param name="index">Its place in the tree of resources.</param>
        /// <param name="has">Whether there is one.</param>
        /// <param name="value">The value.</param>
        public void SetReading(int index, bool has, int value)
        {
            _has[index] = has;
            _values[index] = has ? value : 0;
        }

        /// <summary>Whether there was a value of a reading.</summary>
        /// <param name="index">Its place in the tree of resources.</param>
        /// <returns>True if <see cref="Reading"/> is one.</returns>
        public bool HasReading(int index)
        {
            return _has[index];
        }

        /// <summary>The last value of a reading.</summary>
        /// <param name="index">Its place in the tree of resources.</param>
        /// <returns>The value; 0 without one.</returns>
        public int Reading(int index)
        {
            return _values[index];
        }

        /// <summary>Remembers the last value of each reading of the Thing.</summary>
        /// <param name="thing">Its resources, always in the same order.</param>
        public void TakeReadings(ResourceTree thing)
        {
            for (int i = 0; i < thing.Count; i++)
            {
                ReadingResource reading = thing.At(i) as ReadingResource;
                SetReading(i, reading != null && reading.HasState, reading != null ? reading.Value : 0);
            }
        }

        /// <summary>Gives the last values back to the readings of the Thing, until they are measured again.</summary>
        /// <param name="thing">Its resources, always in the same order.</param>
        public void GiveReadings(ResourceTree thing)
        {
            for (int i = 0; i < thing.Count; i++)
            {
                ReadingResource reading = thing.At(i) as ReadingResource;
                if (reading != null && HasReading(i))
                {
                    reading.Set(Reading(i));
                }
            }
        }

        /// <summary>Writes the state.</summary>
        /// <param name="buffer">Where to.</param>
        /// <param name="offset">The first of <see cref="Length"/> bytes.</param>
        public void Save(byte[] buffer, int offset)
        {
            buffer[offset] = Version;
            buffer[offset + 1] = (byte)((IsAlarm ? AlarmFlag : 0) | (IsBatteryLow ? LowBatteryFlag : 0));
            buffer[offset + 2] = (byte)Failures;
            buffer[offset + 3] = 0;
            BigEndian.PutInt32(buffer, offset + BootsAt, Boots);
            BigEndian.PutInt32(buffer, offset + NumberAt, Number);
            BigEndian.PutInt32(buffer, offset + NextSenseAt, (int)(NextSenseMs >> 32));
            BigEndian.PutInt32(buffer, offset + NextSenseAt + 4, (int)NextSenseMs);
            BigEndian.PutInt32(buffer, offset + SensesLeftAt, SensesLeft);
            BigEndian.PutInt32(buffer, offset + DayAt, Day);
            BigEndian.PutInt32(buffer, offset + DayWritesAt, WritesBeforeDay);
            for (int i = 0; i < Limits.Resources; i++)
            {
                int at = offset + ReadingsAt + (5 * i);
                buffer[at] = (byte)(_has[i] ? 1 : 0);
                BigEndian.PutInt32(buffer, at + 1, _values[i]);
            }
        }

        /// <summary>Reads a saved state; its checksum was good.</summary>
        /// <param name="buffer">Where it stands.</param>
        /// <param name="offset">The first of <see cref="Length"/> bytes.</param>
        /// <returns>False if another version of the firmware saved it: nothing was taken over.</returns>
        public bool Load(byte[] buffer, int offset)
        {
            if (buffer[offset] != Version)
            {
                return false;
            }

            int flags = buffer[offset + 1];
            IsAlarm = (flags & AlarmFlag) != 0;
            IsBatteryLow = (flags & LowBatteryFlag) != 0;
            Failures = buffer[offset + 2];
            Boots = BigEndian.GetInt32(buffer, offset + BootsAt);
            Number = BigEndian.GetInt32(buffer, offset + NumberAt);
            long high = BigEndian.GetInt32(buffer, offset + NextSenseAt);
            long low = BigEndian.GetInt32(buffer, offset + NextSenseAt + 4);
            NextSenseMs = (high << 32) | (low & 0xFFFFFFFFL);
            SensesLeft = BigEndian.GetInt32(buffer, offset + SensesLeftAt);
            Day = BigEndian.GetInt32(buffer, offset + DayAt);
            WritesBeforeDay = BigEndian.GetInt32(buffer, offset + DayWritesAt);
            for (int i = 0; i < Limits.Resources; i++)
            {
                int at = offset + ReadingsAt + (5 * i);
                _has[i] = buffer[at] != 0;
                _values[i] = BigEndian.GetInt32(buffer, at + 1);
            }

            return true;
        }
    }
}
