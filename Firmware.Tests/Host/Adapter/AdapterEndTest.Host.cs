// How connections of MqttClientAdapter end, and that nothing of them stays behind.

using System.Diagnostics;
using Firmware.Connectivity;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt.Messages;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Adapter;

/// <summary>How connections end.</summary>
[TestClass]
[Firmware.Simulator.TestFramework.RunsAlone]
public static class AdapterEndTest
{
    [TestMethod]
    public static void A_lost_connection_is_told_once_and_the_same_object_connects_again()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.Drop();
        bench.WaitFor("closed");
        Assert.IsFalse(bench.Client.IsConnected);
        Assert.AreEqual((int)MqttError.LinkFailed, (int)bench.Adapter.Error);
        bench.Adapter.Disconnect();
        bench.Adapter.Close();
        Assert.AreEqual((int)MqttReasonCode.Success, (int)bench.Connect());
        bench.Broker.Send("a", "again");
        bench.WaitFor("received a again 0");
        Assert.AreEqual(1, bench.Count("closed"));
        Assert.AreEqual(1, bench.Broker.Closed);
    }

    [TestMethod]
    public static void An_unconfirmed_publish_is_sent_again_by_the_next_connect_and_then_confirmed()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.Acknowledges = false;
        ushort id = bench.Publish("a", "kept", MqttQoSLevel.AtLeastOnce);
        bench.Wait(() => bench.Broker.Messages.Length == 1, "PUBLISH");
        bench.Broker.Drop();
        bench.WaitFor("closed");
        Assert.AreEqual(1, bench.Events.Length, "nothing is said of the publish");
        bench.Broker.Acknowledges = true;
        bench.Connect(cleanSession: false);
        bench.WaitFor($"published {id} True");
        Assert.AreEqual(new Heard("a", "kept", 1, false, true, id), bench.Broker.Messages[1]);
    }

    [TestMethod]
    public static void The_handler_of_connection_closed_may_connect_again()
    {
        using AdapterBench bench = AdapterBench.Connected();
        int reconnects = 0;
        bench.Client.ConnectionClosed += (_, _) =>
        {
            if (reconnects < 3)
            {
                reconnects++;
                bench.Connect();
                bench.Broker.Drop();
            }
        };
        bench.Broker.Drop();
        bench.Wait(() => bench.Count("closed") == 4, "four ends");
        Assert.AreEqual(4, bench.Broker.Opened);
        bench.Adapter.Close();
        Assert.AreEqual(4, bench.Count("closed"));
    }

    [TestMethod]
    public static void Disconnect_sends_what_is_queued_then_disconnect()
    {
        using AdapterBench bench = AdapterBench.Connected();
        for (int i = 0; i < 5; i++)
        {
            bench.Publish("a", $"{i}", MqttQoSLevel.AtMostOnce);
        }

        bench.Client.Disconnect();
        Assert.AreEqual(5, bench.Broker.Messages.Length);
        Assert.AreEqual("DISCONNECT", bench.Broker.Packets[^1]);
        Assert.IsFalse(bench.Client.IsConnected);
        Assert.AreEqual((int)MqttError.None, (int)bench.Adapter.Error);
        bench.Client.Close();
        Assert.AreEqual(1, bench.Count("closed"));
        Assert.AreEqual(1, bench.Broker.Closed);
    }

    [TestMethod]
    public static void Close_cuts_without_disconnect_so_that_the_will_is_published()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Client.Close();
        Assert.AreEqual(0, bench.Broker.Count("DISCONNECT"));
        Assert.AreEqual(1, bench.Count("closed"), "told before Close returns");
        Assert.AreEqual((int)MqttError.None, (int)bench.Adapter.Error);
    }

    [TestMethod]
    public static void Close_does_not_depend_on_the_transport_to_notice()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Broker.IgnoresClose = true;
        bench.Broker.TakesBytes = false;
        bench.Publish("a", "stuck", MqttQoSLevel.AtLeastOnce);
        long start = Stopwatch.GetTimestamp();
        bench.Client.Close();
        Assert.IsTrue(Stopwatch.GetElapsedTime(start) < TimeSpan.FromMilliseconds(Limits.StopMs), "at once");
        Assert.AreEqual(1, bench.Count("closed"));
        bench.Broker.TakesBytes = true;
        Assert.AreEqual((int)MqttReasonCode.Success, (int)bench.Connect());
        bench.Wait(() => bench.Broker.Messages.Length == 1, "the publish that was stuck");
    }

    [TestMethod]
    public static void Disconnect_and_close_in_a_handler_work_and_are_told_once()
    {
        using AdapterBench bench = AdapterBench.Connected();
        bench.Client.MqttMsgPublishReceived += (_, _) =>
        {
            bench.Client.Disconnect();
            bench.Client.Close();
        };
        bench.Broker.Send("a", "stop", 1, 1);
        bench.WaitFor("closed");
        Assert.AreEqual("DISCONNECT", bench.Broker.Packets[^1]);
        Assert.AreEqual("received a stop 1|closed", string.Join("|", bench.Events));
    }

    [TestMethod]
    public static void A_silent_broker_is_found_out_by_keepalive()
    {
        using AdapterBench bench = new();
        bench.Adapter.Timeouts.PingrespMs = 100;
        bench.Client.Connect("adapter", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 1);
        bench.Wait(() => bench.Broker.Count("PINGREQ") == 1, "PINGREQ");
        Assert.IsTrue(bench.Client.IsConnected);
        bench.Broker.TakesBytes = false;
        bench.WaitFor("closed");
        Assert.AreEqual((int)MqttError.PingrespTimeout, (int)bench.Adapter.Error);
    }

    [TestMethod]
    public static void A_hundred_connections_leave_no_thread_behind()
    {
        using AdapterBench bench = new();
        List<Thread> workers = [];
        bench.Client.ConnectionClosed += (_, _) => workers.Add(Thread.CurrentThread);
        Cycle(bench, 100);
        Assert.AreEqual(100, workers.Count);
        Assert.AreEqual(100, bench.Broker.Closed);
        bench.Wait(() => !workers.Exists(t => t.IsAlive), "the end of all threads");
        Assert.AreEqual(100, new HashSet<Thread>(workers).Count, "one each");
    }

    [TestMethod]
    public static void A_hundred_connections_leave_the_heap_as_it_was()
    {
        AdapterBroker broker = new();
        MqttClientAdapter adapter = new((_, _) => broker.Open(), new Clock());
        using AutoResetEvent published = new(false);
        adapter.MqttMsgPublished += (_, _) => published.Set();
        Cycle(20);

        // the runtime's own tables grow now and then, by 8 KB; a leak, of 200 B or more for a link and its event, shows in every round
        long grown = long.MaxValue;
        for (int round = 0; round < 5 && grown >= 4000; round++)
        {
            long before = Measure();
            Cycle(100);
            grown = Measure() - before;
        }

        Assert.IsTrue(grown < 4000, $"{grown} B in 100 connections, five times");

        void Cycle(int count)
        {
            for (int i = 0; i < count; i++)
            {
                adapter.Connect("a", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, true, 60);
                adapter.Publish("a", [1, 2, 3], null, null, MqttQoSLevel.AtLeastOnce, false);
                Assert.IsTrue(published.WaitOne(5000), "PUBACK");
                adapter.Disconnect();
                adapter.Close();
                broker.Forget();
            }
        }

        static long Measure()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }

    private static void Cycle(AdapterBench bench, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.AreEqual((int)MqttReasonCode.Success, (int)bench.Connect());
            switch (i % 3)
            {
                case 0:
                    bench.Client.Disconnect();
                    break;
                case 1:
                    bench.Client.Close();
                    break;
                default:
                    bench.Broker.Drop();
                    int ends = i + 1;
                    bench.Wait(() => bench.Count("closed") == ends, "the end");
                    break;
            }
        }
    }
}
