// Registration with a resource directory (RFC 9176), message by message.

using System.Text;
using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientDirectoryTest
{
    private const string Links = "</sensors/temperature>;rt=\"temperature\";ct=0;obs,</actuators/led>;ct=0";

    // 4.3, 5, 5.3.1, 5.3.2
    [TestMethod]
    public static void Registers_updates_in_time_and_deletes()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        Assert.AreEqual((int)CoapDirectoryState.Off, (int)directory.State);
        directory.Start(bench.Now);
        bench.Poll();
        CoapTestMessage discovery = bench.Take();
        Assert.AreEqual(".well-known/core rt=core.rd*", discovery.Path + " " + discovery.Query);
        Assert.AreEqual(CoapFormat.Link, discovery.UInt(CoapOption.Accept));
        bench.Piggyback(discovery, CoapCode.Content, "</rd-lookup/ep>;rt=\"core.rd-lookup-ep\";ct=40,</some/rd>;ct=40;rt=\"x core.rd\"");
        CoapTestMessage register = bench.Take();
        Assert.AreEqual(CoapCode.Post, register.Code);
        Assert.AreEqual("some/rd ep=kitchen&lt=3600&d=house", register.Path + " " + register.Query);
        Assert.AreEqual(CoapFormat.Link, register.UInt(CoapOption.ContentFormat));
        Assert.AreEqual(Links, Encoding.UTF8.GetString(register.Payload));
        bench.Piggyback(register, CoapCode.Created, "", CoapTestOption.Text(CoapOption.LocationPath, "rd"), CoapTestOption.Text(CoapOption.LocationPath, "4521"));
        Assert.AreEqual((int)CoapDirectoryState.Registered, (int)directory.State);
        for (int i = 0; i < 3; i++)
        {
            long wait = bench.PassToDeadline();
            Assert.IsTrue(wait > 2_475_000 && wait <= 2_700_000, $"{wait}: 3/4 of the lifetime, or up to 1/16 earlier");
            CoapTestMessage update = bench.Take();
            Assert.AreEqual($"{CoapCode.Post} rd/4521  0", $"{update.Code} {update.Path} {update.Query} {update.Payload.Length}");
            bench.Piggyback(update, CoapCode.Changed, "");
        }

        Assert.AreEqual(3, directory.Updates);
        directory.Delete(bench.Now);
        bench.Poll();
        CoapTestMessage delete = bench.Take();
        Assert.AreEqual($"{CoapCode.Delete} rd/4521", $"{delete.Code} {delete.Path}");
        Assert.AreEqual((int)CoapDirectoryState.Deleting, (int)directory.State);
        bench.Piggyback(delete, CoapCode.Deleted, "");
        Assert.AreEqual((int)CoapDirectoryState.Off, (int)directory.State);
        Assert.AreEqual(0, directory.LocationLength);
        bench.Pass(10_000_000);
        bench.NothingSent();

        // and again; the place is known
        directory.Start(bench.Now);
        bench.Poll();
        Assert.AreEqual("some/rd", bench.Take().Path);
    }

    // 4: without discovery
    [DataRow(CoapCode.NotFound, "")]
    [DataRow(CoapCode.Content, "")]
    [DataRow(CoapCode.Content, "</lookup>;rt=\"core.rd-lookup-res\"")]
    [DataRow(CoapCode.Content, "</lookup>;title=\"rt=core.rd\"")]
    [DataRow(CoapCode.Content, "<coap://other/rd>;rt=core.rd")]
    public static void Falls_back_to_the_place_that_directories_have_by_convention(int code, string links)
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), code, links);
        Assert.AreEqual("rd", bench.Take().Path);
    }

    [DataRow("</rd>;rt=core.rd", "rd")]
    [DataRow("</a,b>;rt=\"core.rd\"", "a,b")]
    [DataRow("</no>;title=\"\\\",</no>;rt=core.rd\",</yes>;rt=core.rd;ct=40", "yes")]
    [DataRow("</x>;rt=\"core.rd-lookup-ep core.rd\"", "x")]
    public static void Finds_the_link_of_the_directory(string links, string expected)
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), CoapCode.Content, links);
        Assert.AreEqual(expected, bench.Take().Path);
    }

    [TestMethod]
    public static void Any_answer_to_the_discovery_is_survived()
    {
        byte[] alphabet = "<>/,;=\"\\ %?abrtcoe.d\0\xFF"u8.ToArray();
        Random random = new(5);
        for (int i = 0; i < 3000; i++)
        {
            ClientBench bench = Bench(out CoapDirectoryClient directory);
            directory.Start(bench.Now);
            bench.Poll();
            byte[] text = new byte[random.Next(1, 80)];
            for (int j = 0; j < text.Length; j++)
            {
                text[j] = alphabet[random.Next(alphabet.Length)];
            }

            string links = "</x>;rt=core.rd".Substring(random.Next(15)) + Encoding.Latin1.GetString(text);
            bench.Piggyback(bench.Take(), CoapCode.Content, links);
            Assert.AreEqual(CoapCode.Post, bench.Take().Code);
        }
    }

    // 5.3.1: a directory that has lost the registration
    [TestMethod]
    public static void An_update_that_is_answered_404_registers_anew()
    {
        ClientBench bench = Registered(out CoapDirectoryClient directory);
        bench.PassToDeadline();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        CoapTestMessage register = bench.Take();
        Assert.AreEqual("rd", register.Path);
        bench.Piggyback(register, CoapCode.Created, "", CoapTestOption.Text(CoapOption.LocationPath, "new"));
        Assert.AreEqual(2, directory.Registrations);
        bench.PassToDeadline();
        Assert.AreEqual("new", bench.Take().Path);
    }

    [TestMethod]
    public static void What_the_directory_has_lost_is_not_deleted()
    {
        ClientBench bench = Registered(out CoapDirectoryClient directory);
        bench.PassToDeadline();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        bench.Empty(CoapType.Rst, bench.Take());
        Assert.AreEqual((int)CoapDirectoryState.Waiting, (int)directory.State);
        directory.Delete(bench.Now);
        bench.Poll();
        bench.NothingSent();
        Assert.AreEqual((int)CoapDirectoryState.Off, (int)directory.State);
    }

    [TestMethod]
    public static void Failures_are_repeated_with_growing_waits_and_503_is_obeyed()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        directory.Start(bench.Now);
        bench.Poll();
        long longest = 5000;
        for (int i = 0; i < 12; i++)
        {
            // reset: nobody there
            bench.Empty(CoapType.Rst, bench.Take());
            Assert.AreEqual((int)CoapDirectoryState.Waiting, (int)directory.State);
            Assert.AreEqual((int)CoapClientError.Reset, (int)directory.LastError);
            long wait = bench.PassToDeadline();
            Assert.IsTrue(wait >= longest / 2 && wait <= longest, $"{i}: {wait}");
            longest = Math.Min(600_000, longest * 2);
        }

        bench.Piggyback(bench.Take(), CoapCode.ServiceUnavailable, "", CoapTestOption.UInt(CoapOption.MaxAge, 2000));
        Assert.AreEqual(2_000_000L, bench.PassToDeadline());
        bench.Piggyback(bench.Take(), CoapCode.Content, "</rd>;rt=core.rd");
        bench.Piggyback(bench.Take(), CoapCode.MethodNotAllowed, "");
        Assert.AreEqual(CoapCode.MethodNotAllowed, directory.LastCode);
        bench.PassToDeadline();
        Assert.AreEqual(".well-known/core", bench.Take().Path);
    }

    // an update that is lost is tried again while the registration lasts, then it is a registration
    [TestMethod]
    public static void A_silent_directory_is_updated_until_the_lifetime_ends_then_registered_with()
    {
        ClientBench bench = Registered(out CoapDirectoryClient directory);
        long registered = bench.Now;
        bench.PassToDeadline();
        List<string> paths = [];
        while (bench.Now - registered < 5_000_000)
        {
            CoapTestMessage sent = bench.Take();
            string path = sent.Path;
            Assert.AreEqual(bench.Now - registered < 3_600_000 ? "rd/1" : "rd", path);
            paths.Add(path);
            bench.Empty(CoapType.Rst, sent);
            bench.PassToDeadline();
        }

        Assert.IsTrue(paths.Contains("rd/1") && paths.Contains("rd"));
    }

    [TestMethod]
    public static void Deleting_waits_for_the_answer_of_a_registration_under_way()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        CoapTestMessage register = bench.Take();
        directory.Delete(bench.Now);
        bench.Poll();
        bench.NothingSent();
        bench.Piggyback(register, CoapCode.Created, "", CoapTestOption.Text(CoapOption.LocationPath, "x"));
        Assert.AreEqual(CoapCode.Delete, bench.Take().Code);
        bench.Pass(100_000);
        Assert.AreEqual((int)CoapDirectoryState.Off, (int)directory.State);
        Assert.AreEqual((int)CoapClientError.Timeout, (int)directory.LastError);
    }

    [DataRow(0)] // Off
    [DataRow(1)] // Waiting
    [DataRow(2)] // Discovering
    [DataRow(3)] // Registering, which fails
    public static void Deleting_what_is_not_registered_is_done_at_once(int stage)
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        if (stage > 0)
        {
            directory.Start(bench.Now);
        }

        if (stage > 1)
        {
            bench.Poll();
        }

        if (stage > 2)
        {
            bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        }

        directory.Delete(bench.Now);
        if (stage > 2)
        {
            bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        }

        Assert.AreEqual((int)CoapDirectoryState.Off, (int)directory.State);
        Assert.AreEqual(0, bench.Client.Busy);
        Assert.AreEqual(long.MaxValue, directory.NextDeadlineMs);
    }

    [TestMethod]
    public static void Deleting_gives_an_update_under_way_up()
    {
        ClientBench bench = Registered(out CoapDirectoryClient directory);
        bench.PassToDeadline();
        CoapTestMessage update = bench.Take();
        Assert.AreEqual(CoapCode.Post, update.Code);
        directory.Delete(bench.Now);
        bench.Poll();
        Assert.AreEqual(CoapCode.Delete, bench.Take().Code);
        bench.Piggyback(update, CoapCode.Changed, "");
        Assert.AreEqual((int)CoapDirectoryState.Deleting, (int)directory.State);
    }

    [TestMethod]
    public static void New_links_are_registered_at_once()
    {
        ClientBench bench = Registered(out CoapDirectoryClient directory);
        directory.Renew(bench.Now);
        bench.Poll();
        CoapTestMessage register = bench.Take();
        Assert.AreEqual("rd", register.Path);
        bench.Piggyback(register, CoapCode.Changed, "", CoapTestOption.Text(CoapOption.LocationPath, "rd"), CoapTestOption.Text(CoapOption.LocationPath, "1"));
        Assert.AreEqual((int)CoapDirectoryState.Registered, (int)directory.State);
        bench.Pass(60_000);
        bench.NothingSent();
    }

    // 5, RFC 7959: many links
    [TestMethod]
    public static void Links_that_do_not_fit_in_a_message_are_registered_in_blocks()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory, maxMessage: 128, links: 5);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        MemoryStream links = new();
        CoapTestMessage message;
        int number = 0;
        do
        {
            message = bench.Take();
            Assert.AreEqual("rd ep=kitchen&lt=3600&d=house", message.Path + " " + message.Query);
            links.Write(message.Payload);
            bool hasMore = (message.UInt(CoapOption.Block1) & 8) != 0;
            bench.Piggyback(message, hasMore ? CoapCode.Continue : CoapCode.Created, "", CoapTestOption.Block(CoapOption.Block1, number++, hasMore, message.UInt(CoapOption.Block1) & 7), CoapTestOption.Text(CoapOption.LocationPath, "x"));
        }
        while (directory.State == CoapDirectoryState.Registering);
        Assert.IsTrue(number > 1);
        Assert.AreEqual(string.Join(",", Enumerable.Repeat(Links, 5)), Encoding.UTF8.GetString(links.ToArray()));
        Assert.AreEqual((int)CoapDirectoryState.Registered, (int)directory.State);
    }

    [TestMethod]
    public static void A_location_that_is_too_long_is_a_failure()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        bench.Piggyback(bench.Take(), CoapCode.Created, "", CoapTestOption.Text(CoapOption.LocationPath, new string('x', 64)));
        Assert.AreEqual((int)CoapDirectoryState.Waiting, (int)directory.State);
        Assert.AreEqual(0, directory.LocationLength);
    }

    [TestMethod]
    public static void A_client_without_room_is_tried_again()
    {
        ClientBench bench = Bench(out CoapDirectoryClient directory, requests: 1);
        int handle = bench.Begin(bench.Request(CoapCode.Get, "x"));
        bench.Take();
        directory.Start(bench.Now);
        bench.Poll();
        Assert.AreEqual((int)CoapClientError.Full, (int)directory.LastError);
        bench.Client.Cancel(handle, bench.Now);
        bench.Pass(5000);
        Assert.AreEqual(".well-known/core", bench.Take().Path);
    }

    [TestMethod]
    public static void Settings_that_cannot_work_are_refused_at_start_up()
    {
        CoapEndpoint endpoint = new(new CoapParameters(), new Random(1), 1152, 1, 1152, 1, 1);
        CoapClient client = new(endpoint, 1);
        CoapServer server = Server(endpoint);
        foreach (CoapDirectoryOptions options in new CoapDirectoryOptions[]
        {
            new(), new() { EndpointName = new string('x', 64) }, new() { EndpointName = "x", LifetimeSeconds = 59 }, new() { EndpointName = "x", LifetimeSeconds = 86401 },
            new() { EndpointName = "x", LocationBytes = 0 }, new() { EndpointName = "x", RetryMs = 0 },
        })
        {
            Assert.ThrowsException(typeof(ArgumentException), () => _ = new CoapDirectoryClient(client, server, new Random(1), options));
        }
    }

    private static ClientBench Bench(out CoapDirectoryClient directory, int requests = 3, int maxMessage = 1152, int links = 1)
    {
        ClientBench bench = new(requests: requests, maxMessage: maxMessage);
        CoapDirectoryOptions options = new() { EndpointName = "kitchen", Sector = "house" };
        options.Directory.Set(bench.Server);
        directory = new CoapDirectoryClient(bench.Client, Server(bench.Endpoint, links), new Random(3), options);
        bench.Directory = directory;
        return bench;
    }

    private static ClientBench Registered(out CoapDirectoryClient directory)
    {
        ClientBench bench = Bench(out directory);
        directory.Start(bench.Now);
        bench.Poll();
        bench.Piggyback(bench.Take(), CoapCode.NotFound, "");
        bench.Piggyback(bench.Take(), CoapCode.Created, "", CoapTestOption.Text(CoapOption.LocationPath, "rd"), CoapTestOption.Text(CoapOption.LocationPath, "1"));
        Assert.AreEqual((int)CoapDirectoryState.Registered, (int)directory.State);
        return bench;
    }

    private static CoapServer Server(CoapEndpoint endpoint, int links = 1)
        => new(endpoint, Enumerable.Range(0, links).SelectMany(_ => new[] { new Listed("sensors/temperature", true), new Listed("actuators/led", false) }).ToArray(), new CoapServerOptions { EchoKey = new byte[16] });

    private sealed class Listed : CoapResource
    {
        internal Listed(string path, bool isSensor)
            : base(path)
        {
            Formats = [CoapFormat.Text];
            IsObservable = isSensor;
            ResourceType = isSensor ? "temperature"u8.ToArray() : null;
        }
    }
}
