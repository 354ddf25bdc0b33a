// The smallest proofs that Firmware.Protocols.Web computes on a device what it computes on the PC; all else is tested in Host/ for want of room.

using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Web
{
    [TestClass]
    public static class WebTests
    {
        // RFC 4231, 4.3
        [TestMethod]
        public static void Gives_a_known_hmac()
        {
            byte[] code = new byte[32];
            byte[] key = PacketText.Parse("'Jefe'");
            HmacSha256 hmac = new HmacSha256(new Sha256());
            hmac.Begin(key, 0, key.Length);
            hmac.Add(PacketText.Parse("'what do ya want for nothing?'"));
            hmac.Finish(code, 0);
            CollectionAssert.AreEqual(PacketText.Parse("5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"), code);
        }

        [TestMethod]
        public static void Reads_a_known_date()
        {
            byte[] date = PacketText.Parse("'Sun, 06 Nov 1994 08:49:37 GMT'");
            Assert.AreEqual(784111777L, new HttpDate().Read(date, 0, date.Length));
        }
    }
}
