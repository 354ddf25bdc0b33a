// The data representations of MQTT 3.1.1, sections 1.5 and 2.2.3, as they are written.

using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Mqtt
{
    [TestClass]
    public static class MqttWriterTests
    {
        // table 2.4
        [DataRow(0, "00")]
        [DataRow(1, "01")]
        [DataRow(127, "7F")]
        [DataRow(128, "80 01")]
        [DataRow(321, "C1 02")]
        [DataRow(16383, "FF 7F")]
        [DataRow(16384, "80 80 01")]
        [DataRow(2097151, "FF FF 7F")]
        [DataRow(2097152, "80 80 80 01")]
        [DataRow(268435455, "FF FF FF 7F")]
        public static void Writes_a_remaining_length(int value, string expected)
        {
            byte[] bytes = PacketText.Parse(expected);
            Assert.AreEqual(bytes.Length, MqttWriter.SizeOfRemainingLength(value));
            byte[] buffer = new byte[8];
            MqttWriter writer = new MqttWriter();
            writer.Reset(buffer, 2, 2 + bytes.Length);
            writer.RemainingLength(value);
            Assert.IsFalse(writer.Overflowed);
            Assert.AreEqual(expected, PacketText.Hex(buffer, 2, writer.Length));

            writer.Reset(buffer, 2, 1 + bytes.Length);
            writer.RemainingLength(value);
            Assert.IsTrue(writer.Overflowed, "one byte too few");
        }

        [DataRow(268435456)]
        [DataRow(2147483647)]
        [DataRow(-1)]
        public static void Refuses_a_remaining_length_that_four_bytes_cannot_say(int value)
        {
            MqttWriter writer = new MqttWriter();
            writer.Reset(new byte[8], 0, 8);
            writer.RemainingLength(value);
            Assert.IsTrue(writer.Overflowed);
        }

        [TestMethod]
        public static void Appends_behind_one_another_from_the_offset_on()
        {
            byte[] buffer = new byte[16];
            MqttWriter writer = new MqttWriter();
            writer.Reset(buffer, 3, 16);
            writer.Byte(0x182);
            writer.UInt16(0x1234);
            writer.Field(Bytes.FromString("hi"));
            writer.Raw(Bytes.FromString("xabcx"), 1, 3);
            writer.Field(Bytes.Empty);
            Assert.IsFalse(writer.Overflowed);
            Assert.AreEqual(12, writer.Length);
            Assert.AreEqual("00 00 00 82 12 34 00 02 68 69 61 62 63 00 00 00", PacketText.Hex(buffer, 0, 16));
        }

        [TestMethod]
        public static void Never_writes_outside_its_range_and_remembers_that_something_did_not_fit()
        {
            byte[] field = Bytes.FromString("abc");
            for (int room = 0; room < 9; room++)
            {
                byte[] buffer = PacketText.Parse("EE*16");
                MqttWriter writer = new MqttWriter();
                writer.Reset(buffer, 4, 4 + room);
                writer.Byte(1);
                writer.UInt16(2);
                writer.Field(field);
                Assert.AreEqual(room < 8, writer.Overflowed, "room for " + room);
                writer.Raw(field, 0, 0);
                Assert.AreEqual(room < 8, writer.Overflowed, "room for " + room);
                for (int i = 0; i < buffer.Length; i++)
                {
                    Assert.IsTrue((i >= 4 && i < 4 + room) || buffer[i] == 0xEE, "written at " + i);
                }

                writer.Reset(buffer, 0, 16);
                Assert.IsFalse(writer.Overflowed);
                Assert.AreEqual(0, writer.Length);
            }
        }

        [TestMethod]
        public static void A_field_has_at_most_65535_bytes()
        {
            byte[] buffer = new byte[65600];
            MqttWriter writer = new MqttWriter();
            writer.Reset(buffer, 0, buffer.Length);
            writer.Field(new byte[65535]);
            Assert.IsFalse(writer.Overflowed);
            Assert.AreEqual(65537, writer.Length);
            Assert.AreEqual("FF FF 00", PacketText.Hex(buffer, 0, 3));
            writer.Reset(buffer, 0, buffer.Length);
            writer.Field(new byte[65536]);
            Assert.IsTrue(writer.Overflowed);
        }
    }
}
