// Host only, and not in nanoFramework's namespace: the device's launcher runs classes one after the other, and has no processes to wait for.

namespace Firmware.Simulator.TestFramework;

/// <summary>Marks a test class that mostly waits for other processes and shares nothing with the other classes of this process (no console, no board): it runs
/// beside those that are not marked. The marked ones run one after the other among themselves. What its tests write to the console is not captured.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class RunsBesideAttribute : Attribute;

/// <summary>Marks a test class that measures the whole process, such as its heap: it runs after all others.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class RunsAloneAttribute : Attribute;
