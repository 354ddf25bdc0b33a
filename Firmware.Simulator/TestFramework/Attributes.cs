// nanoFramework.TestFramework 3.0's attributes, for tests that run unchanged on the host and on a device.
// Source of names and usages: the public surface of nanoFramework.TestFramework 3.0.80 (nano/api/nanoFramework.TestFramework.txt).
// What they make happen is in TestFramework.cs (which methods) and TestSession.cs (in which order).
using System;

namespace nanoFramework.TestFramework
{
    /// <summary>Marks a class whose test methods are run. The class is static: the device's launcher has no instance to call methods on.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class TestClassAttribute : Attribute
    {
        /// <summary>Gives the attribute that stands for a test method of this class.</summary>
        /// <param name="testMethodAttribute">The attribute found on the method.</param>
        /// <returns>The same attribute.</returns>
        public virtual TestMethodAttribute GetTestMethodAttribute(TestMethodAttribute testMethodAttribute) => testMethodAttribute;
    }

    /// <summary>Marks a <c>public static void</c> method without parameters as a test. With <see cref="DataRowAttribute"/> beside it, only the rows are run.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
    public class TestMethodAttribute : Attribute
    {
    }

    /// <summary>One run of a test method with these arguments. Keep it on one line: the device's adapter finds the tests by reading the source.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
    public class DataRowAttribute : Attribute
    {
        /// <summary>Makes a row.</summary>
        /// <param name="methodParameters">The arguments, in the order of the method's parameters.</param>
        public DataRowAttribute(params object[] methodParameters) => MethodParameters = methodParameters;

        /// <summary>The arguments, in the order of the method's parameters. Lives as long as the attribute.</summary>
        public object[] MethodParameters { get; }
    }

    /// <summary>Marks the method that runs once before the tests of its class. If it skips, the tests of the class are skipped; if it fails, they run all the same.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
    public class SetupAttribute : Attribute
    {
    }

    /// <summary>Marks the method that runs once after the tests of its class, unless its Setup was skipped.</summary>
    [AttributeUsage(AttributeTargets.Method, AllowMultiple = false)]
    public class CleanupAttribute : Attribute
    {
    }
}
