// Fetches the device's identity from where the configuration says it is.

using System;
using Firmware.Protocols.Aws;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Settings;

namespace Firmware.Connectivity
{
    /// <summary>Reads CA, certificate and key from storage.</summary>
    public static class CredentialsReader
    {
        private static readonly byte[] AccessKeyId = Bytes.FromString("accessKeyId");
        private static readonly byte[] SecretAccessKey = Bytes.FromString("secretAccessKey");
        private static readonly byte[] SessionToken = Bytes.FromString("sessionToken");

        /// <summary>Reads the files.</summary>
        /// <param name="configuration">Their names, or that certificate and key are stored in the device.</param>
        /// <param name="storage">Where files are.</param>
        /// <returns>The credentials.</returns>
        /// <exception cref="ConfigurationException">A file is missing.</exception>
        public static Credentials Read(DeviceConfiguration configuration, Storage storage)
        {
            if (configuration.WebSocketRegion != null)
            {
                return Credentials.WithoutCertificate(Require(storage, configuration.CaFile, "tls.ca", "the CA of the broker; for AWS IoT Core certs/amazon-root-ca-1.pem"));
            }

            if (configuration.UseStoredCertificate)
            {
                return new Credentials(storage.Exists(configuration.CaFile) ? storage.Read(configuration.CaFile) : null, null, null);
            }

            return new Credentials(
                Require(storage, configuration.CaFile, "tls.ca", "the CA of the broker; for AWS IoT Core certs/amazon-root-ca-1.pem"),
                Require(storage, configuration.CertificateFile, "tls.certificate", "the certificate of this thing; certs/README.md tells how to get it"),
                Require(storage, configuration.KeyFile, "tls.key", "the key of the certificate; certs/README.md tells how to get it"));
        }

        /// <summary>Reads the access key for MQTT over WebSocket.</summary>
        /// <param name="configuration">The file's name.</param>
        /// <param name="storage">Where files are.</param>
        /// <returns>The key.</returns>
        /// <exception cref="ConfigurationException">The file is missing, or is not what it must be. Nothing of its content is told.</exception>
        public static AwsCredentials ReadAws(DeviceConfiguration configuration, Storage storage)
        {
            string name = configuration.WebSocketCredentialsFile;
            byte[] file = Require(storage, name, "websocket.credentials", "{\"accessKeyId\":\"...\",\"secretAccessKey\":\"...\"}, with a temporary key its \"sessionToken\", too");
            byte[] id = null;
            byte[] secret = null;
            byte[] token = null;
            JsonReader json = new JsonReader(1);
            json.Reset(file, 0, file.Length);
            bool isRight = json.Read() == JsonToken.BeginObject;
            while (isRight && json.Read() == JsonToken.Name)
            {
                bool isId = json.TokenIs(AccessKeyId);
                bool isSecret = json.TokenIs(SecretAccessKey);
                isRight = (isId || isSecret || json.TokenIs(SessionToken)) && json.Read() == JsonToken.String;
                if (isRight)
                {
                    byte[] value = new byte[json.TokenLength];
                    int length = json.CopyString(value, 0, value.Length);
                    byte[] exact = new byte[length];
                    Array.Copy(value, exact, length);
                    id = isId ? exact : id;
                    secret = isSecret ? exact : secret;
                    token = isId || isSecret ? token : exact;
                }
            }

            if (!isRight || json.Error != JsonError.None || id == null || secret == null || id.Length == 0 || secret.Length == 0 || secret.Length > SigV4Signer.MaxSecretLength)
            {
                throw new ConfigurationException(storage.FullName(name)
                    + " (websocket.credentials) is not what it must be: {\"accessKeyId\":\"...\",\"secretAccessKey\":\"...\"}, with a temporary key its \"sessionToken\", too");
            }

            return new AwsCredentials(id, secret, token);
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
