// PEM on a device must end with NUL, or mbedTLS takes it for DER (FACTS, 3).

using Firmware.Connectivity;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Connectivity
{
    [TestClass]
    public static class CredentialsTests
    {
        private static readonly byte[] Bare = { (byte)'P', (byte)'E', (byte)'M' };
        private static readonly byte[] Ended = { (byte)'P', (byte)'E', (byte)'M', 0 };

        [TestMethod]
        public static void Nul_is_added_to_each_file_that_lacks_it()
        {
            Credentials credentials = new Credentials(Bare, Bare, Bare);
            CollectionAssert.AreEqual(Ended, credentials.Ca);
            CollectionAssert.AreEqual(Ended, credentials.Certificate);
            CollectionAssert.AreEqual(Ended, credentials.Key);
            Assert.AreEqual(3, Bare.Length, "the caller's array stays as it is");
        }

        [TestMethod]
        public static void Nul_that_is_there_is_not_doubled()
        {
            Credentials credentials = new Credentials(Ended, Ended, Ended);
            CollectionAssert.AreEqual(Ended, credentials.Ca);
            CollectionAssert.AreEqual(Ended, credentials.Certificate);
            CollectionAssert.AreEqual(Ended, credentials.Key);
        }

        [TestMethod]
        public static void Empty_file_becomes_nul_alone()
        {
            Credentials credentials = new Credentials(new byte[0], new byte[0], new byte[0]);
            Assert.AreEqual(1, credentials.Ca.Length);
            Assert.AreEqual(0, (int)credentials.Key[0]);
        }

        [TestMethod]
        public static void Identity_without_certificate_is_the_stored_one()
        {
            Credentials stored = new Credentials(null, null, null);
            Assert.IsTrue(stored.IsStoredInDevice);
            Assert.IsNull(stored.Ca);
            Assert.IsNull(stored.Key);
            Assert.IsFalse(new Credentials(Bare, Bare, Bare).IsStoredInDevice);
        }
    }
}
