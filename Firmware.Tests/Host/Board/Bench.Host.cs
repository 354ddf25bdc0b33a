// A workbench for tests: one board on a clock that the test moves, running a program that does what the test hands it, on the board's main thread.

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Firmware.Simulator.Board;

namespace Firmware.Tests.Host.BoardTests;

/// <summary>A running board, its clock, and a way to run code on it. Dispose it: that cuts the power and removes the storage folder.</summary>
internal sealed class Bench : IDisposable
{
    private const int PatienceMs = 5000;

    private readonly ConcurrentQueue<Job> _jobs = new();
    private readonly AutoResetEvent _work = new(false);

    internal Bench(string name = "bench")
    {
        Time = new ManualBoardTime();
        Board = new VirtualBoard(name, Path.Combine(Path.GetTempPath(), $"board-{Guid.NewGuid():N}"), Time);
        Board.Start(Main);
    }

    internal VirtualBoard Board { get; }

    internal ManualBoardTime Time { get; }

    /// <summary>Runs code on the board's main thread and waits for it; its exception comes out here.</summary>
    internal void Run(Action firmware)
    {
        Await(Begin(firmware));
    }

    /// <summary>Begins to run code on the board's main thread. Returns once it has begun, so that a thread waiting on the clock is this one.</summary>
    internal Task Begin(Action firmware)
    {
        Job job = new(firmware);
        _jobs.Enqueue(job);
        _work.Set();
        if (!job.Begun.Wait(PatienceMs))
        {
            throw new TimeoutException("the board does not take the firmware's code");
        }

        return job.Done.Task;
    }

    /// <summary>Waits for code begun earlier; its exception comes out here.</summary>
    internal static void Await(Task task)
    {
        if (!Task.WhenAny(task, Task.Delay(PatienceMs)).GetAwaiter().GetResult().Equals(task))
        {
            throw new TimeoutException("the firmware's code does not end");
        }

        task.GetAwaiter().GetResult();
    }

    /// <summary>Waits, in real time, until something is so.</summary>
    internal static bool Until(Func<bool> condition)
    {
        return SpinWait.SpinUntil(condition, PatienceMs);
    }

    public void Dispose()
    {
        Board.CutPower();
        Directory.Delete(Board.StorageFolder, recursive: true);
    }

    private void Main()
    {
        while (true)
        {
            while (_jobs.TryDequeue(out Job? job))
            {
                job.Run();
            }

            Board.Time.Wait(_work, Timeout.Infinite);
        }
    }

    private sealed record Job(Action Firmware)
    {
        internal TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ManualResetEventSlim Begun { get; } = new(false);

        internal void Run()
        {
            Begun.Set();
            try
            {
                Firmware();
                Done.SetResult();
            }
            catch (BoardPoweredOffException e)
            {
                Done.SetException(e);
                throw;
            }
            catch (Exception e)
            {
                Done.SetException(ExceptionDispatchInfo.SetCurrentStackTrace(e));
            }
        }
    }
}
