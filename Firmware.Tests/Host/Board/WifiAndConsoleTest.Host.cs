// Wi-Fi helper, SNTP and the UART.

using System.Device.Wifi;
using Firmware.Simulator.Board;
using nanoFramework.Networking;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Wi-Fi tests.</summary>
[TestClass]
public static class WifiTests
{
    private static readonly DateTime ServerTime = new(2031, 5, 6, 7, 8, 9, DateTimeKind.Utc);

    [TestMethod]
    public static void Connecting_waits_for_the_link_and_for_a_date_if_asked()
    {
        using Bench bench = new();
        bench.Board.Sntp.Clock = () => ServerTime;
        bool connected = false;
        Task task = bench.Begin(() => connected = WifiNetworkHelper.ConnectDhcp("virtual", "secret", requiresDateTime: true));
        AdvanceUntilDone(bench, task);
        Assert.IsTrue(connected);
        Assert.IsTrue(bench.Board.Wifi.Connected);
        Assert.AreEqual(2031, bench.Board.Time.UtcNow.Year);
        bench.Run(() => Assert.AreEqual((int)NetworkHelperStatus.NetworkIsReady, (int)WifiNetworkHelper.Status));
    }

    [TestMethod]
    public static void An_unreachable_time_server_leaves_the_clock_in_1970()
    {
        using Bench bench = new();
        bench.Board.Sntp.Clock = () => ServerTime;
        bench.Board.Sntp.Reachable = false;
        AdvanceUntilDone(bench, bench.Begin(() => WifiNetworkHelper.ConnectDhcp("virtual", "secret")));
        bench.Time.Advance(1000);
        Assert.AreEqual(1970, bench.Board.Time.UtcNow.Year);
        bench.Board.Sntp.Reachable = true;
        bench.Time.Advance(1000);
        Assert.AreEqual(2031, bench.Board.Time.UtcNow.Year);
    }

    [DataRow("other", "secret", true)]
    [DataRow("virtual", "wrong", true)]
    [DataRow("virtual", "secret", false)]
    [TestMethod]
    public static void Without_a_fitting_access_point_the_token_ends_the_waiting(string ssid, string password, bool accessPointOn)
    {
        using Bench bench = new();
        bench.Board.Wifi.Password = "secret";
        bench.Board.Wifi.AccessPointOn = accessPointOn;
        using CancellationTokenSource source = new();
        bool connected = true;
        Task task = bench.Begin(() => connected = WifiNetworkHelper.ConnectDhcp(ssid, password, token: source.Token));
        for (int i = 0; i < 5; i++)
        {
            Assert.IsTrue(bench.Time.AwaitWaiters(1));
            bench.Time.Advance(200);
        }

        Assert.IsFalse(task.IsCompleted);
        source.Cancel();
        AdvanceUntilDone(bench, task);
        Assert.IsFalse(connected);
        bench.Run(() =>
        {
            Assert.AreEqual((int)NetworkHelperStatus.TokenExpiredWaitingIPAddress, (int)WifiNetworkHelper.Status);
            Assert.IsNull(WifiNetworkHelper.HelperException);
        });
    }

