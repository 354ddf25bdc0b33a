// PublishRate with virtual time.

using System;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Rules
{
    [TestClass]
    public static class PublishRateTests
    {
        private const int Seed = 4711;

        [TestMethod]
        public static void Lets_a_burst_pass_and_then_one_after_another()
        {
            PublishRate rate = new PublishRate(100, 20); // 80 a second go on for ever: one in 12.5 ms
            Assert.AreEqual(0L, rate.NextAllowedMs);
            Assert.AreEqual(20, TakeAll(rate, 1000));
            Assert.AreEqual(1013L, rate.NextAllowedMs);
            Assert.IsFalse(rate.TryTake(1012));
            Assert.AreEqual(1013L, rate.NextAllowedMs, "asking must cost nothing");
            Assert.AreEqual(1, TakeAll(rate, 1013));
            Assert.AreEqual(1025L, rate.NextAllowedMs);
            Assert.IsFalse(rate.TryTake(1024));
            Assert.AreEqual(1, TakeAll(rate, 1025));
        }

        [TestMethod]
        public static void Fills_to_the_burst_and_no_further()
        {
            PublishRate rate = new PublishRate(100, 20);
            TakeAll(rate, 0);
            Assert.AreEqual(19, TakeAll(rate, 249));
            TakeAll(rate, 1000);
            Assert.AreEqual(20, TakeAll(rate, 1250));
            Assert.AreEqual(20, TakeAll(rate, 1501));
            Assert.AreEqual(20, TakeAll(rate, 1000000));
            Assert.AreEqual(20, TakeAll(rate, 9000000000000000000L), "no pause is too long");
        }

        [TestMethod]
        public static void Keeps_no_remainder_when_it_is_full()
        {
            PublishRate rate = new PublishRate(100, 1); // full after 10.1 ms
            Assert.AreEqual(1, TakeAll(rate, 0));
            Assert.AreEqual(1, TakeAll(rate, 11));
            Assert.AreEqual(22L, rate.NextAllowedMs);
            Assert.IsFalse(rate.TryTake(21));
        }

        [TestMethod]
        public static void Says_exactly_when_the_next_may_go()
        {
            PublishRate rate = new PublishRate(7, 3);
            long now = 100000;
            for (int i = 0; i < 200; i++)
            {
                long next = rate.NextAllowedMs;
                if (next > now)
                {
                    Assert.IsFalse(rate.TryTake(next - 1));
                    now = next;
                }

                Assert.IsTrue(rate.TryTake(now));
            }

            // 3 at once and 197 at 4 a second
            Assert.AreEqual(100000L + (197 * 250), now);
        }

        [DataRow(100, 1)]
        [DataRow(100, 20)]
        [DataRow(100, 99)]
        [DataRow(2, 1)]
        [DataRow(7, 3)]
        public static void Never_lets_more_than_the_limit_pass_in_any_second(int limit, int burst)
        {
            PublishRate rate = new PublishRate(limit, burst);
            long[] taken = new long[limit]; // when the last ones passed, as a ring
            for (int i = 0; i < limit; i++)
            {
                taken[i] = -1000;
            }

            int at = 0;
            int passed = 0;
            int random = Seed;
            long now = 0;
            while (now < 60000)
            {
                if (rate.TryTake(now))
                {
                    Assert.IsTrue(now - taken[at] >= 1000, "seed " + Seed.ToString() + " at " + now.ToString());
                    taken[at] = now;
                    at = (at + 1) % limit;
                    passed++;
                }
                else
                {
                    random = (random * 1103515245) + 12345;
                    int step = (random >> 16) & 0x3F;
                    now += step == 0 ? 700 : step & 7;
                }
            }

            // and not much fewer: pauses of 700 ms, of which a burst is won back, come in a sixty-fourth of the steps
            Assert.IsTrue(passed > (limit - burst) * 6, passed.ToString());
        }

        [TestMethod]
        public static void Lets_everything_pass_without_a_limit()
        {
            PublishRate rate = new PublishRate(BrokerRules.Plain311.PublishesPerSecond, 0);
            for (int i = 0; i < 1000; i++)
            {
                Assert.IsTrue(rate.TryTake(5));
            }

            Assert.IsTrue(rate.NextAllowedMs <= 5);
        }

        [TestMethod]
        public static void Gains_nothing_when_time_runs_backwards_and_goes_on_from_there()
        {
            PublishRate rate = new PublishRate(100, 20);
            TakeAll(rate, 5000);
            Assert.IsFalse(rate.TryTake(4000));
            Assert.AreEqual(4013L, rate.NextAllowedMs);
            Assert.AreEqual(1, TakeAll(rate, 4013));
        }

        [DataRow(-1, 0)]
        [DataRow(1, 1)]
        [DataRow(100, 0)]
        [DataRow(100, 100)]
        public static void Cannot_be_made_to_exceed_its_limit_or_to_stand_still(int limit, int burst)
        {
            bool refused = false;
            try
            {
                Assert.IsNotNull(new PublishRate(limit, burst));
            }
            catch (ArgumentOutOfRangeException)
            {
                refused = true;
            }

            Assert.IsTrue(refused);
        }

        private static int TakeAll(PublishRate rate, long nowMs)
        {
            int taken = 0;
            while (taken < 1000 && rate.TryTake(nowMs))
            {
                taken++;
            }

            return taken;
        }
    }
}
