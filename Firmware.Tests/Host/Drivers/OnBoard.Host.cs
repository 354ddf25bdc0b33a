// Runs a test as the program of a virtual board, whose clock stands still until the test moves it.

using System.Device.Gpio;
using System.Runtime.ExceptionServices;
using Firmware.Simulator.Board;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Drivers;

/// <summary>A virtual board with a test as its firmware.</summary>
internal static class OnBoard
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Runs the test in the board's main thread, waits for its end and cuts the power.</summary>
    /// <param name="test">The test; what it throws fails the caller.</param>
    public static void Run(Action<VirtualBoard, ManualBoardTime> test)
    {
        string folder = Directory.CreateTempSubdirectory("drivers-").FullName;
        try
        {
            ManualBoardTime time = new();
            VirtualBoard board = new("bench", folder, time);
            ExceptionDispatchInfo? failure = null;
            using ManualResetEventSlim ended = new();
            board.Start(() =>
            {
                try
                {
                    test(board, time);
                }
                catch (Exception e)
                {
                    failure = ExceptionDispatchInfo.Capture(e);
                }
                finally
                {
                    ended.Set();
                }
            });
            bool inTime = ended.Wait(Limit);
            board.CutPower();
            failure?.Throw();
            if (!inTime)
            {
                throw new TimeoutException("the test did not end on the virtual board");
            }
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    /// <summary>Moves the clock, millisecond by millisecond, until a measurement ends.</summary>
    /// <param name="poll">The sensor's Poll.</param>
    /// <param name="time">The clock.</param>
    public static void Finish(Func<long, bool> poll, ManualBoardTime time)
    {
        for (int i = 0; i < 1000; i++)
        {
            if (poll(time.TotalMs))
            {
                return;
            }

            time.Advance(1);
        }

        Assert.IsTrue(false, "the measurement does not end");
    }

    /// <summary>Opens a pin as a board's owner does, without a mode.</summary>
    /// <param name="gpio">GPIO number.</param>
    /// <returns>The pin.</returns>
    public static GpioPin Open(int gpio) => new GpioController().OpenPin(gpio);

    /// <summary>Waits in real time.</summary>
    /// <param name="condition">What must become true.</param>
    /// <param name="realMs">The longest wait in milliseconds.</param>
    /// <returns>Whether it did.</returns>
    public static bool Await(Func<bool> condition, int realMs) => SpinWait.SpinUntil(condition, realMs);
}