    [TestMethod]
    public static void An_exception_is_kept_and_not_thrown()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            Assert.IsFalse(WifiNetworkHelper.ConnectDhcp("virtual", "secret", wifiAdapterId: 1));
            Assert.IsInstanceOfType(WifiNetworkHelper.HelperException, typeof(IndexOutOfRangeException));
            Assert.AreEqual((int)NetworkHelperStatus.ExceptionOccurred, (int)WifiNetworkHelper.Status);
        });
    }

    [TestMethod]
    public static void A_second_setup_throws_until_reset()
    {
        using Bench bench = new();
        bench.Run(() =>
        {
            WifiNetworkHelper.SetupNetworkHelper("virtual", "secret");
            Assert.ThrowsException(typeof(InvalidOperationException), () => WifiNetworkHelper.SetupNetworkHelper());
            WifiNetworkHelper.Reset();
            Assert.AreEqual((int)NetworkHelperStatus.None, (int)WifiNetworkHelper.Status);
            WifiNetworkHelper.SetupNetworkHelper("virtual", "secret");
        });
    }

    [TestMethod]
    public static void The_ready_event_follows_the_link()
    {
        using Bench bench = new();
        WaitHandle? ready = null;
        bench.Run(() =>
        {
            WifiNetworkHelper.SetupNetworkHelper("virtual", "secret");
            ready = WifiNetworkHelper.NetworkReady;
        });
        Assert.IsFalse(ready!.WaitOne(0));
        bench.Time.Advance(50);
        Assert.IsTrue(ready.WaitOne(5000));
        Assert.IsTrue(Bench.Until(() => bench.Time.WaiterCount == 1));
        bench.Board.Wifi.AccessPointOn = false;
        Assert.IsFalse(ready.WaitOne(0));
        bench.Run(() => Assert.AreEqual((int)NetworkHelperStatus.Reconnecting, (int)WifiNetworkHelper.Status));
        bench.Board.Wifi.AccessPointOn = true;
        bench.Time.Advance(50);
        Assert.IsTrue(ready.WaitOne(5000));
    }

    [DataRow(true)]
    [DataRow(false)]
    [TestMethod]
    public static void A_lost_link_comes_back_by_itself_only_with_automatic_reconnection(bool automatic)
    {
        using Bench bench = new();
        WifiReconnectionKind kind = automatic ? WifiReconnectionKind.Automatic : WifiReconnectionKind.Manual;
        AdvanceUntilDone(bench, bench.Begin(() => WifiNetworkHelper.ConnectDhcp("virtual", "secret", kind)));
        int changes = 0;
        bench.Board.Wifi.Changed += (_, _) => changes++;
        bench.Board.Wifi.AccessPointOn = false;
        Assert.IsFalse(bench.Board.Wifi.Connected);
        bench.Board.Wifi.AccessPointOn = true;
        bench.Time.Advance(1000);
        Assert.AreEqual(automatic, bench.Board.Wifi.Connected);
        Assert.AreEqual(automatic ? 2 : 1, changes);
    }

    [TestMethod]
    public static void A_stored_network_is_joined_at_the_next_boot_without_asking()
    {
        using Bench bench = new();
        AdvanceUntilDone(bench, bench.Begin(() => WifiNetworkHelper.ConnectDhcp("virtual", "secret")));
        bench.Board.Reset();
        Assert.IsFalse(bench.Board.Wifi.Connected);
        bool back = false;
        Task task = bench.Begin(() => back = WifiNetworkHelper.Reconnect());
        AdvanceUntilDone(bench, task);
        Assert.IsTrue(back);
        bench.Run(WifiNetworkHelper.Disconnect);
        bench.Time.Advance(1000);
        Assert.IsFalse(bench.Board.Wifi.Connected);
    }

    private static void AdvanceUntilDone(Bench bench, Task task)
    {
        for (int i = 0; i < 500 && !task.IsCompleted; i++)
        {
            bench.Time.Advance(20);
            Thread.Yield();
            task.Wait(2);
        }

        Bench.Await(task);
    }
}

/// <summary>UART tests.</summary>
[TestClass]
public static class BoardConsoleTests
{
    [TestMethod]
    public static void Each_board_prints_on_its_own_uart()
    {
        BoardConsole.Install();
        BoardConsole.Install();
        using Bench one = new("one");
        using Bench two = new("two");
        List<string> lines = [];
        foreach (Bench bench in new[] { one, two })
        {
            bench.Board.ConsoleLine += line =>
            {
                lock (lines)
                {
                    lines.Add($"{bench.Board.Name}: {line}");
                }
            };
        }

        one.Run(() =>
        {
            Console.Write("half a ");
            Console.WriteLine("line");
        });
        two.Run(() => Console.WriteLine("a\r\nb"));
        Assert.IsTrue(Bench.Until(() =>
        {
            lock (lines)
            {
                return lines.Count == 3;
            }
        }));
        lock (lines)
        {
            lines.Sort(StringComparer.Ordinal);
            Assert.AreEqual("one: half a line|two: a|two: b", string.Join('|', lines));
        }
    }

    [TestMethod]
    public static void A_board_without_power_prints_nothing()
    {
        BoardConsole.Install();
        using Bench bench = new();
        int lines = 0;
        bench.Board.ConsoleLine += _ => Interlocked.Increment(ref lines);
        using ManualResetEvent goOn = new(false);
        Thread? zombie = null;
        bench.Run(() =>
        {
            zombie = new Thread(() =>
            {
                goOn.WaitOne();
                Console.WriteLine("from the grave");
            });
            zombie.Start();
        });
        bench.Board.CutPower();
        goOn.Set();
        zombie!.Join();
        Thread.Sleep(20);
        Assert.AreEqual(0, lines);
    }
}
