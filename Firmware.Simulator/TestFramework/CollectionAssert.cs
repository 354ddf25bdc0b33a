// nanoFramework.TestFramework 3.0's CollectionAssert. Source: the public surface of nanoFramework.TestFramework 3.0.80.
// Two collections are equal if they hold equal elements in the same order; elements that are collections themselves are compared as objects.
using System.Collections;
using System.Diagnostics;
using TestFrameworkShared;

namespace nanoFramework.TestFramework
{
    /// <summary>Assertions about arrays and other collections.</summary>
    [StackTraceHidden]
    public sealed class CollectionAssert
    {
        /// <summary>Fails unless both collections hold equal elements in the same order.</summary>
        /// <param name="expected">The elements that the test expects.</param>
        /// <param name="actual">The elements that the code under test gave.</param>
        /// <param name="message">What the collection is.</param>
        /// <exception cref="AssertFailedException">They differ; the message names the first difference.</exception>
        public static void AreEqual(ICollection? expected, ICollection? actual, string? message = "")
        {
            string? difference = FirstDifference(expected, actual);
            if (difference is not null)
            {
                Assert.Fail("CollectionAssert.AreEqual", difference, message);
            }
        }

        /// <summary>Fails if both collections hold equal elements in the same order.</summary>
        /// <param name="notExpected">The elements that the test expects not to find.</param>
        /// <param name="actual">The elements that the code under test gave.</param>
        /// <param name="message">What the collection is.</param>
        /// <exception cref="AssertFailedException">They hold the same.</exception>
        public static void AreNotEqual(ICollection? notExpected, ICollection? actual, string? message = "")
        {
            if (FirstDifference(notExpected, actual) is null)
            {
                Assert.Fail("CollectionAssert.AreNotEqual", "Both hold equal elements in the same order.", message);
            }
        }

        /// <summary>Fails unless the collection has no elements.</summary>
        /// <param name="collection">What the test expects to be empty.</param>
        /// <param name="message">What the collection is.</param>
        /// <exception cref="AssertFailedException">It has elements or is null.</exception>
        public static void Empty(ICollection? collection, string? message = "")
        {
            Assert.RequireNotNull(collection, "CollectionAssert.Empty");
            if (collection.Count != 0)
            {
                Assert.Fail("CollectionAssert.Empty", $"Expected no elements. Actual: {collection.Count}.", message);
            }
        }

        /// <summary>Fails if the collection has no elements.</summary>
        /// <param name="collection">What the test expects to have elements.</param>
        /// <param name="message">What the collection is.</param>
        /// <exception cref="AssertFailedException">It has none or is null.</exception>
        public static void NotEmpty(ICollection? collection, string? message = "")
        {
            Assert.RequireNotNull(collection, "CollectionAssert.NotEmpty");
            if (collection.Count == 0)
            {
                Assert.Fail("CollectionAssert.NotEmpty", "Expected elements. Actual: none.", message);
            }
        }

        private static string? FirstDifference(ICollection? expected, ICollection? actual)
        {
            if (ReferenceEquals(expected, actual))
            {
                return null;
            }

            if (expected is null || actual is null)
            {
                return $"Expected: {(expected is null ? "null" : "a collection")}. Actual: {(actual is null ? "null" : "a collection")}.";
            }

            IEnumerator left = expected.GetEnumerator();
            IEnumerator right = actual.GetEnumerator();
            for (int i = 0; left.MoveNext() && right.MoveNext(); i++)
            {
                if (!Equals(left.Current, right.Current))
                {
                    string lengths = expected.Count == actual.Count ? "" : $" Expected {expected.Count} elements. Actual: {actual.Count}.";
                    return $"Element {i}: expected {Assert.Show(left.Current)}, actual {Assert.Show(right.Current)}.{lengths}";
                }
            }

            return expected.Count == actual.Count ? null : $"Expected {expected.Count} elements. Actual: {actual.Count}; the first ones are equal.";
        }
    }
}
