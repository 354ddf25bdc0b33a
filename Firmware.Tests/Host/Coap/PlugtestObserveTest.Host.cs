// The ETSI plugtest descriptions TD_COAP_OBS_01 to 14.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class PlugtestObserveTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    [TestMethod]
    public static void TD_COAP_OBS_01_confirmable_notifications()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Register(bench, "obs");
        Assert.AreEqual(0L, last.UInt(CoapOption.ContentFormat));
        for (int i = 1; i <= 30; i++)
        {
            last = PlugtestBench.Notification(bench, last);
            Assert.AreEqual("change " + i, last.Text);
        }
    }

    [DataRow(CoapType.Con)]
    [DataRow(CoapType.Non)]
    [TestMethod]
    public static void TD_COAP_OBS_02_non_confirmable_notifications(int type)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = bench.Ask(new CoapDatagram(type, CoapCode.Get, 7, PlugtestBench.Token).Path("obs-non").Observe(0), "2.05");
        int confirmable = 0;
        for (int i = 1; i <= 30; i++)
        {
            CoapReply reply = bench.Next(PlugtestBench.Period + 1);
            PlugtestBench.CheckNotification(last, reply);
            Assert.AreEqual("change " + i, reply.Text);
            if (reply.Type == CoapType.Con)
            {
                // the first, which proves the address, and every tenth after a confirmation
                Assert.AreEqual(1, i % 10);
                Assert.AreEqual(0, bench.Acknowledge(reply).Length);
                confirmable++;
            }
            else
            {
                Assert.AreEqual("NON 2.05", reply.ToString());
            }

            last = reply;
        }

        Assert.AreEqual(3, confirmable);
    }

    [TestMethod]
    public static void TD_COAP_OBS_04_a_client_registers_again_with_a_server_that_was_rebooted()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));

        // the new server knows nothing: silence, until the client registers again with the same token after Max-Age
        Assert.IsTrue(last.UInt(CoapOption.MaxAge) >= 60);
        bench = PlugtestBench.Create();
        Assert.AreEqual(0, bench.Advance((last.UInt(CoapOption.MaxAge) + 100) * 1000).Length);
        last = PlugtestBench.Register(bench, "obs");
        for (int i = 0; i < 3; i++)
        {
            last = PlugtestBench.Notification(bench, last);
        }
    }

    [TestMethod]
    public static void TD_COAP_OBS_05_a_client_that_is_off_gets_no_more_notifications_after_the_timeout()
    {
        CoapBench bench = PlugtestBench.Create();
        PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        CoapReply[] tries = bench.Advance(PlugtestBench.Period + 93_001);
        Assert.AreEqual(5, tries.Length);
        for (int i = 0; i < tries.Length; i++)
        {
            Assert.AreEqual("CON 2.05", tries[i].ToString());
            if (i > 0)
            {
                // the same message, or the newest state with a new Observe value in its place
                bool isSame = tries[i].MessageId == tries[i - 1].MessageId;
                Assert.AreEqual(isSame, tries[i].Bytes.SequenceEqual(tries[i - 1].Bytes));
                Assert.IsTrue(isSame || PlugtestBench.IsFresher(tries[i - 1], tries[i]));
            }
        }

        Assert.AreNotEqual(tries[0].Text, tries[4].Text);
        Assert.IsTrue(tries[4].AtMs - tries[0].AtMs <= 45_000);
        Assert.AreEqual(0, bench.Server.Observers);
        Assert.AreEqual(0, bench.Advance(600_000).Length);
    }

    [TestMethod]
    public static void TD_COAP_OBS_06_a_Reset_ends_the_observation()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        last = PlugtestBench.Notification(bench, last, acknowledge: false);
        Assert.AreEqual(0, bench.Reset(last).Length);
        Assert.AreEqual(0, bench.Server.Observers);
        Assert.AreEqual(0, bench.Advance(600_000).Length);
    }

    [TestMethod]
    public static void TD_COAP_OBS_07_DELETE_ends_observations_with_4_04()
    {
        CoapBench bench = PlugtestBench.Create();
        PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        CoapReply[] replies = bench.Send(bench.Con(CoapCode.Delete, "obs"), Other);
        CheckEnd(bench, replies, "4.04", "ACK 2.02");
    }

    [TestMethod]
    public static void TD_COAP_OBS_08_another_format_ends_observations_with_4_06()
    {
        CoapBench bench = PlugtestBench.Create();
        PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        CoapReply[] replies = bench.Send(bench.Con(CoapCode.Put, "obs").Payload("{}", CoapFormat.Json), Other);
        CheckEnd(bench, replies, "4.06", "ACK 2.04");
    }

    [TestMethod]
    public static void TD_COAP_OBS_09_a_PUT_is_told_to_observers()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        bench.Pass(1000);
        CoapReply[] replies = bench.Send(bench.Con(CoapCode.Put, "obs").Payload("from a client"), Other);
        Assert.AreEqual("ACK 2.04", replies[0].ToString());
        Assert.AreEqual(2, replies.Length);
        Assert.AreEqual("CON 2.05", replies[1].ToString());
        PlugtestBench.CheckNotification(last, replies[1]);
        Assert.AreEqual("from a client", replies[1].Text);
        Assert.AreEqual(CoapBench.NameOf(CoapBench.Client), replies[1].To);
        bench.Acknowledge(replies[1]);
        PlugtestBench.Notification(bench, replies[1]);
    }

    [TestMethod]
    public static void TD_COAP_OBS_10_a_GET_without_Observe_cancels_nothing()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        CoapReply plain = bench.Ask(bench.Con(CoapCode.Get, "obs"), "2.05");
        Assert.IsFalse(plain.Has(CoapOption.Observe));
        Assert.AreEqual(last.UInt(CoapOption.ContentFormat), plain.UInt(CoapOption.ContentFormat));
        PlugtestBench.Notification(bench, PlugtestBench.Notification(bench, last));
    }

    [TestMethod]
    public static void TD_COAP_OBS_11_over_a_lossy_link_one_notification_is_outstanding_at_a_time()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Register(bench, "obs");
        Random random = new(CoapBench.Seed);
        CoapReply? outstanding = null;
        int lost = 0;
        int repeats = 0;
        for (int i = 0; i < 200; i++)
        {
            CoapReply reply = bench.Next(16 * 3000);
            Assert.AreEqual("CON 2.05", reply.ToString());
            if (outstanding != null)
            {
                // nothing between two tries but the wait: 2 s at the least
                Assert.IsTrue(reply.AtMs - outstanding.AtMs >= 2000, "a second notification while one is outstanding");
                repeats++;
            }

            Assert.IsTrue(reply.MessageId == last.MessageId || PlugtestBench.IsFresher(last, reply));
            last = reply;

            // at most three losses in a row: the observation must live
            bool isLost = lost < 3 && random.Next(2) == 0;
            lost = isLost ? lost + 1 : 0;
            outstanding = isLost ? reply : null;
            if (!isLost)
            {
                foreach (CoapReply next in bench.Acknowledge(reply))
                {
                    // what changed meanwhile comes at once
                    Assert.IsTrue(PlugtestBench.IsFresher(last, next));
                    last = next;
                    bench.Acknowledge(next);
                }
            }
        }

        Assert.IsTrue(repeats > 50);
        Assert.AreEqual(1, bench.Server.Observers);
    }

    [TestMethod]
    public static void TD_COAP_OBS_12_a_GET_with_Observe_1_cancels()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Notification(bench, PlugtestBench.Register(bench, "obs"));
        CoapReply reply = bench.Ask(new CoapDatagram(CoapType.Con, CoapCode.Get, 8, PlugtestBench.Token).Path("obs").Observe(1), "2.05");
        Assert.IsFalse(reply.Has(CoapOption.Observe));
        Assert.AreEqual(last.UInt(CoapOption.ContentFormat), reply.UInt(CoapOption.ContentFormat));
        Assert.AreEqual(0, bench.Advance(600_000).Length);
    }

    [DataRow(-1)]
    [DataRow(2)]
    [TestMethod]
    public static void TD_COAP_OBS_13_notifications_of_a_large_resource(int szx)
    {
        CoapBench bench = PlugtestBench.Create();
        CoapDatagram registration = new CoapDatagram(CoapType.Con, CoapCode.Get, 7, PlugtestBench.Token).Path("obs-large").Observe(0);
        CoapReply last = bench.Ask(szx < 0 ? registration : registration.Block2(0, szx), "2.05");
        for (int i = 1; i <= 3; i++)
        {
            last = PlugtestBench.Notification(bench, last);
            Assert.AreEqual($"0/1/{(szx < 0 ? 6 : szx)}", last.Block(CoapOption.Block2));

            // the rest of it is asked for with a token of its own and without Observe
            CoapDatagram Further() => bench.Con(CoapCode.Get, "obs-large");
            byte[] body = PlugtestBench.ReadBlocks(bench, Further, szx, first: last).Body;
            Assert.AreEqual($"change {i}\n".Length + (50 * 32), body.Length);
            Assert.StartsWith($"change {i}\nline 0000 ", Encoding.UTF8.GetString(body));
        }
    }

    [TestMethod]
    public static void TD_COAP_OBS_14_notifications_of_a_resource_that_grows_and_shrinks()
    {
        CoapBench bench = PlugtestBench.Create();
        CoapReply last = PlugtestBench.Register(bench, "obs-pumping");
        Assert.IsFalse(last.Has(CoapOption.Block2));
        for (int i = 1; i <= 6; i++)
        {
            last = PlugtestBench.Notification(bench, last);
            if (i % 2 == 0)
            {
                Assert.IsFalse(last.Has(CoapOption.Block2));
                Assert.AreEqual("change " + i, last.Text);
            }
            else
            {
                byte[] body = PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Get, "obs-pumping"), -1, first: last).Body;
                Assert.AreEqual($"change {i}\n".Length + (50 * 32), body.Length);
            }
        }
    }

    // the last notification is Confirmable, without Observe, and repeated until it is acknowledged; then there is silence
    private static void CheckEnd(CoapBench bench, CoapReply[] replies, string code, string answer)
    {
        Assert.AreEqual(2, replies.Length);
        Assert.AreEqual(answer, replies[0].ToString());
        CoapReply end = replies[1];
        Assert.AreEqual("CON " + code, end.ToString());
        CollectionAssert.AreEqual(PlugtestBench.Token, end.Token);
        Assert.IsFalse(end.Has(CoapOption.Observe));
        CoapReply again = bench.Next(3000);
        CollectionAssert.AreEqual(end.Bytes, again.Bytes);
        Assert.AreEqual(0, bench.Acknowledge(again).Length);
        Assert.AreEqual(0, bench.Advance(600_000).Length);
        Assert.AreEqual(0, bench.Server.Observers);
    }
}
