// The framework's Assert without the text of each asserted expression, on the device only. The framework takes that text from the compiler
// (CallerArgumentExpression); in all tests together it is some 20 KB of strings, and an assembly's names and strings, those of [DataRow]
// included, must fit 64 KB. What failed is told by the test's name and row; on the host the tests use the Simulator's Assert, text and all.
// In the tests' namespaces this class comes before the one that their using directive names.

using System;

namespace Firmware.Tests
{
    internal static class Assert
    {
        internal static void AreEqual(bool expected, bool actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreEqual(expected, actual, message);
        }

        internal static void AreEqual(int expected, int actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreEqual(expected, actual, message);
        }

        internal static void AreEqual(long expected, long actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreEqual(expected, actual, message);
        }

        internal static void AreEqual(string expected, string actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreEqual(expected, actual, message);
        }

        internal static void AreEqual(object expected, object actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreEqual(expected, actual, message);
        }

        internal static void AreNotEqual(int notExpected, int actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreNotEqual(notExpected, actual, message);
        }

        internal static void AreSame(object expected, object actual, string message = "")
        {
            nanoFramework.TestFramework.Assert.AreSame(expected, actual, message);
        }

        internal static void Contains(string expected, string value, string message = "")
        {
            nanoFramework.TestFramework.Assert.Contains(expected, value, message);
        }

        internal static void DoesNotContains(string notExpected, string value, string message = "")
        {
            nanoFramework.TestFramework.Assert.DoesNotContains(notExpected, value, message);
        }

        internal static void StartsWith(string expected, string value, string message = "")
        {
            nanoFramework.TestFramework.Assert.StartsWith(expected, value, message);
        }

        internal static void IsTrue(bool condition, string message = "")
        {
            nanoFramework.TestFramework.Assert.IsTrue(condition, message);
        }

        internal static void IsFalse(bool condition, string message = "")
        {
            nanoFramework.TestFramework.Assert.IsFalse(condition, message);
        }

        internal static void IsNull(object value, string message = "")
        {
            nanoFramework.TestFramework.Assert.IsNull(value, message);
        }

        internal static void IsNotNull(object value, string message = "")
        {
            nanoFramework.TestFramework.Assert.IsNotNull(value, message);
        }

        internal static void ThrowsException(Type exception, Action action, string message = "")
        {
            nanoFramework.TestFramework.Assert.ThrowsException(exception, action, message);
        }
    }
}
