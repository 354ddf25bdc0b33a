// PEM files of certificates and keys: read with errors that name the file, written whole or not at all, keys for their owner's eyes only.

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Firmware.Simulator.Aws;

/// <summary>Reads and writes the PEM files of <see cref="DevelopmentCertificates"/>.</summary>
internal static class PemFiles
{
    internal static ECDsa ReadKey(string path)
    {
        string text = ReadText(path);
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw Unreadable(path, "a private key", e);
        }
    }

    internal static X509Certificate2 ReadCertificate(string path)
    {
        string text = ReadText(path);
        try
        {
            return X509Certificate2.CreateFromPem(text);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw Unreadable(path, "a certificate", e);
        }
    }

    internal static X509Certificate2 Join(X509Certificate2 certificate, ECDsa key, CertificateFiles files)
    {
        X509Certificate2 joined;
        try
        {
            joined = certificate.CopyWithPrivateKey(key);
        }
        catch (ArgumentException e)
        {
            throw new StandInException(
                $"{files.KeyPath} is not the key of {files.CertificatePath}; put the right one back, or delete both and they are made anew", e);
        }

        if (!OperatingSystem.IsWindows())
        {
            return joined;
        }

        // Windows' TLS cannot use a key that lives in memory only.
        using (joined)
        {
            return X509CertificateLoader.LoadPkcs12(joined.Export(X509ContentType.Pfx), null);
        }
    }

    internal static void WriteKey(string path, ECDsa key) => WriteText(path, key.ExportPkcs8PrivateKeyPem() + "\n", isKey: true);

    /// <summary>Writes beside the file and moves over it, so that a crash leaves the old file or the new one, never half of one.</summary>
    internal static void WriteText(string path, string text, bool isKey)
    {
        string temporary = path + "." + Path.GetRandomFileName() + ".tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (isKey && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StandInException($"{path} cannot be written ({e.Message}); make its folder writable or choose another state folder", e);
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StandInException($"{path} cannot be read ({e.Message}); make it readable for this user", e);
        }
    }

    private static StandInException Unreadable(string path, string what, Exception e)
    {
        // A new CA needs a person's decision; every other file can be made again from what is there.
        string advice = Path.GetFileNameWithoutExtension(path) == "ca"
            ? $"delete the folder {Path.GetDirectoryName(path)} to start with a new CA (devices then need new certificates)"
            : $"delete {path} and it is made anew";
        return new StandInException($"{path} does not hold {what} as PEM ({e.Message}); put the right file back, or {advice}", e);
    }
}
