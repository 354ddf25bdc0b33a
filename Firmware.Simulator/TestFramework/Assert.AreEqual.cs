// nanoFramework.TestFramework 3.0's Assert, part 2: AreEqual for every type that has an overload on the device.
// The overloads are kept, not folded into one with objects: with them the compiler widens both sides to one type (1 equals 1L), as on the device.
using System;
using System.Runtime.CompilerServices;
using TestFrameworkShared;

namespace nanoFramework.TestFramework
{
    public sealed partial class Assert
    {
        /// <summary>Fails unless the two values are equal.</summary>
        /// <param name="expected">The value that the test expects.</param>
        /// <param name="actual">The value that the code under test gave.</param>
        /// <param name="message">What the value is; by default the expression it was computed with (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The assertion does not hold.</exception>
        public static void AreEqual(bool expected, bool actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(byte expected, byte actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(char expected, char actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(DateTime expected, DateTime actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(double expected, double actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(float expected, float actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(int expected, int actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(long expected, long actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(object? expected, object? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(sbyte expected, sbyte actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(short expected, short actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(string? expected, string? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!string.Equals(expected, actual, StringComparison.Ordinal))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(uint expected, uint actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(ulong expected, ulong actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        /// <inheritdoc cref="AreEqual(bool, bool, string)"/>
        public static void AreEqual(ushort expected, ushort actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!Equals(expected, actual))
            {
                FailEqual(expected, actual, message);
            }
        }

        private static void FailEqual(object? expected, object? actual, string? message) =>
            Fail("Assert.AreEqual", $"Expected: {Show(expected)}. Actual: {Show(actual)}.", message);
    }
}
