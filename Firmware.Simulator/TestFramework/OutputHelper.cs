// nanoFramework.TestFramework 3.0's OutputHelper. On the device it writes to the console, which the adapter reads; here the console of a
// running test is captured and shown with the test if it fails.
using System;

namespace nanoFramework.TestFramework
{
    /// <summary>Writes text that helps to understand a failed test.</summary>
    public static class OutputHelper
    {
        /// <summary>Writes text to the output of the running test.</summary>
        /// <param name="message">The text.</param>
        public static void Write(string message) => Console.Write(message);

        /// <summary>Writes a line to the output of the running test.</summary>
        /// <param name="message">The line without its end.</param>
        public static void WriteLine(string message) => Console.WriteLine(message);
    }
}
