// HttpDate and CivilTime against .NET, and what is no IMF-fixdate; AwsClock on top.

using System.Globalization;
using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Http;

[TestClass]
public static class HttpDateTest
{
    [TestMethod]
    public static void Reads_and_writes_what_dotnet_writes()
    {
        Random random = new(1);
        HttpDate date = new();
        ByteWriter writer = new();
        byte[] buffer = new byte[40];
        for (int i = 0; i < 20_000; i++)
        {
            // around leap days and year ends more than elsewhere, up to the year 9999
            DateTime time = i % 2 == 0
                ? DateTime.UnixEpoch.AddSeconds(random.NextInt64(253_402_300_800))
                : new DateTime(random.Next(1970, 2500), random.Next(2) == 0 ? 2 : 12, 28, 23, 59, 58, DateTimeKind.Utc).AddSeconds(random.Next(400_000));
            string text = time.ToString("R", CultureInfo.InvariantCulture);
            long seconds = new DateTimeOffset(time).ToUnixTimeSeconds();
            Encoding.ASCII.GetBytes(text, 0, text.Length, buffer, 3);
            Assert.AreEqual(seconds, date.Read(buffer, 3, text.Length), text);
            writer.Reset(buffer, 0, HttpDate.Length);
            date.Write(writer, seconds);
            Assert.IsFalse(writer.Overflowed);
            Assert.AreEqual(text, Encoding.ASCII.GetString(buffer, 0, HttpDate.Length));
        }
    }

    [DataRow("Sun, 06 Nov 1994 08:49:37 GMT", 784111777)]
    [DataRow("Thu, 01 Jan 1970 00:00:00 GMT", 0)]
    [DataRow("Sat, 31 Dec 2016 23:59:60 GMT", 1483228799)]
    [DataRow("Sunday, 06-Nov-94 08:49:37 GMT", -1)]
    [DataRow("Sun Nov  6 08:49:37 1994", -1)]
    [DataRow("Sun, 06 Nov 1994 08:49:37 UTC", -1)]
    [DataRow("sun, 06 Nov 1994 08:49:37 GMT", -1)]
    [DataRow("Sun, 06 NOV 1994 08:49:37 GMT", -1)]
    [DataRow("Mon, 06 Nov 1994 08:49:37 GMT", -1)]
    [DataRow("Sun, 6 Nov 1994 08:49:37 GMT", -1)]
    [DataRow("Sun, 06 Nov 1994 08:49:37 GMT ", -1)]
    [DataRow("Wed, 30 Feb 2000 08:49:37 GMT", -1)]
    [DataRow("Thu, 29 Feb 2100 08:49:37 GMT", -1)]
    [DataRow("Sun, 06 Nov 1994 24:00:00 GMT", -1)]
    [DataRow("Sun, 06 Nov 1994 08:60:37 GMT", -1)]
    [DataRow("Sun, 06 Nov 1994 08:49:61 GMT", -1)]
    [DataRow("Wed, 31 Dec 1969 23:59:59 GMT", -1)]
    [DataRow("Sun, 00 Nov 1994 08:49:37 GMT", -1)]
    [DataRow("", -1)]
    public static void Refuses_what_is_no_imf_fixdate(string text, int expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.AreEqual((long)expected, new HttpDate().Read(bytes, 0, bytes.Length));
    }

    [TestMethod]
    public static void A_clock_out_of_tolerance_is_told_and_corrected()
    {
        AwsClock clock = new();
        Assert.IsFalse(clock.Learn(-1, 1000), "no Date");
        Assert.IsFalse(clock.Learn(1059, 1000), "noise");
        Assert.AreEqual(1000L, clock.Now(1000));
        Assert.IsFalse(clock.Learn(1200, 1000), "within AWS's tolerance, but worth correcting");
        Assert.AreEqual(1200L, clock.Now(1000));
        Assert.IsTrue(clock.Learn(5000, 1000), "an hour behind");
        Assert.AreEqual(5010L, clock.Now(1010));
        Assert.IsFalse(clock.Learn(5011, 1010), "corrected");
        Assert.IsTrue(clock.Learn(2000, 3000), "ahead");
        Assert.AreEqual(2000L, clock.Now(3000));
    }
}
