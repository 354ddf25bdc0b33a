// The table of blink codes on a clock that is a number. The expected times are written out here, not taken from the table.

using Firmware.Drivers;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Drivers
{
    [TestClass]
    public static class BlinkTimerTests
    {
        private const long Began = 5000000000L; // 58 days after boot: beyond the range of int

        [DataRow((byte)0, false)]
        [DataRow((byte)1, true)]
        public static void Steady_light_has_no_deadline(byte state, bool isLit)
        {
            BlinkTimer timer = new BlinkTimer();
            timer.Show(StatusLedState.Online, Began);
            Assert.IsTrue(timer.Show((StatusLedState)state, Began + 10));
            Assert.AreEqual(isLit, timer.IsLit);
            Assert.AreEqual(long.MaxValue, timer.NextDeadlineMs);
            timer.Poll(Began + 100000);
            Assert.AreEqual(isLit, timer.IsLit);
        }

        // blinks of a period: the first begins after firstMs, each is lit for litMs, and they begin everyMs apart
        [DataRow((byte)2, 0, 0, 250, 500, 1, 500)]
        [DataRow((byte)3, 0, 0, 50, 3000, 1, 3000)]
        [DataRow((byte)5, 0, 0, 20, 10000, 1, 10000)]
        [DataRow((byte)4, 1, 1500, 200, 500, 1, 2000)]
        [DataRow((byte)4, 3, 1500, 200, 500, 3, 3000)]
        [DataRow((byte)4, 9, 1500, 200, 500, 9, 6000)]
        public static void Every_change_is_announced_and_in_time(byte state, int number, int firstMs, int litMs, int everyMs, int blinks, int periodMs)
        {
            BlinkTimer timer = Shown(state, number, Began);
            Assert.AreEqual(state, (byte)timer.State);
            Assert.AreEqual(number, timer.ErrorNumber);
            for (int period = 0; period < 3; period++)
            {
                for (int blink = 0; blink < blinks; blink++)
                {
                    long at = Began + (period * periodMs) + firstMs + (blink * everyMs);
                    if (at > Began)
                    {
                        RequireNext(timer, at);
                    }

                    Assert.IsTrue(timer.IsLit);
                    RequireNext(timer, at + litMs);
                    Assert.IsFalse(timer.IsLit);
                }
            }
        }

        [DataRow((byte)2, 0, 7)]
        [DataRow((byte)3, 0, 999)]
        [DataRow((byte)4, 2, 61)]
        [DataRow((byte)4, 7, 20011)] // later than a whole period
        public static void Late_polls_do_not_make_it_drift(byte state, int number, int lateMs)
        {
            BlinkTimer late = Shown(state, number, Began);
            BlinkTimer sharp = Shown(state, number, Began);
            for (int i = 0; i < 50; i++)
            {
                long now = late.NextDeadlineMs + lateMs;
                late.Poll(now);
                while (sharp.NextDeadlineMs <= now)
                {
                    sharp.Poll(sharp.NextDeadlineMs);
                }

                Assert.AreEqual(sharp.IsLit, late.IsLit);
                Assert.AreEqual(sharp.NextDeadlineMs, late.NextDeadlineMs);
            }
        }

        [TestMethod]
        public static void Showing_the_same_again_does_not_disturb_the_code()
        {
            BlinkTimer timer = Shown(4, 2, Began);
            Assert.IsTrue(timer.ShowError(2, Began + 1000));
            Assert.AreEqual(Began + 1500, timer.NextDeadlineMs);

            // another number is another code, and begins with its pause
            timer.Poll(Began + 1500);
            Assert.IsTrue(timer.ShowError(3, Began + 1600));
            Assert.IsFalse(timer.IsLit);
            Assert.AreEqual(Began + 3100, timer.NextDeadlineMs);
        }

        [TestMethod]
        public static void Refuses_what_has_no_code()
        {
            BlinkTimer timer = Shown(2, 0, Began);
            Assert.IsFalse(timer.Show(StatusLedState.Error, Began));
            Assert.IsFalse(timer.Show((StatusLedState)6, Began));
            Assert.IsFalse(timer.ShowError(0, Began));
            Assert.IsFalse(timer.ShowError(-1, Began));
            Assert.IsFalse(timer.ShowError(10, Began));
            Assert.AreEqual((byte)StatusLedState.Connecting, (byte)timer.State);
            Assert.AreEqual(Began + 250, timer.NextDeadlineMs);
        }

        private static BlinkTimer Shown(byte state, int number, long nowMs)
        {
            BlinkTimer timer = new BlinkTimer();
            Assert.IsTrue(number > 0 ? timer.ShowError(number, nowMs) : timer.Show((StatusLedState)state, nowMs));
            return timer;
        }

        // The next change is announced for this time, does not come before, and is taken.
        private static void RequireNext(BlinkTimer timer, long atMs)
        {
            bool wasLit = timer.IsLit;
            Assert.AreEqual(atMs, timer.NextDeadlineMs);
            timer.Poll(atMs - 1);
            Assert.AreEqual(wasLit, timer.IsLit);
            timer.Poll(atMs);
        }
    }
}
