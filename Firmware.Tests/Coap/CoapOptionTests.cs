// What the registries say about options and codes (RFC 7252 sections 5.4, 5.10 and 12.1, RFC 7641, 7959, 7967, 8613, 9175).

using Firmware.Protocols.Coap;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Coap
{
    [TestClass]
    public static class CoapOptionTests
    {
        private const int Critical = 1;
        private const int Repeatable = 2;
        private const int NoCacheKey = 4;

        // number, shortest and longest value
        [DataRow(1, 0, 8, Critical + Repeatable)]
        [DataRow(3, 1, 255, Critical)]
        [DataRow(4, 1, 8, Repeatable)]
        [DataRow(5, 0, 0, Critical)]
        [DataRow(6, 0, 3, 0)]
        [DataRow(7, 0, 2, Critical)]
        [DataRow(8, 0, 255, Repeatable)]
        [DataRow(9, 0, 255, Critical)]
        [DataRow(11, 0, 255, Critical + Repeatable)]
        [DataRow(12, 0, 2, 0)]
        [DataRow(14, 0, 4, 0)]
        [DataRow(15, 0, 255, Critical + Repeatable)]
        [DataRow(17, 0, 2, Critical)]
        [DataRow(20, 0, 255, Repeatable)]
        [DataRow(23, 0, 3, Critical)]
        [DataRow(27, 0, 3, Critical)]
        [DataRow(28, 0, 4, NoCacheKey)]
        [DataRow(35, 1, 1034, Critical)]
        [DataRow(39, 1, 255, Critical)]
        [DataRow(60, 0, 4, NoCacheKey)]
        [DataRow(252, 1, 40, NoCacheKey)]
        [DataRow(258, 0, 1, 0)]
        [DataRow(292, 0, 8, Repeatable)]
        [DataRow(65000, 0, 65804, 0)] // not known
        [DataRow(65535, 0, 65804, Critical)]
        public static void Has_a_class_and_a_range_of_lengths(int number, int shortest, int longest, int flags)
        {
            Assert.IsTrue(shortest == 0 || !CoapOption.IsLengthAllowed(number, shortest - 1));
            Assert.IsTrue(CoapOption.IsLengthAllowed(number, shortest));
            Assert.IsTrue(CoapOption.IsLengthAllowed(number, longest));
            Assert.IsTrue(longest == 65804 || !CoapOption.IsLengthAllowed(number, longest + 1));
            Assert.AreEqual((flags & Critical) != 0, CoapOption.IsCritical(number));
            Assert.AreEqual((flags & Repeatable) != 0, CoapOption.IsRepeatable(number));
            Assert.AreEqual((flags & NoCacheKey) == 0, CoapOption.IsCacheKey(number));
        }

        // 4.2, 12.1
        [TestMethod]
        public static void A_code_is_a_request_or_a_response_or_neither()
        {
            for (int code = 0; code < 256; code++)
            {
                int c = CoapCode.ClassOf(code);
                Assert.AreEqual(code / 32, c);
                Assert.AreEqual(c == 0 && code != 0, CoapCode.IsRequest(code));
                Assert.AreEqual(c >= 2 && c <= 5, CoapCode.IsResponse(code));
                Assert.AreEqual(c == 2, CoapCode.IsSuccess(code));
            }
        }
    }
}
