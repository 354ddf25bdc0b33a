// The two exceptions that nanoFramework.TestFramework 3.0's Assert throws: a failed assertion and a skipped test.
// Source: the public surface of nanoFramework.TestFramework 3.0.80 (nano/api/nanoFramework.TestFramework.txt).
using System;

namespace TestFrameworkShared
{
    /// <summary>An assertion did not hold; the message says which one, what was expected and what was found.</summary>
    public class AssertFailedException : Exception
    {
        /// <summary>A failure without a message.</summary>
        public AssertFailedException()
        {
        }

        /// <summary>A failure.</summary>
        /// <param name="msg">What was expected and what was found.</param>
        public AssertFailedException(string msg) : base(msg)
        {
        }

        /// <summary>A failure that another exception caused.</summary>
        /// <param name="msg">What was expected and what was found.</param>
        /// <param name="ex">The cause.</param>
        public AssertFailedException(string msg, Exception ex) : base(msg, ex)
        {
        }
    }
}

namespace nanoFramework.TestFramework
{
    /// <summary>The test cannot run here; the message says why. Reported as skipped, never as passed.</summary>
    public class SkipTestException : Exception
    {
        /// <summary>Skips the running test, or, thrown from Setup, all tests of the class.</summary>
        /// <param name="message">Why the test cannot run here.</param>
        /// <param name="innerException">The cause, if an exception told so.</param>
        public SkipTestException(string? message = default, Exception? innerException = default) : base(message, innerException)
        {
        }
    }
}
