// The device's identity: certificate and key of the Thing and the CA that the broker must chain to. Read once, at boot.

using System;

namespace Firmware.Connectivity
{
    /// <summary>Certificates and key as PEM. Never logged, never leaves the device.</summary>
    public sealed class Credentials
    {
        /// <summary>Creates the credentials.</summary>
        /// <param name="ca">The CA certificates that are trusted, PEM.</param>
        /// <param name="certificate">The device's certificate, PEM; null to use the one stored in the device.</param>
        /// <param name="key">The key of the certificate, PEM; null to use the one stored in the device.</param>
        public Credentials(byte[] ca, byte[] certificate, byte[] key)
        {
            Ca = EndWithNul(ca);
            Certificate = EndWithNul(certificate);
            Key = EndWithNul(key);
        }

        /// <summary>For a connection that shows no certificate, because something above TLS says who the device is.</summary>
        /// <param name="ca">The CA certificates that are trusted, PEM; null to use the bundle stored in the device.</param>
        /// <returns>The credentials.</returns>
        public static Credentials WithoutCertificate(byte[] ca)
        {
            return new Credentials(ca, null, null) { ShowsNoCertificate = true };
        }

        /// <summary>True if the device shows no certificate.</summary>
        public bool ShowsNoCertificate { get; private set; }

        /// <summary>The trusted CA certificates, PEM, ending with NUL; null to use the bundle stored in the device.</summary>
        public byte[] Ca { get; }

        /// <summary>The device's certificate, PEM, ending with NUL; null if it is stored in the device.</summary>
        public byte[] Certificate { get; }

        /// <summary>The key, PEM, ending with NUL; null if it is stored in the device.</summary>
        public byte[] Key { get; }

        /// <summary>True if certificate and key are those that were provisioned into the device (nanoff, network deployment).</summary>
        public bool IsStoredInDevice
        {
            get { return Certificate == null && !ShowsNoCertificate; }
        }

        // mbedTLS takes bytes for PEM only if they end with NUL; otherwise it tries DER and fails with an unhelpful error
        private static byte[] EndWithNul(byte[] pem)
        {
            if (pem == null || (pem.Length > 0 && pem[pem.Length - 1] == 0))
            {
                return pem;
            }

            byte[] ended = new byte[pem.Length + 1];
            Array.Copy(pem, ended, pem.Length);
            return ended;
        }
    }
}
