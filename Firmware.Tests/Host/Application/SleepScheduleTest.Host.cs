// The arithmetic of the schedule and the saved state, without a board.

using Firmware.Cycle;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Application;

[TestClass]
public static class SleepScheduleTest
{
    private const long Period = 300_000;

    [TestMethod]
    [DataRow(0L, 1L)]
    [DataRow(-900L, 1L)]
    [DataRow(1_234L, 1L)]
    [DataRow(299_999L, 1L)]
    [DataRow(300_000L, 2L)]
    [DataRow(1_000_000L, 4L)]
    public static void Next_reading_is_whole_periods_after_the_one_that_was_due_however_late_this_one_is(long lateMs, long periods)
    {
        SleepSchedule schedule = new((int)Period, 12) { NextSenseMs = 1_000_000, SensesLeft = 12 };
        schedule.Sensed(1_000_000 + lateMs);
        Assert.AreEqual(1_000_000 + (periods * Period), schedule.NextSenseMs);
        Assert.AreEqual(12 - (int)periods, schedule.SensesLeft);
    }

    [TestMethod]
    public static void Connection_is_due_after_its_readings_and_later_after_each_failure()
    {
        SleepSchedule schedule = new((int)Period, 4);
        schedule.Connected();
        int[] waits = new int[6];
        for (int i = 0; i < waits.Length; i++)
        {
            Assert.AreEqual(schedule.NextSenseMs + ((schedule.SensesLeft - 1) * Period), schedule.NextConnectMs);
            while (schedule.SensesLeft > 0)
            {
                schedule.Sensed(schedule.NextSenseMs);
                waits[i]++;
            }

            schedule.ConnectFailed();
        }

        Assert.AreEqual("4 4 8 16 32 32", string.Join(' ', waits));
        schedule.Connected();
        Assert.AreEqual(4, schedule.SensesLeft);
        Assert.AreEqual(0, schedule.Failures);
    }

    [TestMethod]
    [DataRow(1_795_860_000_000L, false, true)]
    [DataRow(5_000L, false, true)]
    [DataRow(5_000L, true, false)]
    [DataRow(-5_000L, true, false)]
    [DataRow(299_000L, true, false)]
    [DataRow(301_000L, true, true)]
    [DataRow(-86_400_000L, true, true)]
    public static void Clock_that_is_set_moves_the_schedule_and_one_that_is_corrected_does_not(long jumpMs, bool wasRight, bool moves)
    {
        SleepSchedule schedule = new((int)Period, 12) { NextSenseMs = 1_000_000 };
        schedule.ClockSet(jumpMs, wasRight);
        Assert.AreEqual(1_000_000 + (moves ? jumpMs : 0), schedule.NextSenseMs);
    }

    [TestMethod]
    [DataRow(0L, true)]
    [DataRow(600_000L, true)]
    [DataRow(600_001L, false)]
    [DataRow(-86_400_000L, true)]
    [DataRow(-86_400_001L, false)]
    public static void Saved_schedule_counts_only_if_it_fits_to_the_clock(long aheadMs, bool fits)
    {
        SleepSchedule schedule = new((int)Period, 12) { NextSenseMs = 500_000_000 + aheadMs };
        Assert.AreEqual(fits, schedule.IsPlausible(500_000_000));
    }

    [TestMethod]
    public static void State_comes_back_as_it_was_saved()
    {
        SleepState state = new()
        {
            Boots = int.MaxValue, Number = 123_456, NextSenseMs = 1_795_860_123_456, SensesLeft = 96, Failures = 3, IsAlarm = true, IsBatteryLow = true, Day = 20_785, WritesBeforeDay = -5,
        };
        state.SetReading(0, true, -400);
        state.SetReading(Limits.Resources - 1, true, int.MinValue);
        byte[] saved = new byte[SleepState.Length + 2];
        state.Save(saved, 1);
        SleepState back = new();
        Assert.IsTrue(back.Load(saved, 1));
        byte[] again = new byte[saved.Length];
        back.Save(again, 1);
        Assert.AreEqual(Convert.ToHexString(saved), Convert.ToHexString(again));
        Assert.AreEqual(1_795_860_123_456, back.NextSenseMs);
        Assert.IsTrue(back.IsAlarm && back.IsBatteryLow && back.HasReading(0) && !back.HasReading(1));
        Assert.AreEqual(-400, back.Reading(0));
        Assert.AreEqual(int.MinValue, back.Reading(Limits.Resources - 1));
        saved[1] = 99;
        Assert.IsFalse(new SleepState().Load(saved, 1), "another version");
    }
}
