// Where a datagram came from or goes to. A long-lived object that is filled again and again: an address never allocates.

using System;

namespace Firmware.Protocols.Io
{
    /// <summary>The IP address and UDP port of a peer. Mutable and reused; compare with <see cref="Matches"/>.</summary>
    public sealed class DatagramAddress
    {
        /// <summary>The longest address in bytes: IPv6.</summary>
        public const int MaxLength = 16;

        /// <summary>The address in network order; the first <see cref="Length"/> bytes count.</summary>
        public readonly byte[] Address = new byte[MaxLength];

        /// <summary>4 for IPv4, 16 for IPv6, 0 for none.</summary>
        public int Length;

        /// <summary>The UDP port.</summary>
        public int Port;

        /// <summary>True if the datagram was sent to a group (RFC 7252 section 8), not to this device alone. No part of the address.</summary>
        public bool IsMulticast;

        /// <summary>Forgets the address.</summary>
        public void Clear()
        {
            Length = 0;
            Port = 0;
            IsMulticast = false;
        }

        /// <summary>Becomes a copy of another address.</summary>
        /// <param name="other">The address to copy.</param>
        public void Set(DatagramAddress other)
        {
            Array.Copy(other.Address, Address, MaxLength);
            Length = other.Length;
            Port = other.Port;
            IsMulticast = other.IsMulticast;
        }

        /// <summary>Becomes an IPv4 address.</summary>
        /// <param name="a">The first byte.</param>
        /// <param name="b">The second byte.</param>
        /// <param name="c">The third byte.</param>
        /// <param name="d">The fourth byte.</param>
        /// <param name="port">The UDP port.</param>
        public void SetIPv4(int a, int b, int c, int d, int port)
        {
            Address[0] = (byte)a;
            Address[1] = (byte)b;
            Address[2] = (byte)c;
            Address[3] = (byte)d;
            Length = 4;
            Port = port;
            IsMulticast = false;
        }

        /// <summary>Tells whether two addresses are the same endpoint.</summary>
        /// <param name="other">The other one.</param>
        /// <returns>True if address and port agree and there is an address.</returns>
        public bool Matches(DatagramAddress other)
        {
            int length = Length;
            if (Port != other.Port || length != other.Length || length == 0)
            {
                return false;
            }

            byte[] mine = Address;
            byte[] theirs = other.Address;
            for (int i = length - 1; i >= 0; i--)
            {
                if (mine[i] != theirs[i])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
