// What an entry in a resource directory costs in memory once it is there, through the door and its endpoint: nothing, neither at rest nor with
// each update. The directory is a socket of fixed memory.

using Firmware.Connectivity;
using Firmware.Features;
using Firmware.Features.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.Coap;
using Firmware.Settings;
using Firmware.Simulator;
using Firmware.Simulator.Board;
using Firmware.Things;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Coap;

[TestClass]
public static class DoorDirectoryAllocation
{
    private const int Updates = 1_000;

    [TestMethod]
    public static void Entry_and_its_updates_allocate_nothing()
    {
        FixedDirectory port = new();
        DeviceConfiguration configuration = new() { ThingName = "lamp-01", CoapDirectory = MemoryDirectory.Address(), CoapLifetimeSeconds = 60 };
        ResourceTree things = new([new ReadingResource("temperature", 1, "Cel", "degrees")]);
        SimulatorClock clock = new(new ManualBoardTime());
        CoapResource[] views = ThingViews.Create(configuration, things, clock, new CommandIds(Limits.CommandIds, Limits.CommandId));
        CoapDoor door = new(configuration, things, views, clock, port, new Random(1), null!);
        long now = 0;
        int polls = 0;
        Run(10);
        int before = polls;
        long start = GC.GetAllocatedBytesForCurrentThread();
        Run(10 + Updates);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - start;
        Assert.AreEqual(0L, allocated, $"bytes for {Updates} updates and {polls - before} polls");
        Assert.IsTrue(polls - before > 10 * Updates, "it also rested");
        Assert.AreEqual(1, door.Directory.Client.Registrations);
        Assert.AreEqual(2 + 10 + Updates, port.Sent, "discovery, registration, updates, no repeats");

        void Run(int updates)
        {
            while (door.Directory.Client.Updates < updates)
            {
                polls++;
                door.Poll(now);
                now = Math.Max(now, Math.Min(door.NextDeadlineMs, now + 2_000));
            }
        }
    }

    /// <summary>Answers discovery with 4.04, the registration with 2.01, every update with 2.04.</summary>
    private sealed class FixedDirectory : IDatagramPort, IDatagramTransport
    {
        private readonly byte[] _answer = [0x64, 0, 0, 0, 0, 0, 0, 0, 0x81, (byte)'1'];
        private int _length;

        internal int Sent { get; private set; }

        public string Place => "here";

        public string Failure => null!;

        public IDatagramTransport Open() => this;

        public bool HasMoved() => false;

        public bool IsLocal(DatagramAddress peer) => true;

        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            int length = _length;
            Array.Copy(_answer, 0, buffer, offset, length);
            from.SetIPv4(192, 168, 1, 9, 5683);
            _length = 0;
            return length;
        }

        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            // the message ID and the token of 4 bytes come back; behind them Location-Path: 1
            Array.Copy(buffer, offset + 2, _answer, 2, 6);
            _answer[1] = (byte)(Sent == 0 ? 0x84 : Sent == 1 ? 0x41 : 0x44);
            _length = Sent == 1 ? 10 : 8;
            Sent++;
            return count;
        }

        public void Close()
        {
        }
    }
}
