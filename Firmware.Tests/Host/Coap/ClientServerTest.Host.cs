// The client against our own server, over a network in memory: both block directions, separate responses, observation and Echo, on a good network
// message by message, on a bad one by the outcome.

using System.Globalization;
using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class ClientServerTest
{
    private const int Seeds = 300;

    private static readonly ClientNetworkQuality Good = new();
    private static readonly ClientNetworkQuality Bad = new(LostPercent: 20, DoubledPercent: 20, LongestDelayMs: 700);

    [DataRow(1152, 1152)]
    [DataRow(128, 1152)]
    [DataRow(1152, 128)]
    [DataRow(128, 128)]
    public static void Everything_works_whatever_the_longest_message_of_both_is(int clientMax, int serverMax)
    {
        Things things = new();
        ClientNetwork network = new(1, Good, things.Resources, maxMessage: clientMax, serverMaxMessage: serverMax);
        Assert.AreEqual(Big.TextOf(0), Encoding.UTF8.GetString(Ask(network, CoapCode.Get, "big").Bodies.Single()));
        string upload = ClientBlockTest.Text(900);
        Assert.AreEqual(CoapCode.Changed, Ask(network, CoapCode.Put, "store", upload).Code);
        Assert.AreEqual(upload, Encoding.UTF8.GetString(things.Store.Content));
        Assert.AreEqual(upload, Encoding.UTF8.GetString(Ask(network, CoapCode.Get, "store").Bodies.Single()));
        ClientOutcome shout = Ask(network, CoapCode.Post, "shout", upload);
        Assert.AreEqual(CoapCode.Changed, shout.Code);
        Assert.AreEqual(upload.ToUpperInvariant(), Encoding.UTF8.GetString(shout.Bodies.Single()));
        Assert.AreEqual(1, things.Shout.Runs);
        Assert.AreEqual("slow", Encoding.UTF8.GetString(Ask(network, CoapCode.Get, "slow").Bodies.Single()));
        Assert.AreEqual(CoapCode.NotFound, Ask(network, CoapCode.Get, "nothing").Code);
        Assert.AreEqual(0, network.Client.Busy);
    }

    // RFC 9175: a server that has every change proved
    [TestMethod]
    public static void A_server_that_wants_Echo_gets_it()
    {
        Things things = new();
        ClientNetwork network = new(1, Good, things.Resources, new CoapParameters { ProvesChanges = true });
        Assert.AreEqual(CoapCode.Changed, Ask(network, CoapCode.Put, "store", "short").Code);
        Assert.AreEqual("short", Encoding.UTF8.GetString(things.Store.Content));
        Assert.AreEqual(2, network.Server.Requests);
    }

    [TestMethod]
    public static void An_observation_follows_the_resource_and_ends_on_both_sides()
    {
        Things things = new();
        ClientNetwork network = new(1, Good, things.Resources);
        ClientOutcome outcome = new(network.ServerAddress, CoapCode.Get, "counter");
        outcome.Request.Observe = true;
        int handle = network.Client.Begin(outcome.Request, network.Now);
        network.RunUntil(() => false, 1000);
        Assert.AreEqual(1, network.Server.Observers);
        for (int i = 1; i <= 15; i++)
        {
            things.Counter.Value = i;
            network.RunUntil(() => false, 10_000);
        }

        Assert.AreEqual(string.Join(" ", Enumerable.Range(0, 16)), string.Join(" ", outcome.Bodies.Select(Encoding.UTF8.GetString)));
        network.Client.Cancel(handle, network.Now);
        network.RunUntil(() => false, 1000);
        Assert.AreEqual(0, network.Server.Observers);
        Assert.AreEqual(0, network.Client.Busy);
    }

    // RFC 7959 section 2.6
    [TestMethod]
    public static void A_large_state_is_observed_in_blocks()
    {
        Things things = new();
        ClientNetwork network = new(1, Good, things.Resources, maxMessage: 300);
        ClientOutcome outcome = new(network.ServerAddress, CoapCode.Get, "big");
        outcome.Request.Observe = true;
        network.Client.Begin(outcome.Request, network.Now);
        for (int i = 0; i < 5; i++)
        {
            things.Big.State = i;
            network.RunUntil(() => false, 10_000);
            Assert.AreEqual(Big.TextOf(i), Encoding.UTF8.GetString(outcome.Bodies[^1]));
        }

        Assert.AreEqual(5, outcome.Bodies.Count);
        Assert.AreEqual(1, network.Server.Observers);
    }

    [TestMethod]
    public static void On_a_bad_network_an_answer_is_the_right_one_and_nothing_runs_twice()
    {
        int asked = 0;
        int answered = 0;
        string upload = ClientBlockTest.Text(300);
        for (int seed = 1; seed <= Seeds; seed++)
        {
            Things things = new();
            ClientNetwork network = new(seed, Bad, things.Resources, maxMessage: seed % 2 == 0 ? 1152 : 300);
            for (int round = 0; round < 3; round++)
            {
                things.Big.State = round;
                Count(Ask(network, CoapCode.Get, "big"), CoapCode.Content, Big.TextOf(round));
                Count(Ask(network, CoapCode.Get, "slow"), CoapCode.Content, "slow");
                int runs = things.Shout.Runs;
                ClientOutcome shout = Ask(network, CoapCode.Post, "shout", upload);
                bool isAnswered = Count(shout, CoapCode.Changed, upload.ToUpperInvariant());
                int ran = things.Shout.Runs - runs;
                Assert.IsTrue(ran == 1 || (ran == 0 && !isAnswered), $"seed {seed}: ran {ran} times, answered: {isAnswered}");
                upload = upload[1..] + upload[0];
                if (Count(Ask(network, CoapCode.Put, "store", upload), CoapCode.Changed, ""))
                {
                    Assert.AreEqual(upload, Encoding.UTF8.GetString(things.Store.Content), $"seed {seed}");
                }
            }

            Assert.AreEqual(0, network.Client.Busy, $"seed {seed}");

            bool Count(ClientOutcome outcome, int code, string body)
            {
                asked++;
                if (outcome.Error != CoapClientError.None)
                {
                    Assert.IsTrue(outcome.Error is CoapClientError.Timeout or CoapClientError.NoResponse, $"seed {seed}: {outcome.Error}");
                    return false;
                }

                // a place that is still held by a request that was given up
                if (outcome.Code == CoapCode.ServiceUnavailable)
                {
                    return false;
                }

                Assert.AreEqual(code, outcome.Code, $"seed {seed}: {Encoding.UTF8.GetString(outcome.Bodies.Single())}");
                Assert.AreEqual(body, Encoding.UTF8.GetString(outcome.Bodies.Single()), $"seed {seed}");
                answered++;
                return true;
            }
        }

        OutputHelper.WriteLine($"{answered} of {asked} requests were answered");

        // 36 % of the attempts fail, and there are five for each block
        Assert.IsTrue(answered * 100 >= asked * 97, $"{answered} of {asked}");
    }

    // RFC 7641 section 1.3: eventual consistency, and no state after a newer one
    [TestMethod]
    public static void On_a_bad_network_an_observer_ends_with_the_newest_state_and_never_goes_back()
    {
        CoapParameters parameters = new() { NotificationMaxAgeSeconds = 60 };
        int ended = 0;
        for (int seed = 1; seed <= Seeds; seed++)
        {
            Things things = new();
            ClientNetwork network = new(seed, Bad, things.Resources, parameters);
            ClientOutcome outcome = new(network.ServerAddress, CoapCode.Get, seed % 2 == 0 ? "counter" : "big");
            outcome.Request.Observe = true;
            network.Client.Begin(outcome.Request, network.Now);
            Random changes = new(seed);
            for (int i = 1; i <= 40; i++)
            {
                things.Counter.Value = i;
                things.Big.State = i;
                network.RunUntil(() => outcome.IsDone, changes.Next(20_000));
            }

            network.RunUntil(() => outcome.IsDone, 1_000_000);
            if (outcome.IsDone)
            {
                // five losses in a row: the caller begins anew
                Assert.AreEqual((int)CoapClientError.Timeout, (int)outcome.Error, $"seed {seed}");
                ended++;
                continue;
            }

            int last = -1;
            foreach (byte[] body in outcome.Bodies)
            {
                string text = Encoding.UTF8.GetString(body);
                int value = int.Parse(text.Split(':')[0], CultureInfo.InvariantCulture);
                Assert.IsTrue(value >= last, $"seed {seed}: {value} after {last}");
                Assert.AreEqual(seed % 2 == 0 ? $"{value}" : Big.TextOf(value), text, $"seed {seed}");
                last = value;
            }

            Assert.AreEqual(40, last, $"seed {seed}");
        }

        OutputHelper.WriteLine($"{ended} of {Seeds} observations ended");
        Assert.IsTrue(ended * 100 <= Seeds * 5, $"{ended}");
    }

    private static ClientOutcome Ask(ClientNetwork network, int method, string path, string? body = null)
    {
        ClientOutcome outcome = new(network.ServerAddress, method, path);
        if (body != null)
        {
            outcome.Request.Payload = Encoding.UTF8.GetBytes(body);
            outcome.Request.PayloadLength = outcome.Request.Payload.Length;
            outcome.Request.ContentFormat = CoapFormat.Text;
        }

        Assert.IsTrue(network.Client.Begin(outcome.Request, network.Now) >= 0);
        Assert.IsTrue(network.RunUntil(() => outcome.IsDone, 10_000_000), "a request never ends");
        return outcome;
    }

    private sealed class Things
    {
        internal Big Big { get; } = new();

        internal Store Store { get; } = new();

        internal Shout Shout { get; } = new();

        internal Counter Counter { get; } = new();

        internal CoapResource[] Resources => [Big, Store, Shout, Counter, new Slow()];
    }

    /// <summary>700 bytes that depend on a state.</summary>
    private sealed class Big : CoapResource
    {
        internal Big()
            : base("big")
        {
            Formats = [CoapFormat.Text];
            IsObservable = true;
        }

        internal int State { get; set; }

        public override int Version => State;

        internal static string TextOf(int state) => $"{state}:" + string.Concat(Enumerable.Range(state, 350).Select(i => (char)('A' + (i % 26)))) + ClientBlockTest.Text(350);

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            response.Body.Raw(Encoding.UTF8.GetBytes(TextOf(State)));
            return CoapCode.Content;
        }
    }

    /// <summary>Takes a body block by block, and gives it back.</summary>
    private sealed class Store : CoapResource
    {
        private readonly MemoryStream _coming = new();

        internal Store()
            : base("store")
        {
            Formats = [CoapFormat.Text];
            TakesBlocks = true;
            MaxBody = 2048;
        }

        internal byte[] Content { get; private set; } = [];

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            response.Body.Raw(Content);
            return CoapCode.Content;
        }

        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            _coming.SetLength(request.BodyOffset);
            _coming.Position = request.BodyOffset;
            _coming.Write(request.Buffer, request.PayloadOffset, request.PayloadLength);
            Content = request.IsLastBlock ? _coming.ToArray() : Content;
            return CoapCode.Changed;
        }
    }

    /// <summary>Answers with its body in capitals, and counts how often it ran.</summary>
    private sealed class Shout : CoapResource
    {
        private byte[] _answer = [];

        internal Shout()
            : base("shout")
        {
        }

        internal int Runs { get; private set; }

        public override int Change(CoapRequest request, CoapResponse response, long nowMs)
        {
            if (!request.IsContinuation)
            {
                Runs++;
                _answer = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(request.Buffer, request.PayloadOffset, request.PayloadLength).ToUpperInvariant());
            }

            response.Body.Raw(_answer);
            response.ContentFormat = CoapFormat.Text;
            return CoapCode.Changed;
        }
    }

    private sealed class Counter : CoapResource
    {
        internal Counter()
            : base("counter")
        {
            Formats = [CoapFormat.Text];
            IsObservable = true;
        }

        internal int Value { get; set; }

        public override int Version => Value;

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            response.Body.Number(Value);
            return CoapCode.Content;
        }
    }

    /// <summary>Needs three seconds.</summary>
    private sealed class Slow : CoapResource
    {
        internal Slow()
            : base("slow")
        {
            Formats = [CoapFormat.Text];
        }

        public override int Represent(CoapRequest request, int format, CoapResponse response, long nowMs)
        {
            if (!request.WasDeferred)
            {
                response.RetryAtMs = nowMs + 3000;
                return CoapCode.Empty;
            }

            response.Body.Raw("slow"u8.ToArray());
            return CoapCode.Content;
        }
    }
}
