// What happened last in a simulated world: a ring of plain values that becomes text only when somebody wants to read it.

using System.Globalization;

namespace Firmware.Simulator.Campaigns;

/// <summary>The last events of a world; with a writer, all of them as they happen.</summary>
internal sealed class EventLog
{
    internal const int Kept = 30;

    private readonly Entry[] _entries = new Entry[Kept];
    private readonly TextWriter? _trace;
    private long _count;

    internal EventLog(TextWriter? trace) => _trace = trace;

    internal long Count => _count;

    // format has at most {0}, {1} and {2}; a literal, so that noting allocates nothing
    internal void Note(long nowMs, string format, long a = 0, long b = 0, long c = 0)
    {
        ref Entry entry = ref _entries[(int)(_count++ % Kept)];
        entry.AtMs = nowMs;
        entry.Format = format;
        entry.A = a;
        entry.B = b;
        entry.C = c;
        _trace?.WriteLine(Text(entry));
    }

    internal string[] Last()
    {
        int n = (int)Math.Min(_count, Kept);
        string[] lines = new string[n];
        for (int i = 0; i < n; i++)
        {
            lines[i] = Text(_entries[(int)((_count - n + i) % Kept)]);
        }

        return lines;
    }

    private static string Text(in Entry entry) =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.AtMs / 1000.0,11:F3} s  ") + string.Format(CultureInfo.InvariantCulture, entry.Format, entry.A, entry.B, entry.C);

    private struct Entry
    {
        internal long AtMs;
        internal string Format;
        internal long A;
        internal long B;
        internal long C;
    }
}
