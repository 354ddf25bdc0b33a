// The four places that say what the native TLS engine is called like, held together: TlsEngine.Nano.cs, the C++ table for nanoCLR, TlsEngine.Host.cs, and
// the C header. A failure says what has to stand there.

using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Firmware.Protocols.Tls;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Tls;

[TestClass]
public static partial class NativeTableTest
{
    private const string Assembly = "Firmware.Protocols.Tls";
    private static readonly string Project = Repository.PathOf(Assembly);
    private static readonly Lazy<List<NativeMethod>> Methods = new(() => NativeDeclarations.Methods(NativeDeclarations.Compile(Path.Combine(Project, Assembly + ".nfproj"))));

    // Tables and checksums of nanoFramework's own libraries, from the sources of its interpreter: the count of managed methods, or the name of a native one.
    [TestMethod]
    [DataRow("nanoFramework.System.IO.Hashing", 0xEBD8ED20u, "7 System.IO.Hashing.Crc32:ComputeHash___STATIC__U4__U4__SystemSpanByte")]
    [DataRow("System.Device.Adc", 0xE5B80F0Bu, "5 System.Device.Adc.AdcChannel:NativeReadValue___I4 System.Device.Adc.AdcChannel:NativeDisposeChannel___VOID 9 "
        + "System.Device.Adc.AdcController:NativeOpenChannel___VOID__I4 System.Device.Adc.AdcController:NativeGetChannelCount___I4 System.Device.Adc.AdcController:NativeGetMaxValue___I4 "
        + "System.Device.Adc.AdcController:NativeGetMinValue___I4 System.Device.Adc.AdcController:NativeIsChannelModeSupported___BOOLEAN__I4 "
        + "System.Device.Adc.AdcController:NativeGetResolutionInBits___I4 System.Device.Adc.AdcController:NativeInit___VOID 13")]
    [DataRow("Nothing.Native", 0u, "3")]
    public static void Checksum_is_nanoframeworks(string assembly, uint checksum, string table)
    {
        List<NativeMethod> methods = [.. table.Split(' ').SelectMany(word => int.TryParse(word, out int managed)
            ? Enumerable.Repeat(new NativeMethod("", null), managed)
            : [new NativeMethod(word[..word.IndexOf(':')], word[(word.IndexOf(':') + 1)..])])];
        Assert.AreEqual(checksum, NativeDeclarations.Checksum(assembly, methods), "checksum");
    }

    [TestMethod]
    public static void Only_native_calls_are_in_the_assembly()
    {
        foreach (NativeMethod method in Methods.Value)
        {
            Assert.IsTrue(method.Name is not null && method.Class == "Firmware.Protocols.Tls.TlsEngine", $"a managed method of {method.Class} would change the checksum, and every image with it");
        }
    }

    [TestMethod]
    public static void Table_and_checksum_in_cpp_are_those_of_the_compiled_assembly()
    {
        string cpp = Read("native/nano/firmware_protocols_tls.cpp");
        string header = Read("native/nano/firmware_protocols_tls.h");
        string calls = Read("native/nano/firmware_protocols_tls_calls.cpp");
        string right = string.Join("\n", Methods.Value.Select(m => $"    TlsEngine::{m.Name},"));
        string table = string.Join("\n", TableEntry().Matches(cpp).Select(m => m.Value.TrimEnd()));
        Assert.AreEqual(right, table, $"method_lookup has to be\n{right}\n");
        uint checksum = NativeDeclarations.Checksum(Assembly, Methods.Value);
        Assert.Contains($"\"{Assembly}\",\n    0x{checksum:X8},", cpp, $"the checksum has to be 0x{checksum:X8}");
        foreach (NativeMethod method in Methods.Value)
        {
            Assert.Contains($"NANOCLR_NATIVE_DECLARE({method.Name});", header);
            Assert.Contains($"HRESULT TlsEngine::{method.Name}(CLR_RT_StackFrame &stack)", calls);
        }

        string version = NativeVersion().Match(Read("Properties/AssemblyInfo.cs")).Groups[1].Value;
        Assert.Contains($"{{ {version.Replace(".", ", ", StringComparison.Ordinal)} }}", cpp, $"AssemblyNativeVersion is {version}");
    }

    [TestMethod]
    public static void Every_source_of_the_core_is_in_the_image()
    {
        string cmake = Read("native/nano/FindINTEROP-Firmware.Protocols.Tls.cmake");
        foreach (string folder in (string[])["core", "nano"])
        {
            foreach (string file in Directory.GetFiles(Path.Combine(Project, "native", folder)).Select(f => Path.GetFileName(f)!).Where(f => f.EndsWith(".c", StringComparison.Ordinal) || f.EndsWith(".cpp", StringComparison.Ordinal)))
            {
                Assert.Contains($"${{FIRMWARE_TLS_PATH}}/{folder}/{file}\n", cmake);
            }
        }
    }

    [TestMethod]
    public static void Pc_has_the_calls_of_the_device_and_of_the_header()
    {
        string header = Read("native/core/tls_engine.h");
        Type host = typeof(TlsEngine);
        foreach (NativeMethod method in Methods.Value)
        {
            string name = method.Name![..method.Name!.IndexOf("___", StringComparison.Ordinal)];
            Assert.IsTrue(host.GetMethod(name, BindingFlags.Public | BindingFlags.Static) is not null, $"TlsEngine.Host.cs lacks {name}");
            string c = "tls_" + Capital().Replace(name, m => (m.Index > 0 ? "_" : "") + m.Value.ToLowerInvariant());
            Assert.Contains($" {c}(", header);
        }

        Assert.AreEqual(Methods.Value.Count, host.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Length, "calls on a PC");
        foreach (MethodInfo imported in host.GetMethods(BindingFlags.NonPublic | BindingFlags.Static).Where(m => m.GetCustomAttribute<DllImportAttribute>() is not null))
        {
            Assert.Contains($" {imported.Name}(", header);
        }
    }

    [TestMethod]
    public static void Constants_are_those_of_the_header()
    {
        Dictionary<string, int> header = Define().Matches(Read("native/core/tls_engine.h"))
            .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value.Trim('(', ')'), CultureInfo.InvariantCulture));
        header.Remove("WINDOW_MAX");
        Dictionary<string, int> code = [];
        Collect(code, typeof(TlsItem), name => Snake(Regex.Replace(name, "^Number", "Num")));
        Collect(code, typeof(TlsFlags), Snake);
        Collect(code, typeof(TlsError), name => "E_" + Snake(name));
        Assert.AreEqual(Text(header.Where(h => h.Key != "ENGINES")), Text(code));
    }

    private static void Collect(Dictionary<string, int> into, Type type, Func<string, string> name)
    {
        foreach (FieldInfo field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            into.Add(name(field.Name), (int)field.GetRawConstantValue()!);
        }
    }

    private static string Text(IEnumerable<KeyValuePair<string, int>> constants) => string.Join("\n", constants.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));

    private static string Snake(string name) => Capital().Replace(name, m => (m.Index > 0 ? "_" : "") + m.Value).ToUpperInvariant();

    private static string Read(string file) => File.ReadAllText(Path.Combine(Project, file)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"^    TlsEngine::\w+,$", RegexOptions.Multiline)]
    private static partial Regex TableEntry();

    [GeneratedRegex("AssemblyNativeVersion\\(\"([0-9.]+)\"\\)")]
    private static partial Regex NativeVersion();

    [GeneratedRegex(@"^#define TLS_(\w+) (\(-\d+\)|\d+)", RegexOptions.Multiline)]
    private static partial Regex Define();

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}
