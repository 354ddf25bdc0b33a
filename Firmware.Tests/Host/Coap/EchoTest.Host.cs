// Echo (RFC 9175 section 2): who returns a value proves his address and the freshness of his request.

using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class EchoTest
{
    private static readonly DatagramAddress Other = CoapBench.Address(2);

    [TestMethod]
    public static void With_a_value_that_was_returned_blocks_are_as_large_as_they_can_be()
    {
        CoapBench bench = Create();
        CoapReply first = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05");
        Assert.AreEqual("0/1/2", first.Block(CoapOption.Block2));
        CoapReply proved = bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, first.Value(CoapOption.Echo)), "2.05");
        Assert.AreEqual("0/1/6", proved.Block(CoapOption.Block2));
        Assert.IsFalse(proved.Has(CoapOption.Echo));

        // the address counts as proved for a while, without the option
        Assert.AreEqual("0/1/6", bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Block(CoapOption.Block2));
        Assert.AreEqual("0/1/2", bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", Other).Block(CoapOption.Block2));
        bench.Pass(bench.Parameters.EchoLifetimeMs + 1000);
        Assert.AreEqual("0/1/2", bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Block(CoapOption.Block2));
    }

    // a value of someone else, changed, cut, too old, from the future, empty: ignored like none
    [DataRow("other")]
    [DataRow("changed first")]
    [DataRow("changed last")]
    [DataRow("short")]
    [DataRow("long")]
    [DataRow("old")]
    [DataRow("zero")]
    [TestMethod]
    public static void Any_other_value_proves_nothing(string how)
    {
        CoapBench bench = Create();
        byte[] echo = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", how == "other" ? Other : null).Value(CoapOption.Echo);
        if (how == "old")
        {
            bench.Pass(bench.Parameters.EchoLifetimeMs + 1000);
        }

        byte[] wrong = how switch
        {
            "changed first" => [(byte)(echo[0] ^ 1), .. echo[1..]],
            "changed last" => [.. echo[..^1], (byte)(echo[^1] ^ 1)],
            "short" => echo[..^1],
            "long" => [.. echo, 0],
            "zero" => new byte[12],
            _ => echo,
        };
        Assert.AreEqual("0/1/2", bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, wrong), "2.05").Block(CoapOption.Block2));
    }

    [TestMethod]
    public static void No_single_changed_bit_is_accepted()
    {
        CoapBench bench = Create();
        byte[] echo = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.Echo);
        for (int bit = 0; bit < echo.Length * 8; bit++)
        {
            byte[] wrong = [.. echo];
            wrong[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.AreEqual("0/1/2", bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, wrong), "2.05").Block(CoapOption.Block2));
        }
    }

    [TestMethod]
    public static void The_same_port_at_another_address_and_another_port_at_the_same_are_others()
    {
        CoapBench bench = Create();
        byte[] echo = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05").Value(CoapOption.Echo);
        DatagramAddress port = new();
        port.Set(CoapBench.Client);
        port.Port++;
        foreach (DatagramAddress other in new[] { Other, port })
        {
            Assert.AreEqual("0/1/2", bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, echo), "2.05", other).Block(CoapOption.Block2));
        }
    }

    // section 2.3: if so configured, nothing is changed for an address that is not proved
    [TestMethod]
    public static void Changes_may_ask_for_a_proof_first()
    {
        BenchOptions options = new();
        options.Parameters.ProvesChanges = true;
        TestResource resource = new("r");
        CoapBench bench = new([resource], options);
        CoapReply refused = bench.Ask(bench.Con(CoapCode.Put, "r").Payload("x"), "4.01");
        Assert.AreEqual(0, resource.Changes);
        bench.Ask(bench.Con(CoapCode.Put, "r").Option(CoapOption.Echo, refused.Value(CoapOption.Echo)).Payload("x"), "2.04");
        Assert.AreEqual(1, resource.Changes);
        bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", Other);

        // the address is proved, but that is no proof that the next request is new: its datagram may be forged, or be one that was recorded
        bench.Ask(bench.Con(CoapCode.Put, "r").Payload("y"), "4.01");
        byte[] echo = bench.Ask(bench.Con(CoapCode.Put, "r").Payload("y"), "4.01").Value(CoapOption.Echo);
        bench.Pass(61_000);
        bench.Ask(bench.Con(CoapCode.Put, "r").Option(CoapOption.Echo, echo).Payload("y"), "4.01");
        Assert.AreEqual(1, resource.Changes);
    }

    // section 2.3: libcoap's client returns the value with the first block of a body only
    [TestMethod]
    public static void The_later_blocks_of_a_body_need_only_the_proved_address()
    {
        BenchOptions options = new();
        options.Parameters.ProvesChanges = true;
        TestResource resource = new("r");
        CoapBench bench = new([resource], options);
        byte[] block = new byte[16];
        byte[] echo = bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Payload(block), "4.01").Value(CoapOption.Echo);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(0, true, 0).Option(CoapOption.Echo, echo).Payload(block), "2.31");
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, true, 0).Payload(block), "4.01", Other);
        bench.Ask(bench.Con(CoapCode.Put, "r").Block1(1, false, 0).Payload(block), "2.04");
        Assert.AreEqual(1, resource.Changes);
    }

    // the newest proofs are remembered: the table is small, and who is forgotten only proves himself again
    [TestMethod]
    public static void The_table_of_proved_addresses_keeps_the_newest()
    {
        CoapBench bench = Create();
        for (int i = 0; i < 20; i++)
        {
            DatagramAddress peer = CoapBench.Address(10 + i);
            byte[] echo = bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", peer).Value(CoapOption.Echo);
            bench.Ask(bench.Con(CoapCode.Get, "r").Option(CoapOption.Echo, echo), "2.05", peer);
            bench.Pass(10);
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.AreEqual(i < 12 ? "0/1/2" : "0/1/6", bench.Ask(bench.Con(CoapCode.Get, "r"), "2.05", CoapBench.Address(10 + i)).Block(CoapOption.Block2));
        }
    }

    // a change that was done is never answered as if it had not been
    [TestMethod]
    public static void A_long_answer_to_a_change_is_cut_down_not_replaced_by_4_01()
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        TestResource resource = new("r") { Answer = new byte[500] };
        CoapBench bench = new([resource], options);
        CoapReply reply = bench.Ask(bench.Con(CoapCode.Post, "r"), "2.04");
        Assert.IsTrue(reply.Bytes.Length <= 136);
        Assert.AreEqual(1, resource.Changes);
        Assert.AreEqual(500, PlugtestBench.ReadBlocks(bench, () => bench.Con(CoapCode.Post, "r"), -1, "2.04", reply).Body.Length);
        Assert.AreEqual(1, resource.Changes);
    }

    private static CoapBench Create()
    {
        BenchOptions options = new();
        options.Parameters.AmplificationFactor = 3;
        return new CoapBench([new TestResource("r") { Content = new byte[3000] }], options);
    }
}
