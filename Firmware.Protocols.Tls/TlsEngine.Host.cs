// The native TLS engine as C# on a PC sees it: the same calls, the same C core, built for this machine (Firmware.Protocols.Tls.Host.csproj) and reached
// through P/Invoke. It checks arrays as the device's stubs in native/nano do.
// A device has one thread that makes native calls, and one table of engines. Here many boards and threads share them: calls take turns, and a reset
// is for the engines of the board that asks, as is a loss of power.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Firmware.Simulator.Board;

namespace Firmware.Protocols.Tls
{
    /// <summary>The calls of the native TLS engine. Arrays are checked; bad ones throw. All other errors are results below 0, see <see cref="TlsError"/>.</summary>
    public static class TlsEngine
    {
        private const string Library = "firmware_tls";

        private static readonly object Turn = new object();
        private static readonly Dictionary<int, Owner> Owners = new Dictionary<int, Owner>();

        /// <summary>Opens an engine.</summary>
        /// <returns>Its handle, above 0, or an error.</returns>
        public static int Open()
        {
            Owner owner = new Owner { Board = VirtualBoard.OfThisThread };
            int engine;
            lock (Turn)
            {
                engine = tls_open();
                if (engine <= 0)
                {
                    return engine;
                }

                Owners[engine] = owner;
            }

            if (owner.Board != null)
            {
                // memory does not outlive the power
                owner.PowerLost = owner.Board.OnPowerLost(() => Close(engine));
            }

            return engine;
        }

        /// <summary>Closes all engines of this board: those of managed code that ran before a soft reboot have no owner any more.</summary>
        public static void Reset()
        {
            VirtualBoard board = VirtualBoard.OfThisThread;
            List<int> engines;
            lock (Turn)
            {
                engines = EnginesOf(board);
            }

            foreach (int engine in engines)
            {
                Close(engine);
            }
        }

        /// <summary>Frees an engine; says nothing to the server.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        public static int Close(int engine)
        {
            Owner owner;
            int result;
            lock (Turn)
            {
                Owners.Remove(engine, out owner);
                result = tls_close(engine);
            }

            if (owner != null && owner.PowerLost != null)
            {
                owner.PowerLost.Dispose();
            }

            return result;
        }

        /// <summary>How many engines a board has open, for tests.</summary>
        /// <param name="board">The board.</param>
        /// <returns>Their count.</returns>
        internal static int CountOf(VirtualBoard board)
        {
            lock (Turn)
            {
                return EnginesOf(board).Count;
            }
        }

        /// <summary>Sets an item of bytes before the start; they are copied or parsed.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Set constants.</param>
        /// <param name="data">Holds the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="count">How many.</param>
        /// <returns>0 or an error.</returns>
        public static int Set(int engine, int item, byte[] data, int offset, int count)
        {
            lock (Turn)
            {
                return tls_set(engine, item, ref Window(data, offset, count), count);
            }
        }

        /// <summary>Sets a number.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Number constants.</param>
        /// <param name="value">The number, in the item's unit.</param>
        /// <returns>0 or an error.</returns>
        public static int SetNumber(int engine, int item, long value)
        {
            lock (Turn)
            {
                return tls_set_number(engine, item, value);
            }
        }

        /// <summary>Ends the setting; pumping begins the handshake.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        public static int Start(int engine)
        {
            lock (Turn)
            {
                return tls_start(engine);
            }
        }

        /// <summary>Does one piece of work: one step of the handshake, or one record each way.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="input">Holds bytes from the server.</param>
        /// <param name="inputOffset">The first of them.</param>
        /// <param name="inputCount">How many; can be 0.</param>
        /// <param name="output">Gets bytes for the server.</param>
        /// <param name="outputOffset">Where to put the first.</param>
        /// <param name="outputCount">How many fit; can be 0.</param>
        /// <returns>Flags (see <see cref="TlsFlags"/>) &lt;&lt; 32 | bytes consumed &lt;&lt; 16 | bytes produced, or an error.</returns>
        public static long Pump(int engine, byte[] input, int inputOffset, int inputCount, byte[] output, int outputOffset, int outputCount)
        {
            lock (Turn)
            {
                return tls_pump(engine, ref Window(input, inputOffset, inputCount), inputCount, ref Window(output, outputOffset, outputCount), outputCount);
            }
        }

