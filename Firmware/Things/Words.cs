// The words of commands and states, as bytes.

using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>Words that commands and states share, UTF-8.</summary>
    public static class Words
    {
        /// <summary>"on".</summary>
        public static readonly byte[] On = Bytes.FromString("on");

        /// <summary>"off".</summary>
        public static readonly byte[] Off = Bytes.FromString("off");

        /// <summary>"toggle".</summary>
        public static readonly byte[] Toggle = Bytes.FromString("toggle");

        /// <summary>"dim".</summary>
        public static readonly byte[] Dim = Bytes.FromString("dim");

        /// <summary>"seconds".</summary>
        public static readonly byte[] Seconds = Bytes.FromString("seconds");

        /// <summary>"percent".</summary>
        public static readonly byte[] Percent = Bytes.FromString("percent");

        /// <summary>"time".</summary>
        public static readonly byte[] Time = Bytes.FromString("time");

        /// <summary>"id".</summary>
        public static readonly byte[] Id = Bytes.FromString("id");

        /// <summary>"reason".</summary>
        public static readonly byte[] Reason = Bytes.FromString("reason");

        /// <summary>"duplicate".</summary>
        public static readonly byte[] Duplicate = Bytes.FromString("duplicate");

        /// <summary>"pressed".</summary>
        public static readonly byte[] Pressed = Bytes.FromString("pressed");

        /// <summary>"online".</summary>
        public static readonly byte[] Online = Bytes.FromString("online");

        /// <summary>"sleeping".</summary>
        public static readonly byte[] Sleeping = Bytes.FromString("sleeping");

        /// <summary>"n": the number of a reading.</summary>
        public static readonly byte[] Number = Bytes.FromString("n");

        /// <summary>"offline".</summary>
        public static readonly byte[] Offline = Bytes.FromString("offline");
    }
}
