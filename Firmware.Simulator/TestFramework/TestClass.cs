// Finds the tests of an assembly by nanoFramework.TestFramework's attributes, in the order in which the device's launcher would run them
// (source: UnitTestLauncher of TestFramework 3.0): in each class Setup, then all [TestMethod]s without rows, then all [DataRow]s, then Cleanup.
// What would silently not run on a device, or run there without its instance, is found too and fails.
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using nanoFramework.TestFramework;

namespace Firmware.Simulator.TestFramework;

/// <summary>A class of tests: what runs once before, the tests, what runs once after.</summary>
internal sealed record TestClass(Type Type, TestCase[] Setup, TestCase[] Tests, TestCase[] Cleanup)
{
    private const BindingFlags AnyMethod =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <summary>All test classes of an assembly that have tests, by name, so that the order is the same on every machine.</summary>
    public static TestClass[] FindIn(Assembly assembly) =>
        [.. assembly.GetTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).Select(Find).Where(found => found.Tests.Length > 0)];

    private static TestClass Find(Type type)
    {
        // metadata tokens count in source order
        MethodInfo[] methods = [.. type.GetMethods(AnyMethod).OrderBy(method => method.MetadataToken)];
        string? defect = type.IsDefined(typeof(TestClassAttribute)) ? null : $"{type.Name} has tests but no [TestClass]: the device would never run them.";

        IEnumerable<TestCase> plain = Marked<TestMethodAttribute>(methods)
            .Where(method => !method.IsDefined(typeof(DataRowAttribute)))
            .Select(method => new TestCase(method, null, 0, defect));
        IEnumerable<TestCase> rows = Marked<DataRowAttribute>(methods)
            .SelectMany(method => method.GetCustomAttributes<DataRowAttribute>()
                .Select((row, index) => new TestCase(method, row.MethodParameters, index + 1, defect)));

        return new TestClass(type, Once<SetupAttribute>(methods), [.. plain, .. rows], Once<CleanupAttribute>(methods));
    }

    private static TestCase[] Once<T>(MethodInfo[] methods) where T : Attribute =>
        [.. Marked<T>(methods).Select(method => new TestCase(method, null, 0, null))];

    private static IEnumerable<MethodInfo> Marked<T>(MethodInfo[] methods) where T : Attribute =>
        methods.Where(method => method.IsDefined(typeof(T)));
}

/// <summary>One call of a test method. <c>Row</c> counts its data rows from 1 and is 0 without rows.</summary>
internal sealed record TestCase(MethodInfo Method, object?[]? Arguments, int Row, string? Defect)
{
    private const int LongestShownText = 60;

    /// <summary>Namespace, class and method.</summary>
    public string FullName => $"{Method.DeclaringType!.FullName}.{Method.Name}";

    /// <summary>Unique in the assembly.</summary>
    public string Uid => Row == 0 ? FullName : $"{FullName}#{Row.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The sentence that the method's name is, with the row's arguments.</summary>
    public string DisplayName
    {
        get
        {
            string sentence = Method.Name.Replace('_', ' ');
            return Arguments is null ? sentence : $"{sentence} ({string.Join(", ", Arguments.Select(Shorten))})";
        }
    }

    /// <summary>Whether the filter's text occurs in the name or in the display name.</summary>
    public bool Matches(string? filter) => filter is null
        || FullName.Contains(filter, StringComparison.OrdinalIgnoreCase)
        || DisplayName.Contains(filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Calls the method on the current thread, without an instance, and lets its exception through unwrapped.</summary>
    /// <exception cref="InvalidOperationException">The method is declared so that the device would not run it.</exception>
    public void Invoke()
    {
        if ((Defect ?? DefectOfMethod()) is { } defect)
        {
            throw new InvalidOperationException(defect);
        }

        object? result = Method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, Arguments, CultureInfo.InvariantCulture);
        (result as Task)?.GetAwaiter().GetResult();
    }

    // Host-only tests may return a Task; the device has none, and its checker refuses async.
    private string? DefectOfMethod()
    {
        bool returnsNothing = Method.ReturnType == typeof(void) && !Method.IsDefined(typeof(AsyncStateMachineAttribute));
        return Method is { IsPublic: true, IsStatic: true } && (returnsNothing || typeof(Task).IsAssignableFrom(Method.ReturnType))
            ? null
            : $"{FullName} is not a 'public static void' method: the device's launcher calls test methods with no instance.";
    }

    private static string Shorten(object? value)
    {
        string text = Assert.Show(value);
        return text.Length <= LongestShownText ? text : string.Concat(text.AsSpan(0, LongestShownText), "...");
    }
}
