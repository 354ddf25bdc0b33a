// A board that only publishes, over HTTPS: what each status of the door does to its messages.

using Firmware.Simulator;
using Firmware.Simulator.Aws;
using Firmware.Tests.Host.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
public static class HttpsPublishTest
{
    private const string Telemetry = NetworkBoard.Thing + "/telemetry";

    [TestMethod]
    [DataRow("")]
    [DataRow("x-amzn-http-ca")]
    public static void Readings_and_status_arrive_through_either_port_without_a_connection_to_the_broker(string alpn)
    {
        using var bench = StandInBench.Start();
        using NetworkBoard board = MakeBoard(bench, alpn).Start();
        board.Console.Await("online: publishes only, over HTTPS");
        Assert.AreEqual("online", Text(bench, NetworkBoard.Thing + "/status"));
        Assert.Contains("\"temperature\":21.5", Text(bench, Telemetry));
        Assert.AreEqual(0, bench.Count<ClientConnected>());
    }

    // What is kept comes once the door is well again, after the backoff; what is dropped never does, and what follows it is not held up.
    [TestMethod]
    [DataRow(500, true, "answers 500: the message is kept and sent again later")]
    [DataRow(429, true, "answers 429: the message is kept and sent again later")]
    [DataRow(403, true, "does not let this device publish (403): check the policy of its certificate; the message is kept")]
    [DataRow(413, false, "takes a message over HTTPS never (413): it is dropped")]
    [DataRow(400, false, "takes a message over HTTPS never (400): it is dropped")]
    public static void Status_decides_whether_a_message_is_kept(int status, bool isKept, string message)
    {
        using var bench = StandInBench.Start();
        int refused = 0;
        bench.Options.HttpStatusOverride = request => request.Topic.EndsWith("/status", StringComparison.Ordinal) && Interlocked.Increment(ref refused) == 1 ? status : null;
        using NetworkBoard board = MakeBoard(bench).Start();
        board.Console.Await(message);
        Assert.Contains("\"temperature\":21.5", Text(bench, Telemetry));
        if (isKept)
        {
            Assert.AreEqual("online", Text(bench, NetworkBoard.Thing + "/status"));
        }
        else
        {
            Assert.AreEqual(1, refused);
        }
    }

    private static string Text(StandInBench bench, string topic) => bench.Wait<MessagePublished>(m => m.Topic == topic).Preview!;

    private static NetworkBoard MakeBoard(StandInBench bench, string alpn = "")
    {
        CertificateFiles device = StandInBench.Certificates.EnsureDevice(NetworkBoard.Thing);
        int port = alpn.Length == 0 ? bench.StandIn.HttpsPort : bench.StandIn.AlpnPort;
        NetworkBoard board = new(port, device.CertificatePath, device.KeyPath, StandInBench.Certificates.CaPath, alpn);
        BoardProvisioner.SetHttps(board.Board.StorageFolder, publishesOnly: true);
        return board;
    }
}
