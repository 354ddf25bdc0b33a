// Routes Console.Out: what a board's threads print is that board's UART, everything else goes where it went before.

using System.Text;

namespace Firmware.Simulator.Board;

/// <summary>The switch that makes System.Console of firmware threads the UART of their board.</summary>
public static class BoardConsole
{
    private static readonly Lock Gate = new();
    private static TextWriter? s_installed;

    /// <summary>Replaces Console.Out. May be called again at any time, also after somebody else replaced Console.Out.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (s_installed is not null && ReferenceEquals(Console.Out, s_installed))
            {
                return;
            }

            Console.SetOut(new UartWriter(Console.Out));

            // SetOut wraps what it gets, so remember the wrapper
            s_installed = Console.Out;
        }
    }

    /// <summary>The writer. Console wraps it in a lock, so it needs none for itself.</summary>
    private sealed class UartWriter(TextWriter original) : TextWriter
    {
        public override Encoding Encoding => original.Encoding;

        public override void Write(char value)
        {
            if (Boot.Ambient is not { } boot)
            {
                original.Write(value);
                return;
            }

            Append(boot, value);
        }

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(string? value) => Write(value.AsSpan());

        public override void WriteLine(string? value)
        {
            if (Boot.Ambient is null)
            {
                original.WriteLine(value);
                return;
            }

            Write(value.AsSpan());
            Write('\n');
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            if (Boot.Ambient is not { } boot)
            {
                original.Write(buffer);
                return;
            }

            foreach (char c in buffer)
            {
                Append(boot, c);
            }
        }

        public override void Flush() => original.Flush();

        private static void Append(Boot boot, char c)
        {
            if (!boot.IsAlive)
            {
                return;
            }

            StringBuilder line = boot.State<StringBuilder>();
            switch (c)
            {
                case '\r':
                    break;
                case '\n':
                    boot.Board.PrintLine(line.ToString());
                    line.Clear();
                    break;
                default:
                    line.Append(c);
                    break;
            }
        }
    }
}
