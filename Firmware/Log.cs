// What the device tells on its serial console. One line each: what happened, and what to do if something is wrong. Never a key, a
// password or a payload.

using System;

namespace Firmware
{
    /// <summary>Lines on the serial console.</summary>
    public static class Log
    {
        /// <summary>Something went as it should.</summary>
        /// <param name="text">One line.</param>
        public static void Info(string text)
        {
            Console.WriteLine(text);
        }

        /// <summary>Something went wrong, or the user must do something.</summary>
        /// <param name="text">One line that says what is wrong and what to do.</param>
        public static void Warning(string text)
        {
            Console.WriteLine("! " + text);
        }
    }
}
