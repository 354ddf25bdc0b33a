// What crosses a deep sleep, on the device's own arithmetic: 64-bit times in two halves, and a schedule that does not drift. More of it in Host/Application.

using Firmware.Cycle;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Cycle
{
    [TestClass]
    public static class SleepStateTests
    {
        [TestMethod]
        public static void State_comes_back_as_it_was_saved()
        {
            long[] times = { 0, 1, 0x7FFFFFFF, 0x80000000L, 0xFFFFFFFFL, 0x100000000L, 1795860123456L, -1, long.MinValue };
            SleepState state = new SleepState();
            SleepState back = new SleepState();
            byte[] saved = new byte[SleepState.Length + 1];
            for (int i = 0; i < times.Length; i++)
            {
                state.NextSenseMs = times[i];
                state.Number = i * -70000;
                state.IsAlarm = i % 2 == 0;
                state.SetReading(i, true, int.MinValue + i);
                state.Save(saved, 1);
                Assert.IsTrue(back.Load(saved, 1));
                Assert.IsTrue(back.NextSenseMs == times[i] && back.Number == i * -70000 && back.IsAlarm == (i % 2 == 0));
                Assert.IsTrue(back.HasReading(i) && back.Reading(i) == int.MinValue + i && !back.HasReading(15));
            }
        }

        [TestMethod]
        public static void Schedule_stays_on_its_periods()
        {
            SleepSchedule schedule = new SleepSchedule(86400000, 2);
            schedule.Restart(1795860000000L, 1000);
            schedule.Connected();
            for (int day = 1; day <= 60; day++)
            {
                Assert.IsTrue(schedule.IsPlausible(schedule.NextSenseMs));
                schedule.Sensed(schedule.NextSenseMs + (day * 1000));
                Assert.IsTrue(schedule.NextSenseMs == 1795860001000L + (day * 86400000L));
            }

            Assert.AreEqual(0, schedule.SensesLeft);
            schedule.ClockSet(5000, false);
            Assert.IsTrue(schedule.NextSenseMs == 1795860006000L + (60 * 86400000L));
        }
    }
}
