// Where the tests find the repository's own files: above the folder that they run in.

namespace Firmware.Tests.Host;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The full path of a file of the repository.</summary>
    /// <param name="parts">The file, folder by folder from the top.</param>
    internal static string PathOf(params string[] parts)
    {
        string file = Path.Combine(parts);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, file);
            if (Path.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException($"{file} is not above the tests' folder");
    }
}