        /// <summary>Takes decrypted bytes.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="buffer">Gets the bytes.</param>
        /// <param name="offset">Where to put the first.</param>
        /// <param name="count">The most wanted.</param>
        /// <returns>How many there were, 0 for nothing now, or an error.</returns>
        public static int Read(int engine, byte[] buffer, int offset, int count)
        {
            lock (Turn)
            {
                return tls_read(engine, ref Window(buffer, offset, count), count);
            }
        }

        /// <summary>Encrypts bytes, at most one record; the next pumps put them out.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="data">Holds the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="count">How many.</param>
        /// <returns>How many were taken, 0 for none now, or an error.</returns>
        public static int Write(int engine, byte[] data, int offset, int count)
        {
            lock (Turn)
            {
                return tls_write(engine, ref Window(data, offset, count), count);
            }
        }

        /// <summary>Says the end in order; the next pumps put it out.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        public static int Shutdown(int engine)
        {
            lock (Turn)
            {
                return tls_shutdown(engine);
            }
        }

        /// <summary>Tells that the server's stream has ended.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        public static int EndOfInput(int engine)
        {
            lock (Turn)
            {
                return tls_end_of_input(engine);
            }
        }

        /// <summary>Tells a number.</summary>
        /// <param name="engine">The engine's handle; does not matter for some items.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Info constants.</param>
        /// <returns>The number, or an error.</returns>
        public static long Info(int engine, int item)
        {
            lock (Turn)
            {
                return tls_info(engine, item);
            }
        }

        /// <summary>Copies an item of bytes.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Get constants.</param>
        /// <param name="buffer">Gets the bytes.</param>
        /// <param name="offset">Where to put the first.</param>
        /// <param name="count">How many fit.</param>
        /// <returns>How many there were, or an error.</returns>
        public static int Get(int engine, int item, byte[] buffer, int offset, int count)
        {
            lock (Turn)
            {
                return tls_get(engine, item, ref Window(buffer, offset, count), count);
            }
        }

        // in the lock
        private static List<int> EnginesOf(VirtualBoard board)
        {
            List<int> engines = new List<int>();
            foreach (KeyValuePair<int, Owner> engine in Owners)
            {
                if (engine.Value.Board == board)
                {
                    engines.Add(engine.Key);
                }
            }

            return engines;
        }

        private static ref byte Window(byte[] array, int offset, int count)
        {
            if (array == null)
            {
                throw new ArgumentNullException(nameof(array));
            }

            if (offset < 0 || count < 0 || offset > array.Length - count)
            {
                throw new ArgumentOutOfRangeException(nameof(count));
            }

            // may point behind the last byte when count is 0: nobody looks then
            return ref MemoryMarshal.GetReference(array.AsSpan(offset, count));
        }

        [DllImport(Library)]
        private static extern int tls_open();

        [DllImport(Library)]
        private static extern int tls_close(int engine);

        [DllImport(Library)]
        private static extern int tls_set(int engine, int item, ref byte data, int count);

        [DllImport(Library)]
        private static extern int tls_set_number(int engine, int item, long value);

        [DllImport(Library)]
        private static extern int tls_start(int engine);

        [DllImport(Library)]
        private static extern long tls_pump(int engine, ref byte input, int inputCount, ref byte output, int outputCount);

        [DllImport(Library)]
        private static extern int tls_read(int engine, ref byte buffer, int count);

        [DllImport(Library)]
        private static extern int tls_write(int engine, ref byte data, int count);

        [DllImport(Library)]
        private static extern int tls_shutdown(int engine);

        [DllImport(Library)]
        private static extern int tls_end_of_input(int engine);

        [DllImport(Library)]
        private static extern long tls_info(int engine, int item);

        [DllImport(Library)]
        private static extern int tls_get(int engine, int item, ref byte buffer, int count);

        private sealed class Owner
        {
            internal VirtualBoard Board;
            internal IDisposable PowerLost;
        }
    }
}
