// What nanoFramework's metadata processor makes of an assembly with native methods, recomputed: the order of its method table, the names of its native
// methods, and the checksum by which nanoCLR knows that image and assembly belong together. Read from the compiled assembly, as the processor does.
// Left out: generic, nested and by-reference types, which the assembly does not have (an exception says so).

using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Firmware.Tests.Host.Tls;

/// <summary>One method of an assembly; a managed one has no names.</summary>
internal sealed record NativeMethod(string Class, string? Name);

/// <summary>The method table of an assembly as nanoCLR sees it.</summary>
internal static class NativeDeclarations
{
    private const uint Polynomial = 0x04C11DB7;

    /// <summary>The sources of a device project that hold no assembly attributes, compiled as the device's build does.</summary>
    internal static byte[] Compile(string projectFile)
    {
        string folder = Path.GetDirectoryName(projectFile)!;
        XNamespace ns = "http://schemas.microsoft.com/developer/msbuild/2003";
        CSharpParseOptions options = new(LanguageVersion.CSharp9, preprocessorSymbols: ["NANOFRAMEWORK_1_0"]);
        SyntaxTree[] trees = [.. XDocument.Load(projectFile).Descendants(ns + "Compile").Select(c => ((string)c.Attribute("Include")!).Replace('\\', '/'))
            .Where(f => !f.StartsWith("Properties/", StringComparison.Ordinal))
            .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(folder, f)), options, f))];
        PortableExecutableReference[] references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(f => Path.GetFileName(f).StartsWith("System.", StringComparison.Ordinal)).Select(f => MetadataReference.CreateFromFile(f))];
        using MemoryStream image = new();
        var result = CSharpCompilation.Create(Path.GetFileNameWithoutExtension(projectFile), trees, references, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)).Emit(image);
        return result.Success ? image.ToArray() : throw new InvalidOperationException(string.Join("\n", result.Diagnostics));
    }

    /// <summary>All methods in the order of the table: type by type; in a type the virtual ones, those of instances, the static ones.</summary>
    internal static List<NativeMethod> Methods(byte[] assembly)
    {
        using PEReader pe = new(ImmutableArray.Create(assembly));
        MetadataReader reader = pe.GetMetadataReader();
        List<NativeMethod> methods = [];
        foreach (TypeDefinition type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            string name = (reader.GetString(type.Namespace) + "." + reader.GetString(type.Name)).TrimStart('.');
            methods.AddRange(type.GetMethods().Select(reader.GetMethodDefinition).OrderBy(Rank).Select(m => new NativeMethod(name, NativeName(reader, m))));
        }

        return methods;
    }

    /// <summary>The checksum: CRC-32 over assembly, class and method name of each native method, and "NULL" for each managed one; as long as no native
    /// method was counted, it begins anew at 0.</summary>
    internal static uint Checksum(string assembly, IEnumerable<NativeMethod> methods)
    {
        uint crc = 0;
        bool counted = false;
        void Add(string text) => crc = Crc(text, counted ? crc : 0);
        foreach (NativeMethod method in methods)
        {
            if (method.Name is null)
            {
                Add("NULL");
                continue;
            }

            Add(assembly);
            Add(method.Class.Replace('.', '_'));
            Add(method.Name);
            counted = true;
        }

        return counted ? crc : 0;
    }

    private static uint Crc(string text, uint crc)
    {
        foreach (byte value in Encoding.ASCII.GetBytes(text))
        {
            crc ^= (uint)value << 24;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000_0000) != 0 ? (crc << 1) ^ Polynomial : crc << 1;
            }
        }

        return crc;
    }

    private static int Rank(MethodDefinition method) => (method.Attributes & MethodAttributes.Virtual) != 0 ? 0 : (method.Attributes & MethodAttributes.Static) == 0 ? 1 : 2;

    private static string? NativeName(MetadataReader reader, MethodDefinition method)
    {
        if (method.RelativeVirtualAddress != 0 || (method.Attributes & MethodAttributes.Abstract) != 0)
        {
            return null;
        }

        MethodSignature<string> signature = method.DecodeSignature(new NameProvider(), null);
        string between = (method.Attributes & MethodAttributes.Static) != 0 ? "___STATIC__" : "___";
        return (reader.GetString(method.Name) + between + string.Join("__", signature.ParameterTypes.Insert(0, signature.ReturnType))).Replace(".", "_", StringComparison.Ordinal);
    }

    /// <summary>nanoFramework's names of types.</summary>
    private sealed class NameProvider : ISignatureTypeProvider<string, object?>
    {
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Void => "VOID",
            PrimitiveTypeCode.Boolean => "BOOLEAN",
            PrimitiveTypeCode.Char => "CHAR",
            PrimitiveTypeCode.SByte => "I1",
            PrimitiveTypeCode.Byte => "U1",
            PrimitiveTypeCode.Int16 => "I2",
            PrimitiveTypeCode.UInt16 => "U2",
            PrimitiveTypeCode.Int32 => "I4",
            PrimitiveTypeCode.UInt32 => "U4",
            PrimitiveTypeCode.Int64 => "I8",
            PrimitiveTypeCode.UInt64 => "U8",
            PrimitiveTypeCode.Single => "R4",
            PrimitiveTypeCode.Double => "R8",
            PrimitiveTypeCode.String => "STRING",
            PrimitiveTypeCode.Object => "OBJECT",
            _ => throw Unknown(),
        };

        public string GetSZArrayType(string elementType) => "SZARRAY_" + elementType;

        public string GetArrayType(string elementType, ArrayShape shape) => throw Unknown();

        public string GetByReferenceType(string elementType) => throw Unknown();

        public string GetFunctionPointerType(MethodSignature<string> signature) => throw Unknown();

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => throw Unknown();

        public string GetGenericMethodParameter(object? genericContext, int index) => throw Unknown();

        public string GetGenericTypeParameter(object? genericContext, int index) => throw Unknown();

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => throw Unknown();

        public string GetPinnedType(string elementType) => throw Unknown();

        public string GetPointerType(string elementType) => throw Unknown();

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => throw Unknown();

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => throw Unknown();

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => throw Unknown();

        private static NotSupportedException Unknown() => new("numbers, strings and arrays of them are all that native methods here may take");
    }
}
