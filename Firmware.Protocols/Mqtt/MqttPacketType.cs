// Control packet types of MQTT 3.1.1 (OASIS Standard, section 2.2.1), as they stand in the first byte.

namespace Firmware.Protocols.Mqtt
{
    /// <summary>First bytes of control packets: type in bits 7-4, the required flags in bits 3-0 (MQTT 3.1.1 table 2.2).</summary>
    internal static class MqttPacketType
    {
        internal const int TypeMask = 0xF0;
        internal const int FlagsMask = 0x0F;

        internal const int Connect = 0x10;
        internal const int Connack = 0x20;
        internal const int Publish = 0x30;
        internal const int Puback = 0x40;
        internal const int Pubrec = 0x50;
        internal const int Pubrel = 0x62;
        internal const int Pubcomp = 0x70;
        internal const int Subscribe = 0x82;
        internal const int Suback = 0x90;
        internal const int Unsubscribe = 0xA2;
        internal const int Unsuback = 0xB0;
        internal const int Pingreq = 0xC0;
        internal const int Pingresp = 0xD0;
        internal const int Disconnect = 0xE0;

        internal const int PublishDup = 0x08;
        internal const int PublishRetain = 0x01;
        internal const int PublishQosShift = 1;
        internal const int PublishQosMask = 0x06;
    }
}
