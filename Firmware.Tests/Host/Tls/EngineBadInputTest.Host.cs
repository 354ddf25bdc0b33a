// What a board on the TLS engine says and does when the way to its broker is not what it must be: the reasons of TlsErrorText through the whole firmware,
// one line each, and never MQTT on a link that is not verified. TlsBadInputTest does the same for SslStream.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Firmware.Connectivity;
using Firmware.Protocols.Tls;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Tests.Host.EndToEnd;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static class EngineBadInputTest
{
    private static readonly TestAuthority Trusted = new("the CA in the ca file");
    private static readonly TestAuthority Unknown = new("a CA that nobody knows");
    private static string s_folder = "";

    [Setup]
    public static void MakeDeviceCertificate()
    {
        TlsEngineNeeded.Require();
        s_folder = Directory.CreateTempSubdirectory("engine-bad-input-").FullName;
        File.WriteAllText(PathOf("ca.pem"), Trusted.Pem);
        Write("device", Trusted.IssueDevice(NetworkBoard.Thing));
        Write("other", Trusted.IssueDevice("other"));
    }

    [Cleanup]
    public static void RemoveFolder()
    {
        if (s_folder.Length > 0)
        {
            Directory.Delete(s_folder, recursive: true);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("x-amzn-mqtt-ca")]
    public static void Good_server_is_accepted_so_that_the_refusals_below_mean_something(string alpn)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = alpn.Length == 0 ? HostileServer.Tls(certificate) : HostileServer.Tls(certificate, "x-amzn-mqtt-ca");
        using NetworkBoard board = MakeBoard(server.Port, alpn).Start();
        board.Console.Await(alpn.Length == 0 ? ", full handshake, " : ", ALPN x-amzn-mqtt-ca, full handshake, ");
        Assert.IsTrue(SpinWait.SpinUntil(() => server.ApplicationBytes > 0, ChildProcess.PatienceMs), "no CONNECT came:\n" + board.Console);
    }

    [TestMethod]
    public static void Server_with_an_unknown_ca_is_refused()
    {
        using X509Certificate2 certificate = Unknown.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of localhost comes from an unknown CA: put the CA of the broker into the \"ca\" file");
    }

    [TestMethod]
    public static void Server_whose_ca_only_has_the_right_name_is_refused()
    {
        using TestAuthority impostor = new("the CA in the ca file");
        using X509Certificate2 certificate = impostor.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of localhost comes from an unknown CA");
    }

    [TestMethod]
    public static void Server_with_a_certificate_for_another_name_is_refused()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("broker.example");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the certificate of the server is not for localhost: check \"endpoint\"");
    }

    [TestMethod]
    [DataRow(-60, -30, "the certificate of localhost is expired at the device's date, 20")]
    [DataRow(30, 60, "the certificate of localhost is not yet valid at the device's date, 20")]
    public static void Server_certificate_out_of_its_time_is_refused(int fromDays, int untilDays, string text)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost", fromDays, untilDays);
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, text);
    }

    [TestMethod]
    public static void Date_of_the_board_decides_whether_a_certificate_is_expired()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "is expired at the device's date, " + (DateTime.UtcNow.Year + 1), board => board.Board.Sntp.Clock = () => DateTime.UtcNow.AddYears(1));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("http/1.1")]
    public static void Server_without_the_alpn_protocol_is_refused(string served)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = served.Length == 0 ? HostileServer.Tls(certificate) : HostileServer.Tls(certificate, served);
        RequireRefusal(server, "localhost does not know the ALPN protocol x-amzn-mqtt-ca: this port does not serve MQTT", alpn: "x-amzn-mqtt-ca");
    }

    [TestMethod]
    public static void Key_of_another_certificate_is_said_as_such()
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, "the key does not belong to the certificate", key: "other.key");
    }

    [TestMethod]
    [DataRow("ca.pem", "the \"ca\" file cannot be used")]
    [DataRow("device.pem", "the \"certificate\" file cannot be used")]
    [DataRow("device.key", "the \"key\" file cannot be used")]
    public static void File_that_is_no_pem_is_said_as_such(string file, string text)
    {
        using X509Certificate2 certificate = Trusted.IssueServer("localhost");
        using HostileServer server = HostileServer.Tls(certificate);
        RequireRefusal(server, text, board => File.WriteAllText(Path.Combine(board.Board.StorageFolder, file), "not a PEM file"));
    }

    [TestMethod]
    [DataRow("HTTP/1.1 400 Bad Request\r\n\r\n", true)]
    [DataRow("220 mail.example ESMTP\r\n", false)]
    [DataRow("\u0020\u0002\0\0", true)] // CONNACK, as a broker without TLS would answer
    [DataRow("", true)]
    public static void Port_that_speaks_no_tls_is_refused_and_nothing_is_sent_in_the_clear(string greeting, bool thenClose)
    {
        using HostileServer server = HostileServer.Plain(Encoding.Latin1.GetBytes(greeting), thenClose);
        RequireRefusal(server, "TLS with localhost failed: ");
        Assert.AreEqual(0, server.PlainBytes, "bytes in the clear");
    }

    [TestMethod]
    public static void Closed_port_is_said_as_such()
    {
        int port = HostileServer.ClosedPort();
        using NetworkBoard board = MakeBoard(port, "").Start();
        RequireLine(board, $"cannot reach localhost on port {port}: check that the broker runs");
    }

    [TestMethod]
    public static void Board_backs_off_and_is_served_once_the_server_is_right()
    {
        using X509Certificate2 wrong = Unknown.IssueServer("localhost");
        using X509Certificate2 right = Trusted.IssueServer("localhost");
        X509Certificate2 shown = wrong;
        using HostileServer server = HostileServer.Tls(() => shown);
        using NetworkBoard board = MakeBoard(server.Port, "").Start();
        board.Console.Await("unknown CA");
        shown = right;
        Assert.IsTrue(SpinWait.SpinUntil(() => server.ApplicationBytes > 0, ChildProcess.PatienceMs), "no CONNECT came:\n" + board.Console);
    }

    /// <summary>Every error has its own words, which end without full stop and without anything that looks like a leftover.</summary>
    [TestMethod]
    public static void Every_error_has_a_text_of_its_own()
    {
        HashSet<string> texts = [];
        foreach (System.Reflection.FieldInfo error in typeof(TlsError).GetFields())
        {
            int number = (int)error.GetRawConstantValue()!;
            string text = TlsErrorText.Explain(number, -0x7100, number == TlsError.Alert ? 80 : -1, "host.example", "x-amzn-mqtt-ca", "2026-11-28");
            Assert.IsTrue(texts.Add(text), $"{error.Name}: {text}");
            Assert.IsTrue(text.Length > 30 && !text.EndsWith('.') && !text.Contains('\n'), text);
        }

        Assert.Contains(" (TLS alert 80)", string.Join('\n', texts));
        Assert.Contains(" (mbedTLS -0x7100)", string.Join('\n', texts));
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
        Assert.IsTrue(board.Board.State == BoardState.Running);
        Assert.AreEqual(0, board.SwitchedOn.Length, "an actuator was on");
    }

    private static NetworkBoard MakeBoard(int port, string alpn, string key = "device.key")
    {
        NetworkBoard board = new(port, PathOf("device.pem"), PathOf(key), PathOf("ca.pem"), alpn);
        BoardProvisioner.SetTls(board.Board.StorageFolder, TlsKind.Engine, null);
        return board;
    }

    private static string PathOf(string file) => Path.Combine(s_folder, file);

    private static void Write(string name, X509Certificate2 certificate)
    {
        File.WriteAllText(PathOf(name + ".pem"), certificate.ExportCertificatePem());
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem());
        certificate.Dispose();
    }
}
