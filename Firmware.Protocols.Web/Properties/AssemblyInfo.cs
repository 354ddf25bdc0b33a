using System.Reflection;

[assembly: AssemblyTitle("Firmware.Protocols.Web")]
[assembly: AssemblyProduct("Firmware.Protocols.Web")]
[assembly: AssemblyVersion("0.1.0.0")]
