// A state in the forms in which doors tell it, and commands as CBOR: that the device's own code writes and reads them as the PC's does.

using Firmware.Features;
using Firmware.Protocols.Cbor;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.SenMl;
using Firmware.Things;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Features
{
    [TestClass]
    public static class StateTests
    {
        private static readonly byte[] Buffer = new byte[64];
        private static readonly JsonWriter Json = new JsonWriter(Buffer);
        private static readonly byte[] Name = Bytes.FromString("x");

        [TestMethod]
        public static void State_has_one_value_in_all_forms()
        {
            ResourceState state = new ResourceState();
            state.SetNumber(215, 1, Bytes.FromString("Cel"));
            Expect(state, "\"x\":21.5", "21.5", "\"u\":\"Cel\",\"v\":21.5", 6);
            state.SetSwitch(true);
            Expect(state, "\"x\":\"on\"", "on", "\"vb\":true", 6);
            state.SetDetail(Words.Id, 7);
            Expect(state, "\"x\":\"on\",\"id\":7", "on", "\"vb\":true", 10);
            state.SetSwitch(false);
            Expect(state, "\"x\":\"off\"", "off", "\"vb\":false", 7);
        }

        [TestMethod]
        public static void Command_as_cbor_is_the_same_as_json()
        {
            Lamp lamp = new Lamp();
            CommandReader reader = new CommandReader(new ResourceTree(new Resource[] { lamp }));
            CborWriter cbor = new CborWriter(Buffer);
            cbor.BeginMap(2);
            cbor.Text(Name);
            cbor.Text(Words.Dim);
            cbor.Text(Words.Percent);
            cbor.Int(30);
            Assert.IsNull(reader.ReadFor(lamp, true, Buffer, 0, cbor.Length));
            Assert.AreEqual((int)CommandAction.Dim, (int)reader.Command.Action);
            Assert.AreEqual(30, reader.Command.Percent);
            for (int length = 0; length < cbor.Length; length++)
            {
                Assert.IsNotNull(reader.ReadFor(lamp, true, Buffer, 0, length));
            }

            Assert.IsNotNull(reader.ReadFor(lamp, false, Buffer, 0, cbor.Length));
        }

        private static void Expect(ResourceState state, string members, string text, string fields, int cborLength)
        {
            Json.Reset();
            state.WriteMembers(Json, Name);
            Assert.AreEqual(members, Written());
            Json.Reset();
            state.WriteText(Json);
            Assert.AreEqual(text, Written());
            Json.Reset();
            state.WriteFields(new SenMlWriter(Json));
            Assert.AreEqual(fields, Written());
            CborWriter cbor = new CborWriter(Buffer);
            state.WriteMap(cbor, Name);
            Assert.AreEqual(cborLength, cbor.Length);
        }

        private static string Written()
        {
            return System.Text.Encoding.UTF8.GetString(Buffer, 0, Json.Length);
        }

        private sealed class Lamp : Resource
        {
            internal Lamp()
                : base("x", "x")
            {
            }

            public override bool IsActuator
            {
                get { return true; }
            }

            protected override void Describe(ResourceState state, long nowMs)
            {
            }
        }
    }
}
