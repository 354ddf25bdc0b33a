// Fetches the device's identity from where the configuration says it is.

using Firmware.Settings;

namespace Firmware.Connectivity
{
    /// <summary>Reads CA, certificate and key from storage.</summary>
    public static class CredentialsReader
    {
        /// <summary>Reads the files.</summary>
        /// <param name="configuration">Their names, or that certificate and key are stored in the device.</param>
        /// <param name="storage">Where files are.</param>
        /// <returns>The credentials.</returns>
        /// <exception cref="ConfigurationException">A file is missing.</exception>
        public static Credentials Read(DeviceConfiguration configuration, Storage storage)
        {
            if (configuration.UseStoredCertificate)
            {
                return new Credentials(storage.Exists(configuration.CaFile) ? storage.Read(configuration.CaFile) : null, null, null);
            }

            return new Credentials(
                Require(storage, configuration.CaFile, "tls.ca", "the CA of the broker; for AWS IoT Core certs/amazon-root-ca-1.pem"),
                Require(storage, configuration.CertificateFile, "tls.certificate", "the certificate of this thing; certs/README.md tells how to get it"),
                Require(storage, configuration.KeyFile, "tls.key", "the key of the certificate; certs/README.md tells how to get it"));
        }

        private static byte[] Require(Storage storage, string name, string field, string what)
        {
            if (!storage.Exists(name))
            {
                throw new ConfigurationException(storage.FullName(name) + " (" + field + ") is missing: put there " + what);
            }

            return storage.Read(name);
        }
    }
}
