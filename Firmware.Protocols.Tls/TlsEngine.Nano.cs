// The native TLS engine as C# on the device sees it: the calls of native/core/tls_engine.h, one to one, as InternalCalls of a custom nanoCLR image.
// On a stock image the assembly loads, and every call throws NotSupportedException: TlsEngineTransport.IsEngineThere asks.
// Nothing but these calls is in this assembly: the native checksum counts every method of it, managed ones too, and each change needs a new image.
// A change of any signature, name or order here changes the native checksum: native/nano and AssemblyNativeVersion change with it (a test holds them together).

using System.Runtime.CompilerServices;

namespace Firmware.Protocols.Tls
{
    /// <summary>The calls of the native TLS engine. Arrays are checked; bad ones throw. All other errors are results below 0, see <see cref="TlsError"/>.</summary>
    public static class TlsEngine
    {
        /// <summary>Opens an engine.</summary>
        /// <returns>Its handle, above 0, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Open();

        /// <summary>Closes all engines: those of managed code that ran before a soft reboot have no owner any more.</summary>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern void Reset();

        /// <summary>Frees an engine; says nothing to the server.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Close(int engine);

        /// <summary>Sets an item of bytes before the start; they are copied or parsed.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Set constants.</param>
        /// <param name="data">Holds the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="count">How many.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Set(int engine, int item, byte[] data, int offset, int count);

        /// <summary>Sets a number.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Number constants.</param>
        /// <param name="value">The number, in the item's unit.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int SetNumber(int engine, int item, long value);

        /// <summary>Ends the setting; pumping begins the handshake.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Start(int engine);

        /// <summary>Does one piece of work: one step of the handshake, or one record each way.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="input">Holds bytes from the server.</param>
        /// <param name="inputOffset">The first of them.</param>
        /// <param name="inputCount">How many; can be 0.</param>
        /// <param name="output">Gets bytes for the server.</param>
        /// <param name="outputOffset">Where to put the first.</param>
        /// <param name="outputCount">How many fit; can be 0.</param>
        /// <returns>Flags (see <see cref="TlsFlags"/>) &lt;&lt; 32 | bytes consumed &lt;&lt; 16 | bytes produced, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern long Pump(int engine, byte[] input, int inputOffset, int inputCount, byte[] output, int outputOffset, int outputCount);

        /// <summary>Takes decrypted bytes.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="buffer">Gets the bytes.</param>
        /// <param name="offset">Where to put the first.</param>
        /// <param name="count">The most wanted.</param>
        /// <returns>How many there were, 0 for nothing now, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Read(int engine, byte[] buffer, int offset, int count);

        /// <summary>Encrypts bytes, at most one record; the next pumps put them out.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="data">Holds the bytes.</param>
        /// <param name="offset">The first byte.</param>
        /// <param name="count">How many.</param>
        /// <returns>How many were taken, 0 for none now, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Write(int engine, byte[] data, int offset, int count);

        /// <summary>Says the end in order; the next pumps put it out.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Shutdown(int engine);

        /// <summary>Tells that the server's stream has ended.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <returns>0 or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int EndOfInput(int engine);

        /// <summary>Tells a number.</summary>
        /// <param name="engine">The engine's handle; does not matter for some items.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Info constants.</param>
        /// <returns>The number, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern long Info(int engine, int item);

        /// <summary>Copies an item of bytes.</summary>
        /// <param name="engine">The engine's handle.</param>
        /// <param name="item">One of <see cref="TlsItem"/>'s Get constants.</param>
        /// <param name="buffer">Gets the bytes.</param>
        /// <param name="offset">Where to put the first.</param>
        /// <param name="count">How many fit.</param>
        /// <returns>How many there were, or an error.</returns>
        [MethodImpl(MethodImplOptions.InternalCall)]
        public static extern int Get(int engine, int item, byte[] buffer, int offset, int count);
    }
}
