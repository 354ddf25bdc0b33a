// nanoFramework.TestFramework 3.0's Assert, part 3: AreNotEqual for every type that has an overload on the device.
// The overloads are kept, not folded into one with objects: with them the compiler widens both sides to one type (1 equals 1L), as on the device.
using System;
using System.Runtime.CompilerServices;
using TestFrameworkShared;

namespace nanoFramework.TestFramework
{
    public sealed partial class Assert
    {
        /// <summary>Fails if the two values are equal.</summary>
        /// <param name="notExpected">The value that the test expects not to find.</param>
        /// <param name="actual">The value that the code under test gave.</param>
        /// <param name="message">What the value is; by default the expression it was computed with (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The assertion does not hold.</exception>
        public static void AreNotEqual(bool notExpected, bool actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(byte notExpected, byte actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(char notExpected, char actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(DateTime notExpected, DateTime actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(double notExpected, double actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(float notExpected, float actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(int notExpected, int actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(long notExpected, long actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(object? notExpected, object? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(sbyte notExpected, sbyte actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(short notExpected, short actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(string? notExpected, string? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (string.Equals(notExpected, actual, StringComparison.Ordinal))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(uint notExpected, uint actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(ulong notExpected, ulong actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        /// <inheritdoc cref="AreNotEqual(bool, bool, string)"/>
        public static void AreNotEqual(ushort notExpected, ushort actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (Equals(notExpected, actual))
            {
                FailNotEqual(notExpected, actual, message);
            }
        }

        private static void FailNotEqual(object? notExpected, object? actual, string? message) =>
            Fail("Assert.AreNotEqual", $"Expected any value except {Show(notExpected)}. Actual: {Show(actual)}.", message);
    }
}
