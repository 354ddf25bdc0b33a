using System.Reflection;

[assembly: AssemblyTitle("Firmware")]
[assembly: AssemblyProduct("Firmware")]
[assembly: AssemblyVersion("0.1.0.0")]
