// nanoFramework.TestFramework 3.0's Assert, part 1: everything but AreEqual and AreNotEqual.
// Source of names, order of parameters and meaning: the public surface of nanoFramework.TestFramework 3.0.80. Two meanings differ from other
// frameworks and are kept: IsInstanceOfType and ThrowsException want exactly that type, not a derived one.
// Left out: the obsolete members (Equal, True, Throws ...), which new tests should not use.
using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using TestFrameworkShared;

namespace nanoFramework.TestFramework
{
    /// <summary>Assertions. One that does not hold throws <see cref="AssertFailedException"/>, which fails the test.</summary>
    [StackTraceHidden]
    public sealed partial class Assert
    {
        /// <summary>Fails unless the condition is true.</summary>
        /// <param name="condition">What the test expects to be true.</param>
        /// <param name="message">What the condition means; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The condition is false.</exception>
        public static void IsTrue([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string? message = "")
        {
            if (!condition)
            {
                Fail("Assert.IsTrue", "Expected: true. Actual: false.", message);
            }
        }

        /// <summary>Fails unless the condition is false.</summary>
        /// <param name="condition">What the test expects to be false.</param>
        /// <param name="message">What the condition means; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The condition is true.</exception>
        public static void IsFalse([DoesNotReturnIf(true)] bool condition, [CallerArgumentExpression(nameof(condition))] string? message = "")
        {
            if (condition)
            {
                Fail("Assert.IsFalse", "Expected: false. Actual: true.", message);
            }
        }

        /// <summary>Fails unless the value is null.</summary>
        /// <param name="value">What the test expects to be null.</param>
        /// <param name="message">What the value is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The value is not null.</exception>
        public static void IsNull(object? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            if (value is not null)
            {
                Fail("Assert.IsNull", $"Expected: null. Actual: {Show(value)}.", message);
            }
        }

        /// <summary>Fails if the value is null.</summary>
        /// <param name="value">What the test expects not to be null.</param>
        /// <param name="message">What the value is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The value is null.</exception>
        public static void IsNotNull([NotNull] object? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            if (value is null)
            {
                Fail("Assert.IsNotNull", "Expected: not null. Actual: null.", message);
            }
        }

        /// <summary>Fails unless both are the same object.</summary>
        /// <param name="expected">The object that the test expects.</param>
        /// <param name="actual">The object that the code under test gave.</param>
        /// <param name="message">What the object is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">They are two objects.</exception>
        public static void AreSame(object? expected, object? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (!ReferenceEquals(expected, actual))
            {
                string hint = expected is ValueType || actual is ValueType ? " A boxed value is never the same object: use AreEqual." : "";
                Fail("Assert.AreSame", $"Expected the same object: {Show(expected)}. Actual: {Show(actual)}.{hint}", message);
            }
        }

        /// <summary>Fails if both are the same object.</summary>
        /// <param name="notExpected">The object that the test expects not to find.</param>
        /// <param name="actual">The object that the code under test gave.</param>
        /// <param name="message">What the object is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">They are one object.</exception>
        public static void AreNotSame(object? notExpected, object? actual, [CallerArgumentExpression(nameof(actual))] string? message = "")
        {
            if (ReferenceEquals(notExpected, actual))
            {
                Fail("Assert.AreNotSame", $"Expected another object than {Show(notExpected)}.", message);
            }
        }

        /// <summary>Fails unless the value is of exactly this type; a derived type does not do.</summary>
        /// <param name="value">The value that the code under test gave.</param>
        /// <param name="expected">The type that the test expects.</param>
        /// <param name="message">What the value is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The value is null or of another type.</exception>
        public static void IsInstanceOfType(object? value, Type expected, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(expected, "Assert.IsInstanceOfType");
            if (value?.GetType() != expected)
            {
                Fail("Assert.IsInstanceOfType", $"Expected type: {expected}. Actual type: {value?.GetType().ToString() ?? "null"}.", message);
            }
        }

        /// <summary>Fails if the value is of exactly this type; a derived type passes.</summary>
        /// <param name="value">The value that the code under test gave.</param>
        /// <param name="notExpected">The type that the test expects not to find.</param>
        /// <param name="message">What the value is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The value is of this type.</exception>
        public static void IsNotInstanceOfType(object? value, Type notExpected, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(notExpected, "Assert.IsNotInstanceOfType");
            if (value?.GetType() == notExpected)
            {
                Fail("Assert.IsNotInstanceOfType", $"Expected any type except {notExpected}.", message);
            }
        }

        /// <summary>Fails unless the text contains the expected part (ordinal comparison).</summary>
        /// <param name="expected">The part that the test expects.</param>
        /// <param name="value">The text that the code under test gave.</param>
        /// <param name="message">What the text is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The part is not there, or one of them is null.</exception>
        public static void Contains(string? expected, string? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(expected, "Assert.Contains");
            RequireNotNull(value, "Assert.Contains");
            if (!value.Contains(expected, StringComparison.Ordinal))
            {
                Fail("Assert.Contains", $"{Show(value)} does not contain {Show(expected)}.", message);
            }
        }

        /// <summary>Fails if the text contains the part (ordinal comparison).</summary>
        /// <param name="notExpected">The part that the test expects not to find.</param>
        /// <param name="value">The text that the code under test gave.</param>
        /// <param name="message">What the text is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The part is there, or one of them is null.</exception>
        public static void DoesNotContains(string? notExpected, string? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(notExpected, "Assert.DoesNotContains");
            RequireNotNull(value, "Assert.DoesNotContains");
            if (value.Contains(notExpected, StringComparison.Ordinal))
            {
                Fail("Assert.DoesNotContains", $"{Show(value)} contains {Show(notExpected)}.", message);
            }
        }

        /// <summary>Fails unless the text starts with the expected part (ordinal comparison).</summary>
        /// <param name="expected">The start that the test expects.</param>
        /// <param name="value">The text that the code under test gave.</param>
        /// <param name="message">What the text is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The text starts differently, or one of them is null.</exception>
        public static void StartsWith(string? expected, string? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(expected, "Assert.StartsWith");
            RequireNotNull(value, "Assert.StartsWith");
            if (!value.StartsWith(expected, StringComparison.Ordinal))
            {
                Fail("Assert.StartsWith", $"{Show(value)} does not start with {Show(expected)}.", message);
            }
        }

        /// <summary>Fails unless the text ends with the expected part (ordinal comparison).</summary>
        /// <param name="expected">The end that the test expects.</param>
        /// <param name="value">The text that the code under test gave.</param>
        /// <param name="message">What the text is; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">The text ends differently, or one of them is null.</exception>
        public static void EndsWith(string? expected, string? value, [CallerArgumentExpression(nameof(value))] string? message = "")
        {
            RequireNotNull(expected, "Assert.EndsWith");
            RequireNotNull(value, "Assert.EndsWith");
            if (!value.EndsWith(expected, StringComparison.Ordinal))
            {
                Fail("Assert.EndsWith", $"{Show(value)} does not end with {Show(expected)}.", message);
            }
        }

        /// <summary>Fails unless the action throws an exception of exactly this type; a derived type does not do.</summary>
        /// <param name="exception">The type that the test expects.</param>
        /// <param name="action">The code under test.</param>
        /// <param name="message">What the action does; by default its expression (C# 10 and later).</param>
        /// <exception cref="AssertFailedException">Nothing or an exception of another type was thrown; the inner exception is the one that was thrown.</exception>
        public static void ThrowsException(Type exception, Action action, [CallerArgumentExpression(nameof(action))] string? message = "")
        {
            RequireNotNull(exception, "Assert.ThrowsException");
            RequireNotNull(action, "Assert.ThrowsException");
            Exception? thrown = null;
            try
            {
                action();
            }
            catch (Exception ex)
            {
                thrown = ex;
            }

            if (thrown?.GetType() != exception)
            {
                Fail("Assert.ThrowsException", $"Expected exception: {exception}. Actual: {thrown?.ToString() ?? "none"}.", message, thrown);
            }
        }

        /// <summary>Ends the running test as skipped; called from Setup, skips all tests of the class.</summary>
        /// <param name="message">Why the test cannot run here.</param>
        /// <exception cref="SkipTestException">Always.</exception>
        [DoesNotReturn]
        public static void SkipTest(string? message = default) => throw new SkipTestException(message);

        internal static void RequireNotNull([NotNull] object? value, string assertion, [CallerArgumentExpression(nameof(value))] string name = "")
        {
            if (value is null)
            {
                Fail(assertion, $"The argument '{name}' is null.", null);
            }
        }

        [DoesNotReturn]
        internal static void Fail(string assertion, string reason, string? message, Exception? cause = null)
        {
            string text = $"{assertion} failed. {reason}";
            if (!string.IsNullOrEmpty(message))
            {
                text += " " + message;
            }

            throw cause is null ? new AssertFailedException(text) : new AssertFailedException(text, cause);
        }

        internal static string Show(object? value) => value switch
        {
            null => "null",
            string text => $"\"{text}\"",
            char c => $"'{c}'",
            byte[] bytes => bytes.Length <= 64 ? Convert.ToHexString(bytes) : $"{Convert.ToHexString(bytes, 0, 64)}... ({bytes.Length} bytes)",
            DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "null",
        };
    }
}
