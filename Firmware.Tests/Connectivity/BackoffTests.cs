// The backoff's bounds: full jitter below a ceiling that doubles up to its cap. A scripted source of chance reaches both ends of each range.

using System;
using Firmware.Connectivity;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Connectivity
{
    [TestClass]
    public static class BackoffTests
    {
        private const int BaseMs = 1000;
        private const int CapMs = 120000;
        private const int FloorMs = 1000;

        [TestMethod]
        public static void Longest_waits_double_up_to_the_cap()
        {
            Backoff backoff = new Backoff(new EdgeOfChance(true), BaseMs, CapMs, FloorMs);
            int[] ceilings = { 1000, 2000, 4000, 8000, 16000, 32000, 64000, 120000, 120000 };
            for (int i = 0; i < ceilings.Length; i++)
            {
                Assert.AreEqual(FloorMs + ceilings[i], backoff.NextMs(), "wait " + i);
            }
        }

        [TestMethod]
        public static void Shortest_wait_is_the_floor_alone()
        {
            // full jitter reaches down to 0: half jitter would keep a fleet together
            Backoff backoff = new Backoff(new EdgeOfChance(false), BaseMs, CapMs, FloorMs);
            for (int i = 0; i < 20; i++)
            {
                Assert.AreEqual(FloorMs, backoff.NextMs());
            }
        }

        [DataRow(1)]
        [DataRow(42)]
        [DataRow(2147483647)]
        public static void Waits_stay_between_floor_and_ceiling_and_differ(int seed)
        {
            Backoff backoff = new Backoff(new Random(seed), BaseMs, CapMs, FloorMs);
            int ceiling = BaseMs;
            int lowest = int.MaxValue;
            int highest = 0;
            for (int i = 0; i < 500; i++)
            {
                int wait = backoff.NextMs();
                Assert.IsTrue(wait >= FloorMs && wait <= FloorMs + ceiling, "wait " + i + " is " + wait + " with seed " + seed);
                if (ceiling == CapMs)
                {
                    lowest = wait < lowest ? wait : lowest;
                    highest = wait > highest ? wait : highest;
                }

                ceiling = ceiling * 2 < CapMs ? ceiling * 2 : CapMs;
            }

            // some 490 draws from 120 s: they fill the range
            Assert.IsTrue(lowest < FloorMs + (CapMs / 10), "lowest " + lowest);
            Assert.IsTrue(highest > FloorMs + (CapMs / 10 * 9), "highest " + highest);
        }

        [TestMethod]
        public static void Reset_starts_again_from_the_base()
        {
            Backoff backoff = new Backoff(new EdgeOfChance(true), BaseMs, CapMs, FloorMs);
            for (int i = 0; i < 12; i++)
            {
                backoff.NextMs();
            }

            Assert.AreEqual(12, backoff.Failures);
            Assert.AreEqual(FloorMs + CapMs, backoff.LastMs);
            backoff.Reset();
            Assert.AreEqual(0, backoff.Failures);
            Assert.AreEqual(0, backoff.LastMs);
            Assert.AreEqual(FloorMs + BaseMs, backoff.NextMs());
            Assert.AreEqual(FloorMs + BaseMs, backoff.LastMs);
            Assert.AreEqual(1, backoff.Failures);
        }

        [DataRow(1, 1000000000)]
        [DataRow(3, 2000000000)]
        [DataRow(1000000000, 1500000000)]
        public static void Large_caps_do_not_wrap_round(int baseMs, int capMs)
        {
            Backoff backoff = new Backoff(new EdgeOfChance(true), baseMs, capMs, 0);
            int last = 0;
            for (int i = 0; i < 100; i++)
            {
                int wait = backoff.NextMs();
                Assert.IsTrue(wait >= last && wait <= capMs, "wait " + i + " is " + wait);
                last = wait;
            }

            Assert.AreEqual(capMs, last);
        }

        [TestMethod]
        public static void Base_above_the_cap_is_the_cap()
        {
            Backoff backoff = new Backoff(new EdgeOfChance(true), 5000, 2000, 0);
            Assert.AreEqual(2000, backoff.NextMs());
            Assert.AreEqual(2000, backoff.NextMs());
        }

        [TestMethod]
        public static void Shipped_waits_keep_the_limit_of_one_connect_a_second()
        {
            Assert.IsTrue(Limits.BackoffFloorMs >= 1000, "AWS IoT Core takes one CONNECT a second");
            Assert.IsTrue(Limits.BackoffBaseMs <= Limits.BackoffCapMs);
            Assert.IsTrue(Limits.BackoffCapMs < int.MaxValue - Limits.BackoffFloorMs);
        }

        // the smallest or the largest number that was asked for
        private sealed class EdgeOfChance : Random
        {
            private readonly bool _largest;

            internal EdgeOfChance(bool largest)
            {
                _largest = largest;
            }

            public override int Next(int maxValue)
            {
                Assert.IsTrue(maxValue > 0, "asked for a number below " + maxValue);
                return _largest ? maxValue - 1 : 0;
            }
        }
    }
}
