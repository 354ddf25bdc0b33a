// Sha256 and HmacSha256 against the published vectors, and against .NET over random pieces.

using System.Security.Cryptography;
using System.Text;
using Firmware.Protocols.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.AwsSigV4;

[TestClass]
public static class Sha256Test
{
    // FIPS 180-4 examples (csrc.nist.gov, SHA256.pdf) and the empty message
    [DataRow("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [DataRow("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [DataRow("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    [DataRow("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")]
    public static void Hashes_the_examples_of_the_standard(string message, string expected)
    {
        byte[] hash = new byte[34];
        Sha256 sha = new();
        sha.Add(Encoding.ASCII.GetBytes(message));
        sha.Finish(hash, 1);
        Assert.AreEqual("00" + expected + "00", Convert.ToHexStringLower(hash));
        foreach (byte value in Encoding.ASCII.GetBytes(message))
        {
            sha.Add(value);
        }

        sha.Finish(hash, 1);
        Assert.AreEqual("00" + expected + "00", Convert.ToHexStringLower(hash), "byte by byte, with a used object");
    }

    [TestMethod]
    public static void Hashes_a_million_letters()
    {
        byte[] hash = new byte[32];
        byte[] letters = Encoding.ASCII.GetBytes(new string('a', 1000));
        Sha256 sha = new();
        for (int i = 0; i < 1000; i++)
        {
            sha.Add(letters);
        }

        sha.Finish(hash, 0);
        Assert.AreEqual("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", Convert.ToHexStringLower(hash));
    }

    [TestMethod]
    public static void Agrees_with_dotnet_on_every_length_in_random_pieces()
    {
        Random random = new(1);
        byte[] data = new byte[400];
        random.NextBytes(data);
        byte[] hash = new byte[32];
        Sha256 sha = new();
        HmacSha256 hmac = new(sha);
        for (int length = 0; length <= 300; length++)
        {
            int offset = random.Next(100);
            int keyLength = random.Next(140);
            hmac.Begin(data, offset, keyLength);
            AddInPieces(hmac.Add);
            hmac.Finish(hash, 0);
            Assert.AreEqual(Convert.ToHexString(HMACSHA256.HashData(data.AsSpan(offset, keyLength), data.AsSpan(offset, length))), Convert.ToHexString(hash), $"HMAC of {length} bytes, key of {keyLength}");
            AddInPieces(sha.Add);
            sha.Finish(hash, 0);
            Assert.AreEqual(Convert.ToHexString(SHA256.HashData(data.AsSpan(offset, length))), Convert.ToHexString(hash), $"{length} bytes");

            void AddInPieces(Action<byte[], int, int> add)
            {
                for (int at = 0, piece; at < length; at += piece)
                {
                    piece = Math.Min(random.Next(90), length - at);
                    add(data, offset + at, piece);
                }
            }
        }
    }

    // RFC 4231, 4.2 to 4.8; the fifth gives 128 bits only. '*' repeats a byte.
    [DataRow("0b*20", "'Hi There'", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [DataRow("'Jefe'", "'what do ya want for nothing?'", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")]
    [DataRow("aa*20", "dd*50", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")]
    [DataRow("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd*50", "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")]
    [DataRow("0c*20", "'Test With Truncation'", "a3b6167473100ee06e0c796c2955552b")]
    [DataRow("aa*131", "'Test Using Larger Than Block-Size Key - Hash Key First'", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
    [DataRow("aa*131", "'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.'", "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2")]
    public static void Gives_the_codes_of_rfc_4231(string key, string message, string expected)
    {
        byte[] keyBytes = PacketBytes(key);
        byte[] code = new byte[32];
        HmacSha256 hmac = new(new Sha256());
        hmac.Begin(keyBytes, 0, keyBytes.Length);
        hmac.Add(PacketBytes(message));
        hmac.Finish(code, 0);
        Assert.AreEqual(expected, Convert.ToHexStringLower(code)[..expected.Length]);
    }

    private static byte[] PacketBytes(string text)
    {
        if (text[0] == '\'')
        {
            return Encoding.ASCII.GetBytes(text.Trim('\''));
        }

        string[] parts = text.Split('*');
        return parts.Length == 1 ? Convert.FromHexString(text) : [.. Enumerable.Repeat(Convert.ToByte(parts[0], 16), int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture))];
    }
}
