using System.Reflection;

[assembly: AssemblyTitle("Firmware.Drivers")]
[assembly: AssemblyProduct("Firmware.Drivers")]
[assembly: AssemblyVersion("0.1.0.0")]
