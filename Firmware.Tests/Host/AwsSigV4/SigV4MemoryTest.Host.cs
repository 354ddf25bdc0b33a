// What signing costs in memory, and what it leaves there: nothing, and no secret.

using System.Reflection;
using System.Text;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.AwsSigV4;

[TestClass]
public static class SigV4MemoryTest
{
    private static readonly byte[] Host = "abcdefghijklmn-ats.iot.us-east-1.amazonaws.com"u8.ToArray();
    private static readonly byte[] Target = "/topics/a%2Fb?qos=1"u8.ToArray();
    private static readonly byte[] Post = "POST"u8.ToArray();

    [TestMethod]
    public static void Signing_10000_requests_allocates_nothing()
    {
        SigV4Signer signer = NewSigner();
        AwsCredentials key = NewKey();
        ByteWriter writer = new();
        HttpDate date = new();
        byte[] buffer = new byte[2000];
        Assert.AreEqual(10, Work(10));
        int done = 0;
        Assert.AreEqual(0L, Allocation.Of(() => done = Work(10_000)));
        Assert.AreEqual(10_000, done);

        int Work(int requests)
        {
            int signed = 0;
            for (int i = 0; i < requests; i++)
            {
                writer.Reset(buffer, 0, buffer.Length);
                signer.WriteMqttTarget(writer, key, Host, 1_700_000_000 + i, 60);
                signer.WriteHeaders(writer, key, Post, Target, 0, Target.Length, Host, null, Host, 0, Host.Length, 1_700_000_000 + i);
                int at = writer.Length;
                date.Write(writer, 1_700_000_000 + i);
                signed += !writer.Overflowed && date.Read(buffer, at, HttpDate.Length) == 1_700_000_000 + i ? 1 : 0;
            }

            return signed;
        }
    }

    [TestMethod]
    public static void No_secret_stays_in_the_signer()
    {
        SigV4Signer signer = NewSigner();
        AwsCredentials key = NewKey();
        ByteWriter writer = new();
        writer.Reset(new byte[2000], 0, 2000);
        signer.WriteMqttTarget(writer, key, Host, 1_700_000_000, 60);
        signer.WriteHeaders(writer, key, Post, Target, 0, Target.Length, Host, null, Host, 0, Host.Length, 1_700_000_000);
        Assert.IsFalse(writer.Overflowed);

        // the secret, and the key of the day that is derived from it and as good for a day
        byte[] derived = Amazon.Runtime.Internal.Auth.AWS4Signer.ComposeSigningKey(Encoding.ASCII.GetString(key.SecretKey), "us-east-1", "20231114", "iotdata");
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        int arrays = Search(signer);
        Assert.IsTrue(arrays >= 10, $"{arrays} arrays were searched");
        Assert.IsFalse(key.ToString()!.Contains("SECRET", StringComparison.Ordinal));
        key.Clear();
        Assert.IsFalse(key.SecretKey.AsSpan().ContainsAnyExcept((byte)0));

        int Search(object thing)
        {
            if (!seen.Add(thing))
            {
                return 0;
            }

            if (thing is byte[] bytes)
            {
                Assert.IsTrue(bytes.AsSpan().IndexOf(key.SecretKey.AsSpan(0, 16)) < 0 && bytes.AsSpan().IndexOf(derived.AsSpan(0, 8)) < 0, "a secret was left");
                return 1;
            }

            if (thing is uint[] words)
            {
                Assert.IsFalse(words.Contains(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(derived)), "a key was left");
                return 1;
            }

            return thing.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Where(f => !f.FieldType.IsPrimitive)
                .Sum(f => f.GetValue(thing) is { } value ? Search(value) : 0);
        }
    }

    private static SigV4Signer NewSigner() => new("us-east-1"u8.ToArray(), SigV4Signer.IotData);

    private static AwsCredentials NewKey() => new("AKIDEXAMPLE"u8.ToArray(), "SECRETSECRETSECRETSECRETSECRETSECRET0123"u8.ToArray(), "TOKENTOKEN+/=="u8.ToArray());
}
