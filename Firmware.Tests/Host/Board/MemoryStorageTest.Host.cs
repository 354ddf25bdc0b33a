// The storage in memory: files, and power cuts at every byte of a write.

using Firmware.Protocols.Outbox;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>Tests of MemoryStorage.</summary>
[TestClass]
public static class MemoryStorageTests
{
    [TestMethod]
    public static void Files_of_a_board_are_kept_counted_and_read_in_parts()
    {
        string told = "";
        MemoryStorage storage = new(() => { }) { Writing = (name, content) => told += $"{name} {content.Length} ", Written = name => told += name };
        Assert.IsFalse(storage.Exists("a"));
        Assert.ThrowsException(typeof(FileNotFoundException), () => storage.Read("a"));
        byte[] content = [0, 1, 2, 3, 4];
        storage.Write("a", content, 1, 3);
        content[1] = 9;
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, storage.Read("a"));
        byte[] part = new byte[4];
        Assert.AreEqual(2, storage.Read("a", part, 1, 2));
        CollectionAssert.AreEqual(new byte[] { 0, 1, 2, 0 }, part);
        Assert.IsTrue(storage.Exists("a"));
        Assert.AreEqual("a 3 a", told);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, storage.Peek("a").ToArray());
        storage.Put("b", [7]);
        CollectionAssert.AreEqual(new byte[] { 7 }, storage.Read("b"));
        Assert.AreEqual(1L, storage.Writes);
        Assert.AreEqual(3L, storage.BytesWritten);
    }

    [TestMethod]
    [DataRow(TornFile.Old, "abcdef")]
    [DataRow(TornFile.Prefix, "UV")]
    [DataRow(TornFile.PrefixAndErased, "UV\u00FF\u00FF")]
    [DataRow(TornFile.PrefixAndOld, "UVcdef")]
    public static void A_cut_write_leaves(TornFile leaves, string expected)
    {
        bool isCut = false;
        MemoryStorage storage = new(() => isCut = true);
        storage.Write("f", "abcdef"u8.ToArray(), 0, 6);
        storage.NextWrite = new WriteCut(2, leaves);
        Assert.ThrowsException(typeof(IOException), () => storage.Write("f", "UVWX"u8.ToArray(), 0, 4));
        Assert.IsTrue(isCut);
        Assert.AreEqual(expected, System.Text.Encoding.Latin1.GetString(storage.Read("f")));
        Assert.AreEqual(8L, storage.BytesWritten);
        storage.Write("f", "z"u8.ToArray(), 0, 1);
        Assert.AreEqual(1, storage.Read("f").Length, "the fault is over");
    }

    [TestMethod]
    public static void Two_slots_survive_a_power_cut_at_every_byte_of_a_write_on_a_board()
    {
        InlineBoardTime time = new();
        VirtualBoard board = new("bench", Path.GetTempPath(), time);
        MemoryStorage storage = new(board.CutPower);
        int next = 1;
        bool cameBack = false;
        board.Start(() =>
        {
            TwoSlotStore store = new(new StorageSlots(storage, "s"), new byte[20 + TwoSlotStore.Overhead]);
            int found = store.Load() ? store.Buffer[store.ContentOffset] : 0;
            Assert.AreEqual(next - 1, found);
            byte[] content = new byte[20];
            Array.Fill(content, (byte)next);
            store.Save(content, 0, content.Length);
            cameBack = true;
        });
        board.RunHere(1);
        Assert.IsTrue(cameBack);
        foreach (TornFile leaves in Enum.GetValues<TornFile>())
        {
            for (int cut = 0; cut < 20 + TwoSlotStore.Overhead; cut++)
            {
                cameBack = false;
                next = 2;
                storage.NextWrite = new WriteCut(cut, leaves);
                Boot(board, time);
                Assert.IsFalse(cameBack, $"{leaves} at {cut}");
                Assert.AreEqual(BoardState.Off, board.State);
            }
        }

        Boot(board, time);
        Assert.IsTrue(cameBack);
    }

    private static void Boot(VirtualBoard board, InlineBoardTime time)
    {
        board.CutPower();
        board.RestorePower();
        Exception? died = null;
        void Note(Exception e) => died = e;
        board.UnhandledException += Note;
        board.RunHere(time.TotalMs + 1);
        board.UnhandledException -= Note;
        Assert.IsNull(died, died?.ToString() ?? "");
    }
}
