// The toaster's limits and deadlines on a clock that is a number.

using System;
using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Drivers
{
    [TestClass]
    public static class ToasterTimerTests
    {
        private const int MaxSeconds = 120;
        private const int RestMs = 10000;

        [DataRow(0L)]
        [DataRow(1000L)]
        [DataRow(5000000000L)] // 58 days after boot: beyond the range of int
        public static void Is_on_for_its_seconds_and_no_longer(long now)
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            Assert.IsFalse(timer.IsOn);
            Assert.AreEqual(long.MaxValue, timer.NextDeadlineMs);
            RequireResult(ToasterError.None, timer.TurnOn(5, now));
            Assert.IsTrue(timer.IsOn);
            Assert.AreEqual(now + 5000, timer.NextDeadlineMs);
            Assert.AreEqual(5000, timer.RemainingMs(now));
            timer.Poll(now + 4999);
            Assert.IsTrue(timer.IsOn);
            Assert.AreEqual(1, timer.RemainingMs(now + 4999));
            timer.Poll(now + 5000);
            Assert.IsFalse(timer.IsOn);
            Assert.AreEqual(0, timer.RemainingMs(now + 5000));
            Assert.AreEqual(long.MaxValue, timer.NextDeadlineMs);
        }

        [DataRow(0)]
        [DataRow(-1)]
        [DataRow(-2147483648)]
        [DataRow(121)]
        [DataRow(2147483)]
        [DataRow(2147484)] // times 1000 it is beyond the range of int
        [DataRow(4294968)] // times 1000 it is 704 again, if it wraps
        [DataRow(2147483647)]
        public static void Refuses_seconds_out_of_range(int seconds)
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            RequireResult(ToasterError.OutOfRange, timer.TurnOn(seconds, 0));
            Assert.IsFalse(timer.IsOn);
        }

        [DataRow(1)]
        [DataRow(120)]
        public static void Takes_seconds_at_the_limits(int seconds)
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            RequireResult(ToasterError.None, timer.TurnOn(seconds, 0));
            Assert.AreEqual(seconds * 1000, timer.RemainingMs(0));
        }

        [DataRow(0, 0)]
        [DataRow(-1, 0)]
        [DataRow(301, 0)]
        [DataRow(60, -1)]
        public static void Refuses_limits_out_of_range(int maxSeconds, int restMs)
        {
            Assert.ThrowsException(typeof(ArgumentOutOfRangeException), () => new ToasterTimer(maxSeconds, restMs));
        }

        [TestMethod]
        public static void Allows_five_minutes_at_most()
        {
            Assert.AreEqual(300, ToasterTimer.HardCapSeconds);
            RequireResult(ToasterError.None, new ToasterTimer(300, 0).TurnOn(300, 0));
        }

        [TestMethod]
        public static void A_second_turn_on_restarts_the_time()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(30, 0);
            RequireResult(ToasterError.None, timer.TurnOn(30, 20000));
            Assert.AreEqual(50000L, timer.NextDeadlineMs);
            RequireResult(ToasterError.None, timer.TurnOn(5, 21000));
            Assert.AreEqual(26000L, timer.NextDeadlineMs);
        }

        [TestMethod]
        public static void No_number_of_turn_ons_exceeds_the_longest_toast()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            long onMs = 0;
            for (long now = 0; now < 200000; now += 500)
            {
                timer.TurnOn(MaxSeconds, now);
                if (timer.IsOn)
                {
                    onMs += 500;
                }
                else
                {
                    break;
                }
            }

            Assert.AreEqual(MaxSeconds * 1000L, onMs);
        }

        [TestMethod]
        public static void A_refused_turn_on_leaves_a_toast_to_its_time()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(30, 0);
            RequireResult(ToasterError.OutOfRange, timer.TurnOn(500, 10000));
            Assert.IsTrue(timer.IsOn);
            Assert.AreEqual(30000L, timer.NextDeadlineMs);
        }

        [TestMethod]
        public static void Rests_after_its_time()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(5, 0);
            Assert.AreEqual(0, timer.RemainingRestMs(1000));
            timer.Poll(5000);
            RequireResult(ToasterError.Resting, timer.TurnOn(5, 5001));
            Assert.IsFalse(timer.IsOn);
            Assert.AreEqual(9999, timer.RemainingRestMs(5001));
            RequireResult(ToasterError.Resting, timer.TurnOn(5, 14999));
            Assert.AreEqual(0, timer.RemainingRestMs(15000));
            RequireResult(ToasterError.None, timer.TurnOn(5, 15000));
        }

        [TestMethod]
        public static void Rests_after_turn_off()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(60, 0);
            timer.TurnOff(2000);
            Assert.IsFalse(timer.IsOn);
            Assert.AreEqual(10000, timer.RemainingRestMs(2000));

            // turning off what is off must not begin the rest anew
            timer.TurnOff(11000);
            RequireResult(ToasterError.None, timer.TurnOn(5, 12000));
        }

        [TestMethod]
        public static void A_toast_whose_end_nobody_polled_is_over()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(5, 0);
            Assert.AreEqual(0, timer.RemainingMs(7000));
            RequireResult(ToasterError.Resting, timer.TurnOn(5, 7000));
            Assert.IsFalse(timer.IsOn);

            // it was on until then, so the rest begins only then
            Assert.AreEqual(10000, timer.RemainingRestMs(7000));
        }

        [TestMethod]
        public static void A_fault_turns_off_and_stays_until_it_is_cleared()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, 0);
            timer.TurnOn(5, 0);
            timer.Fault();
            Assert.IsFalse(timer.IsOn);
            Assert.IsTrue(timer.IsFaulty);
            RequireResult(ToasterError.Faulty, timer.TurnOn(5, 60000));
            Assert.IsFalse(timer.IsOn);
            timer.ClearFault();
            Assert.IsFalse(timer.IsOn);
            RequireResult(ToasterError.None, timer.TurnOn(5, 60000));
        }

        [TestMethod]
        public static void A_cut_off_at_an_unknown_time_never_shortens_the_rest()
        {
            ToasterTimer timer = new ToasterTimer(MaxSeconds, RestMs);
            timer.TurnOn(30, 1000);
            timer.CutOff();
            Assert.IsFalse(timer.IsOn);
            Assert.AreEqual(0, timer.RemainingMs(2000));
            RequireResult(ToasterError.Resting, timer.TurnOn(5, 40999));
            RequireResult(ToasterError.None, timer.TurnOn(5, 41000));

            // nothing is on: nothing to cut off, and no new rest
            ToasterTimer idle = new ToasterTimer(MaxSeconds, RestMs);
            idle.CutOff();
            RequireResult(ToasterError.None, idle.TurnOn(5, 0));
        }

        private static void RequireResult(ToasterError expected, ToasterError actual)
        {
            Assert.AreEqual((int)expected, (int)actual);
        }
    }
}
