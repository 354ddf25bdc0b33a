// What a board says and does when the way to its broker is not what it must be: one clear line, backoff, nothing on, and never MQTT on a link that is not verified.

using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.EndToEnd;

[TestClass]
public static class TlsBadInputTest
{
    private static readonly TestAuthority Trusted = new("the CA in the ca file");
    private static readonly TestAuthority Unknown = new("a CA that nobody knows");
    private static string s_folder = "";

    [Setup]
    public static void MakeDeviceCertificate()
    {
        s_folder = Directory.CreateTempSubdirectory("tls-bad-input-").FullName;
        using X509Certificate2 device = Trusted.IssueDevice(NetworkBoard.Thing);
        File.WriteAllText(PathOf("ca.pem"), Trusted.Pem);
        Write("device", device);
    }

    [Cleanup]
    public static void RemoveFolder() => Directory.Delete(s_folder, recursive: true);

    [TestMethod]
    public static void Good_server_is_accepted_so_that_the_refusals_below_mean_something()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        using NetworkBoard board = MakeBoard(server.Port).Start();
        Assert.IsTrue(SpinWait.SpinUntil(() => server.ApplicationBytes > 0, ChildProcess.PatienceMs), "no CONNECT came:\n" + board.Console);
    }

    [TestMethod]
    public static void Server_with_an_unknown_ca_is_refused()
    {
        using X509Certificate2 certificate = Unknown.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of localhost comes from an unknown CA (CN=a CA that nobody knows): put the CA of the broker into the \"ca\" file");
    }

    [TestMethod]
    public static void Server_whose_ca_only_has_the_right_name_is_refused()
    {
        using TestAuthority impostor = new("the CA in the ca file");
        using X509Certificate2 certificate = impostor.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of localhost ");
    }

    [TestMethod]
    public static void Server_with_a_certificate_for_another_name_is_refused()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("broker.example");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of the server (CN=broker.example) is not for localhost: check \"endpoint\"");
    }

    [TestMethod]
    [DataRow(-60, -30)]
    [DataRow(30, 60)]
    public static void Server_certificate_out_of_its_time_is_refused(int fromDays, int untilDays)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost", fromDays, untilDays);
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of localhost is expired or not yet valid");
    }

    [TestMethod]
    public static void Date_of_the_board_decides_whether_a_certificate_is_expired()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "is expired or not yet valid", board => board.Board.Sntp.Clock = () => DateTime.UtcNow.AddYears(1));
    }

    [TestMethod]
    public static void Date_before_any_certificate_is_said_as_such()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the date is not set, so no certificate can be checked: the device needs an SNTP server",
            board => board.Board.Sntp.Clock = () => new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.AreEqual(0, server.Connections);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("h2")]
    public static void Server_that_does_not_offer_the_alpn_protocol_is_refused(string offered)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate, offered.Length == 0 ? [] : [offered]);
        RequireRefusal(server, "ALPN", alpn: Mosquitto.Alpn);
    }

    [TestMethod]
    public static void Key_that_does_not_belong_to_the_certificate_is_said_as_such()
    {
        using X509Certificate2 server = Trusted.IssueServer("localhost");
        using X509Certificate2 other = Trusted.IssueDevice("other");
        using HostileServer hostile = HostileServer.Tls(server);
        Write("other", other);
        RequireRefusal(hostile, "certificate, key or CA file cannot be used", key: "other.key");
    }

    [TestMethod]
    [DataRow("device.pem")]
    [DataRow("device.key")]
    public static void File_that_is_no_pem_is_said_as_such(string file)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "certificate, key or CA file cannot be used", board => File.WriteAllText(Path.Combine(board.Board.StorageFolder, file), "not a PEM file"));
    }

    [TestMethod]
    public static void Ca_file_without_a_certificate_trusts_nobody()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "\"ca\" file", board => File.WriteAllText(Path.Combine(board.Board.StorageFolder, "ca.pem"), "empty"));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 400 Bad Request\r\n\r\n", true)]
    [DataRow("220 mail.example ESMTP\r\n", false)]
    [DataRow("\u0020\u0002\0\0", true)] // CONNACK, as a broker without TLS would answer
    [DataRow("", true)]
    public static void Port_that_speaks_no_tls_is_refused_and_nothing_is_sent_in_the_clear(string greeting, bool thenClose)
    {
        using HostileServer server = HostileServer.Plain(Encoding.Latin1.GetBytes(greeting), thenClose);
        RequireRefusal(server, "TLS with localhost failed");
        Assert.AreEqual(0, server.PlainBytes, "bytes in the clear");
    }

    [TestMethod]
    public static void Closed_port_is_said_as_such()
    {
        int port = HostileServer.ClosedPort();
        using NetworkBoard board = MakeBoard(port).Start();
        RequireLine(board, $"cannot reach localhost on port {port}: check that the broker runs");
    }

    [TestMethod]
    public static void Host_name_that_does_not_exist_is_said_as_such()
    {
        using NetworkBoard board = MakeBoard(8883);
        JsonNode configuration = JsonNode.Parse(File.ReadAllText(board.ConfigurationFile))!;
        configuration["endpoint"] = "no-such-host.invalid"; // RFC 6761, 6.4: never resolves
        File.WriteAllText(board.ConfigurationFile, configuration.ToJsonString());
        board.Start();
        RequireLine(board, "cannot resolve no-such-host.invalid: check \"endpoint\"");
    }

    [TestMethod]
    public static void Board_backs_off_and_is_served_once_the_server_is_right()
    {
        using X509Certificate2 wrong = Unknown.IssueServer("localhost");
        using X509Certificate2 right = Trusted.IssueServer("localhost");
        X509Certificate2 shown = wrong;
        using HostileServer server = HostileServer.Tls(() => shown);
        using NetworkBoard board = MakeBoard(server.Port).Start();
        board.Console.Await("unknown CA");
        shown = right;
        Assert.IsTrue(SpinWait.SpinUntil(() => server.ApplicationBytes > 0, ChildProcess.PatienceMs), "no CONNECT came:\n" + board.Console);
    }

    private static void RequireRefusal(HostileServer server, string part, Action<NetworkBoard>? prepare = null, string alpn = "", string key = "device.key")
    {
        using NetworkBoard board = MakeBoard(server.Port, alpn, key);
        prepare?.Invoke(board);
        RequireLine(board.Start(), part);
        Assert.AreEqual(0, server.ApplicationBytes, "MQTT was sent on a link that was not to be trusted");
    }

    // one warning for the attempt, with what it is, what to do and when it goes on
    private static void RequireLine(NetworkBoard board, string part)
    {
        string line = board.Console.Await(l => l.StartsWith("! ", StringComparison.Ordinal), "a warning");
        Assert.Contains(part, line);
        Assert.IsTrue(Regex.IsMatch(line, @"; next attempt in \d+\.\d s$"), line);
        int attempts = board.Console.All.Count(l => l.StartsWith("connecting to ", StringComparison.Ordinal));
        Assert.AreEqual(attempts, board.Console.All.Count(l => l.StartsWith("! ", StringComparison.Ordinal)), "one line for each attempt:\n" + board.Console);
        Assert.AreEqual(0, board.SwitchedOn.Length, "an actuator was on");
        Assert.IsTrue(board.Board.State == BoardState.Running);
    }

    private static NetworkBoard MakeBoard(int port, string alpn = "", string key = "device.key") =>
        new(port, PathOf("device.pem"), PathOf(key), PathOf("ca.pem"), alpn);

    private static string PathOf(string file) => Path.Combine(s_folder, file);

    private static void Write(string name, X509Certificate2 certificate)
    {
        File.WriteAllText(PathOf(name + ".pem"), certificate.ExportCertificatePem());
        using System.Security.Cryptography.ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem());
    }
}
