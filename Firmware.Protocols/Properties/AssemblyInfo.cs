using System.Reflection;

[assembly: AssemblyTitle("Firmware.Protocols")]
[assembly: AssemblyProduct("Firmware.Protocols")]
[assembly: AssemblyVersion("0.1.0.0")]
