// Carries UART lines from firmware threads to listeners, in order, on pool threads: a listener that blocks or takes locks
// can then never hold up the firmware or deadlock with Console's own lock.

using System.Collections.Concurrent;

namespace Firmware.Simulator.Board;

/// <summary>An ordered queue of lines with at most one pool thread serving it.</summary>
internal sealed class LineDispatcher(Action<string> deliver)
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ManualResetEventSlim _idle = new(true);
    private readonly Lock _gate = new();
    private bool _serving;

    internal void Post(string line)
    {
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_serving)
            {
                return;
            }

            _serving = true;
            _idle.Reset();
        }

        ThreadPool.UnsafeQueueUserWorkItem(static d => d.Serve(), this, preferLocal: false);
    }

    /// <summary>Waits until all lines are delivered, in real milliseconds at most.</summary>
    internal void Flush(int timeoutMs)
    {
        _idle.Wait(timeoutMs);
    }

    private void Serve()
    {
        // the pool thread belongs to no board, whoever queued the line
        Boot.Ambient = null;
        while (true)
        {
            string? line;
            lock (_gate)
            {
                if (!_lines.TryDequeue(out line))
                {
                    _serving = false;
                    _idle.Set();
                    return;
                }
            }

            deliver(line);
        }
    }
}
