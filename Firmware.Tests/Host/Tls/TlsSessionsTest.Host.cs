// The place of TLS sessions in storage: what was saved, how old it may be, and what damage and power cuts make of it. The engine is not needed here.

using Firmware.Connectivity;
using Firmware.Protocols.Outbox;
using Firmware.Simulator;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static class TlsSessionsTest
{
    private const long VerifiedAt = 1_795_860_000;

    [TestMethod]
    public static void Saved_session_is_offered_byte_for_byte()
    {
        byte[] session = Session(700);
        MemoryStorage storage = Storage(session);
        TlsOptions options = new() { UnixSeconds = VerifiedAt + 3600 };
        Assert.IsTrue(new TlsSessions(storage).Offer(options));
        Assert.AreEqual(700, options.SessionLength);
        Assert.IsTrue(options.Session.AsSpan(0, 700).SequenceEqual(session));
    }

    [TestMethod]
    [DataRow(0, true)]
    [DataRow(Limits.TlsSessionSeconds, true)]
    [DataRow(Limits.TlsSessionSeconds + 1, false)]
    [DataRow(-1, false)]
    public static void Session_is_offered_for_a_day_and_then_deleted(int age, bool isOffered)
    {
        MemoryStorage storage = Storage(Session(700));
        TlsOptions options = new() { UnixSeconds = VerifiedAt + age };
        Assert.AreEqual(isOffered, new TlsSessions(storage).Offer(options));
        Assert.AreEqual(isOffered, options.Session is not null);
        Assert.AreEqual(isOffered, storage.Exists(TlsSessions.FileName));
    }

    [TestMethod]
    public static void File_of_which_any_byte_is_wrong_is_no_session()
    {
        byte[] file = File(Session(100));
        for (int i = 0; i < file.Length; i++)
        {
            byte[] damaged = [.. file];
            damaged[i] ^= 0x10;
            Assert.IsFalse(Restored(damaged).HasSession, $"byte {i}");
        }
    }

    [TestMethod]
    public static void File_that_was_cut_at_any_byte_is_no_session()
    {
        byte[] file = File(Session(100));
        for (int i = 0; i < file.Length; i++)
        {
            Assert.IsFalse(Restored(file[..i]).HasSession, $"{i} bytes");
        }

        Assert.IsTrue(Restored(file).HasSession);
    }

    [TestMethod]
    public static void File_that_is_too_long_is_no_session() => Assert.IsFalse(Restored(File(Session(Limits.TlsSession + 1))).HasSession);

    [TestMethod]
    public static void Dropped_session_is_neither_offered_nor_left_in_storage()
    {
        MemoryStorage storage = Storage(Session(700));
        TlsSessions sessions = new(storage);
        sessions.Drop();
        TlsOptions options = new() { UnixSeconds = VerifiedAt };
        Assert.IsFalse(sessions.Offer(options));
        Assert.IsNull(options.Session);
        Assert.IsFalse(storage.Exists(TlsSessions.FileName));
        Assert.IsFalse(new TlsSessions(storage).HasSession);
    }

    [TestMethod]
    public static void Nothing_is_written_while_nothing_changes()
    {
        MemoryStorage storage = Storage(Session(700));
        long writes = storage.Writes;
        TlsSessions sessions = new(storage);
        sessions.Offer(new TlsOptions { UnixSeconds = VerifiedAt });
        sessions.Save();
        Assert.AreEqual(writes, storage.Writes);
    }

    private static TlsSessions Restored(byte[] file)
    {
        MemoryStorage storage = new(() => { });
        storage.Put(TlsSessions.FileName, file);
        return new TlsSessions(storage);
    }

    private static MemoryStorage Storage(byte[] session)
    {
        MemoryStorage storage = new(() => { });
        storage.Put(TlsSessions.FileName, File(session));
        return storage;
    }

    private static byte[] Session(int length)
    {
        byte[] session = new byte[length];
        new Random(1).NextBytes(session);
        return session;
    }

    // as the header of TlsSessions.cs has it
    private static byte[] File(byte[] session)
    {
        byte[] file = new byte[session.Length + 12];
        session.CopyTo(file, 0);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(file.AsSpan(session.Length), VerifiedAt);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(session.Length + 8), Crc32.Compute(file, 0, session.Length + 8));
        return file;
    }
}
