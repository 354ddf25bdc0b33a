// What a request costs in memory, from the datagram to the answer, through the endpoint, the server and the door's resources: nothing.
// Measured on the thread that polls, with a port and resources of fixed memory; the drivers and the platform's sockets are not part of it.

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
public static class DoorAllocation
{
    private const int Requests = 10_000;
    private const int WarmUp = 500;
    private const int Con = DoorClient.Con;

    [TestMethod]
    public static void Requests_and_notifications_allocate_nothing()
    {
        ReadingResource reading = new("temperature", 1, "Cel", "degrees");
        reading.Set(215);
        ResourceTree things = new([new Lamp(), reading]);
        FixedPort port = new();
        ManualBoardTime time = new();
        DeviceConfiguration configuration = new() { ThingName = "lamp-01", CoapWriteLocal = true };
        SimulatorClock clock = new(time);
        CoapResource[] views = ThingViews.Create(configuration, things, clock, new CommandIds(Limits.CommandIds, Limits.CommandId));
        CoapDoor door = new(configuration, things, views, clock, port, new Random(1), null!);
        byte[][] requests =
        [
            DoorClient.Compose(Con, 1, 1, [], "sensors/temperature", []),
            DoorClient.Compose(Con, 1, 1, [1, 2], "sensors/temperature", [], -1, 0),
            DoorClient.Compose(Con, 1, 1, [], "sensors/temperature", [], -1, 60),
            DoorClient.Compose(Con, 1, 1, [], "sensors/temperature", [], -1, 110),
            DoorClient.Compose(Con, 1, 1, [], "sensors", []),
            DoorClient.Compose(Con, 1, 1, [], "actuators", [], -1, 50),
            DoorClient.Compose(Con, 1, 1, [], "system", []),
            DoorClient.Compose(Con, 1, 1, [], ".well-known/core", []),
            DoorClient.Compose(Con, 5, 1, [], "sensors", "[{\"n\":\"sensors/temperature\"}]"u8.ToArray(), 320),
            DoorClient.Compose(Con, 3, 1, [], "actuators/lamp", "on"u8.ToArray()),
            DoorClient.Compose(Con, 3, 1, [], "actuators/lamp", "{\"lamp\":\"off\"}"u8.ToArray(), 50),
            DoorClient.Compose(Con, 2, 1, [], "actuators/lamp", [0xA1, 0x64, .. "lamp"u8, 0x62, .. "on"u8], 60),
            DoorClient.Compose(Con, 3, 1, [], "actuators/lamp", "fly"u8.ToArray()),
            DoorClient.Compose(Con, 7, 1, [], "actuators", "[{\"n\":\"actuators/lamp\",\"vb\":false}]"u8.ToArray(), 320),
        ];
        byte[] register = DoorClient.Compose(Con, 1, 1, [7], "actuators/lamp", [], -1, -1, (6, []));
        long now = 0;
        door.Poll(now);
        Ask(register, 1);
        Run(WarmUp, 2);
        int sent = port.Sent;
        int failed = port.Failed;
        int notified = door.Server.Notifications;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Requests, 2 + WarmUp);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.AreEqual(0L, allocated, $"bytes for {Requests} requests");

        // that it measured what it says
        notified = door.Server.Notifications - notified;
        Assert.AreEqual(Requests + notified, port.Sent - sent);
        Assert.AreEqual(Requests / requests.Length, port.Failed - failed, "only the unknown word is refused");
        Assert.IsTrue(notified > Requests / 20, $"{notified} notifications");
        Assert.AreEqual(0, door.Endpoint.Malformed + door.Endpoint.Duplicates);

        void Run(int count, int first)
        {
            for (int i = 0; i < count; i++)
            {
                Ask(requests[i % requests.Length], first + i);
                if (port.Outstanding >= 0)
                {
                    port.Acknowledge();
                    door.Poll(now);
                }
            }
        }

        // a second between two, so that notifications have their pauses
        void Ask(byte[] request, int id)
        {
            now += 1000;
            request[2] = (byte)(id >> 8);
            request[3] = (byte)id;
            port.Next = request;
            door.Poll(now);
        }
    }

    private sealed class Lamp() : Resource("lamp", "on, off")
    {
        private bool _isOn;

        public override bool IsActuator => true;

        public override byte[] Run(Command command, long nowMs)
        {
            bool isOn = command.Action == CommandAction.On;
            if (isOn != _isOn)
            {
                _isOn = isOn;
                NoteChange();
            }

            return null!;
        }

        protected override void Describe(ResourceState state, long nowMs) => state.SetSwitch(_isOn);
    }

    /// <summary>A port and its socket: one datagram in, counts of those that went out.</summary>
    private sealed class FixedPort : IDatagramPort, IDatagramTransport
    {
        private readonly byte[] _acknowledgement = [0x60, 0, 0, 0];

        internal byte[]? Next { get; set; }

        internal int Sent { get; private set; }

        internal int Failed { get; private set; }

        /// <summary>The message ID of the last Confirmable message that the board sent, or -1.</summary>
        internal int Outstanding { get; private set; } = -1;

        public string Place => "here";

        public string Failure => null!;

        public IDatagramTransport Open() => this;

        public bool HasMoved() => false;

        public bool IsLocal(DatagramAddress peer) => true;

        public int Receive(byte[] buffer, int offset, int count, DatagramAddress from)
        {
            if (Next is not { } bytes)
            {
                return 0;
            }

            Next = null;
            Array.Copy(bytes, 0, buffer, offset, bytes.Length);
            from.SetIPv4(192, 168, 1, 50, 40000);
            return bytes.Length;
        }

        public int Send(byte[] buffer, int offset, int count, DatagramAddress to)
        {
            Sent++;
            Failed += buffer[offset + 1] >= 0x80 ? 1 : 0;
            if ((buffer[offset] & 0x30) == 0)
            {
                Outstanding = (buffer[offset + 2] << 8) | buffer[offset + 3];
            }

            return count;
        }

        public void Close()
        {
        }

        internal void Acknowledge()
        {
            _acknowledgement[2] = (byte)(Outstanding >> 8);
            _acknowledgement[3] = (byte)Outstanding;
            Outstanding = -1;
            Next = _acknowledgement;
        }
    }
}
