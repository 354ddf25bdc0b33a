using System.Reflection;

[assembly: AssemblyTitle("NFUnitTest")]
[assembly: AssemblyProduct("Firmware.Tests")]
[assembly: AssemblyVersion("0.1.0.0")]
