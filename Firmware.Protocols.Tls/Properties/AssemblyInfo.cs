using System.Reflection;

[assembly: AssemblyTitle("Firmware.Protocols.Tls")]
[assembly: AssemblyProduct("Firmware.Protocols.Tls")]
[assembly: AssemblyVersion("0.1.0.0")]

// The version of the native half that this assembly is made for: the image's must be the same. Raise it with every change of TlsEngine's calls.
[assembly: AssemblyNativeVersion("1.0.0.0")]
