// What a TLS handshake costs: the device's engine, full and resumed, against openssl's server, in bytes, calls, processor time and heap; beside it .NET's
// SslStream (OpenSSL) to the same server in the same run. The engine's rows come from a C program that counts its heap exactly
// (Firmware.Protocols.Tls/native/test/tls_cost.c). Times are this machine's: the ratios are what counts, and no test asks for them.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator.Benchmarks;

/// <summary>The command <c>bench tls</c>.</summary>
internal static class TlsBenchmark
{
    private const string Alpn = "x-amzn-mqtt-ca";
    private const string Script = "Firmware.Protocols.Tls/native/test/build.sh";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Measures and prints.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="rounds">Handshakes of each kind.</param>
    /// <returns>True if all was measured.</returns>
    internal static bool Run(TextWriter output, int rounds)
    {
        string? script = FindScript();
        if (script is null)
        {
            output.WriteLine($"error: {Script} is not above this program: run it from a checkout");
            return false;
        }

        string folder = Directory.CreateTempSubdirectory("firmware-bench-").FullName;
        try
        {
            using DevelopmentCertificates certificates = DevelopmentCertificates.Open(folder);
            if (!Execute(output, "sh", [script, folder, "-", "-O2"], out _))
            {
                output.WriteLine("error: the engine's C programs were not built: they need a C compiler and mbedTLS (Debian: gcc libc6-dev libmbedtls-dev)");
                return false;
            }

            using Process? server = StartServer(output, certificates, out int port);
            if (server is null)
            {
                return false;
            }

            try
            {
                CertificateFiles client = certificates.Client;
                string[] arguments = [$"{port}", Alpn, certificates.CaPath, client.CertificatePath, client.KeyPath, rounds.ToString(CultureInfo.InvariantCulture)];
                if (!Execute(output, Path.Combine(folder, "tls_cost"), arguments, out string measured))
                {
                    return false;
                }

                Print(output, measured, SslStreamCost(certificates, port, rounds), rounds);
                return true;
            }
            finally
            {
                server.Kill();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(TextWriter output, string measured, (long In, long Out, double CpuUs) stream, int rounds)
    {
        // kind version wire-in wire-out pumps cpu-us longest-us heap-peak heap-open session
        string[][] rows = [.. measured.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))];
        output.WriteLine($"TLS 1.2 handshakes with openssl s_server on loopback: P-256, client certificate, ALPN; {rounds} of each");
        output.WriteLine();
        output.WriteLine("                       wire in   wire out   calls     CPU us   longest call us   heap peak   heap open   session");
        double[] cpu = new double[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            string[] r = rows[i];
            cpu[i] = double.Parse(r[5], CultureInfo.InvariantCulture);
            output.WriteLine($"engine, {r[0],-12}{r[2],10}{r[3],11}{r[4],8}{r[5],11}{r[6],18}{r[7],12}{r[8],12}{r[9],10}");
        }

        output.WriteLine($".NET, no tickets    {stream.In,10}{stream.Out,11}{"-",8}{stream.CpuUs,11:F0}{"-",18}{"-",12}{"-",12}{"-",10}");
        output.WriteLine();
        output.WriteLine($"ratios: resumed to full, wire {Bytes(rows[1]) / Bytes(rows[0]):F2}, CPU {cpu[1] / cpu[0]:F2}; engine to .NET's SslStream, full, wire {Bytes(rows[0]) / (stream.In + stream.Out):F2}, CPU {cpu[0] / stream.CpuUs:F2}");
        output.WriteLine("heap: bytes of the engine and mbedTLS above what was there before, with this PC's mbedTLS (an ESP32 image has other buffers: docs/tls.md)");
    }

    private static double Bytes(string[] row) => double.Parse(row[2], CultureInfo.InvariantCulture) + double.Parse(row[3], CultureInfo.InvariantCulture);

    private static (long In, long Out, double CpuUs) SslStreamCost(DevelopmentCertificates certificates, int port, int rounds)
    {
        using X509Certificate2 own = X509Certificate2.CreateFromPemFile(certificates.Client.CertificatePath, certificates.Client.KeyPath);
        SslStreamCertificateContext context = SslStreamCertificateContext.Create(own, null, offline: true);
        long wireIn = 0;
        long wireOut = 0;
        void Connect()
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(IPAddress.Loopback, port);
            using CountingStream counted = new(new NetworkStream(socket));
            using SslStream stream = new(counted);
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(certificates.Authority);
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                CertificateChainPolicy = policy,
                ClientCertificateContext = context,
                EnabledSslProtocols = SslProtocols.Tls12,
                ApplicationProtocols = [new SslApplicationProtocol(Alpn)],
                AllowTlsResume = false,
            });
            wireIn += counted.Received;
            wireOut += counted.Sent;
        }

        for (int i = 0; i < 30; i++)
        {
            Connect();
        }

        wireIn = wireOut = 0;
        using Process me = Process.GetCurrentProcess();
        TimeSpan before = me.TotalProcessorTime;
        for (int i = 0; i < rounds; i++)
        {
            Connect();
        }

        me.Refresh();
        return (wireIn / rounds, wireOut / rounds, (me.TotalProcessorTime - before).TotalMicroseconds / rounds);
    }

    private static Process? StartServer(TextWriter output, DevelopmentCertificates certificates, out int port)
    {
        port = 0;
        ProcessStartInfo start = new("openssl", [
            "s_server", "-accept", "127.0.0.1:0", "-cert", Path.Combine(certificates.Folder, "server.pem"), "-key", Path.Combine(certificates.Folder, "server.key"), "-CAfile", certificates.CaPath,
            "-Verify", "1", "-verify_return_error", "-alpn", Alpn, "-tls1_2", "-naccept", "1000000",
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process server;
        try
        {
            server = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            output.WriteLine("error: openssl is not installed (apt-get install openssl)");
            return null;
        }

        string? line;
        while ((line = server.StandardOutput.ReadLine()) is not null)
        {
            if (line.StartsWith("ACCEPT ", StringComparison.Ordinal))
            {
                port = int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);

                // or its pipes fill up, and it stops
                _ = server.StandardOutput.ReadToEndAsync();
                _ = server.StandardError.ReadToEndAsync();
                return server;
            }
        }

        output.WriteLine("error: openssl s_server did not start: " + server.StandardError.ReadToEnd().Trim());
        server.Dispose();
        return null;
    }

    private static bool Execute(TextWriter output, string program, string[] arguments, out string printed)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        printed = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
        }

        if (process.ExitCode != 0)
        {
            output.Write(errors.Result);
        }

        return process.ExitCode == 0;
    }

    private static string? FindScript()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, Script);
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    /// <summary>Counts what passes.</summary>
    private sealed class CountingStream(Stream inner) : Stream
    {
        internal long Received { get; private set; }

        internal long Sent { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count)
        {
            int got = inner.Read(buffer, offset, count);
            Received += got;
            return got;
        }

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write(buffer, offset, count);
            Sent += count;
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
